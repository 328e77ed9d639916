/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/decide.h"

/* One requirement, held against one row. */
struct holding {
	size_t requirement;
	const struct requirement *r;
	enum status least; /* what the grade asks for */
	bool maybe;
	const struct verdict *old_row, *new_row;
};

static bool listed(char *const *list, unsigned n, const char *word)
{
	for (unsigned i = 0; i < n; i++)
		if (streq(list[i], word))
			return true;
	return false;
}

/* Whether a list of words lets `word` pass; an unknown word may or may not be in it. */
static enum applies allowed(char *const *list, unsigned n, const char *word)
{
	if (n == 0)
		return APPLIES_YES;
	if (!word)
		return APPLIES_MAYBE;
	return listed(list, n, word) ? APPLIES_YES : APPLIES_NO;
}

static enum applies requirement_applies(const struct requirement *r, const struct facts *f)
{
	enum applies arch = allowed(r->arch, r->arch_count, f->arch);
	enum applies flavour = allowed(r->flavour, r->flavour_count, f->flavour);

	return arch < flavour ? arch : flavour;
}

void require_prepare(struct deciding *w)
{
	if (!w->policy)
		return;
	w->applies = xcalloc(w->policy->requires_count, sizeof(w->applies[0]));
	w->rows = xcalloc(w->policy->requires_count, sizeof(w->rows[0]));
	for (unsigned i = 0; i < w->policy->requires_count; i++)
		w->applies[i] = requirement_applies(&w->policy->requires[i], w->new_support->facts);
}

static void holding_fails(struct deciding *w, const struct holding *h, enum finding_kind kind,
			  enum finding_state state, const struct iface *iface, bool named, char *alternatives)
{
	size_t at;

	if (h->maybe)
		kind = FINDING_UNKNOWN;
	at = draft_add(w, kind, state, h->old_row, h->new_row, iface);
	w->drafts[at].named |= named;
	w->drafts[at].maybe = h->maybe && (w->drafts[at].maybe || !w->drafts[at].f.required);
	if (!w->drafts[at].alternatives)
		w->drafts[at].alternatives = alternatives;
	else
		free(alternatives);
	draft_link(w, h->requirement, at);
}

static enum finding_kind kind_of(enum status s)
{
	if (s == STATUS_UNKNOWN)
		return FINDING_UNKNOWN;
	return s == STATUS_UNSUPPORTED ? FINDING_DROPPED : FINDING_NARROWED;
}

/* New unless the old kernel is known to have been no better. */
static enum finding_state state_of(const struct holding *h, enum status before, enum status after)
{
	if (!h->old_row)
		return STATE_EXISTING;
	if (before == STATUS_UNKNOWN)
		return after == STATUS_UNKNOWN ? STATE_EXISTING : STATE_NEW;
	return before > after ? STATE_NEW : STATE_EXISTING;
}

/* Whether this class is (part of) why the row does not reach the grade. */
static bool class_short(const struct holding *h, enum iface_class c)
{
	enum need need = row_need(h->new_row, c);
	enum status s = h->new_row->needs[c];

	if (need == NEED_NONE)
		return false;
	/* In a row that does not run, what is merely worse, or unknown, does not matter. */
	if (h->new_row->status == STATUS_UNSUPPORTED)
		return need == NEED_REQUIRED && s == STATUS_UNSUPPORTED;
	if (need == NEED_REQUIRED)
		return s < h->least;
	return h->least == STATUS_SUPPORTED && !status_good(s);
}

/* Whether the old kernel reached through this path what the new one does not reach in the path's class. */
static bool path_was_better(const struct holding *h, const struct path *p)
{
	const struct path *old_path = row_path(h->old_row, p->offer->iface);
	enum status class_now = h->new_row->needs[p->offer->iface->class_];

	if (!old_path || !status_good(old_path->status) || old_path->status <= p->status)
		return false;
	if (class_now == STATUS_DEGRADED)
		return old_path->status == STATUS_SUPPORTED;
	return class_now != STATUS_UNKNOWN || p->status == STATUS_UNKNOWN;
}

static unsigned kind_rank(const struct iface *iface)
{
	static const char *const later[] = { "emulated", "passthrough" };

	for (unsigned i = 0; i < ARRAY_SIZE(later); i++)
		if (iface->kind && streq(iface->kind, later[i]))
			return i + 1;
	return 0;
}

/*
 * How far a path is from meeting the need, the nearest lowest: one that can reach the grade before one that
 * never will, what was made for virtual machines before emulations of hardware, what the kernel speaks in
 * other versions before what it does not speak.
 */
static unsigned path_distance(const struct holding *h, const struct path *p)
{
	bool never = h->least == STATUS_SUPPORTED && p->offer->grade == GRADE_DEGRADED;
	bool unlike =
		h->new_row->needs[p->offer->iface->class_] == STATUS_UNKNOWN && p->status != STATUS_UNKNOWN;
	enum truth present = p->spoken ? p->spoken->present : TRUTH_UNKNOWN;

	return (unlike ? 1000 : 0) + (never ? 100 : 0) + kind_rank(p->offer->iface) * 10 +
	       (TRUTH_YES - present);
}

/* Of equally near ones, the one that came to the host last: what a kernel of today would use there. */
static const struct path *path_nearest(const struct holding *h, enum iface_class c)
{
	const struct path *best = NULL;

	for (size_t i = 0; i < h->new_row->n_paths; i++) {
		const struct path *p = &h->new_row->paths[i];
		unsigned distance, least;

		if (p->offer->iface->class_ != c || !row_path_is_first(h->new_row, i))
			continue;
		p = row_path(h->new_row, p->offer->iface);
		distance = path_distance(h, p);
		least = best ? path_distance(h, best) : distance + 1;
		if (distance < least || (distance == least && p->offer->first > best->offer->first))
			best = p;
	}
	return best;
}

/* The other interfaces of the class that would do as well; NULL when there are none. */
static char *alternatives_to(const struct holding *h, const struct path *chosen)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < h->new_row->n_paths; i++) {
		const struct path *p = &h->new_row->paths[i];
		const struct iface *iface = p->offer->iface;

		if (iface != chosen->offer->iface && iface->class_ == chosen->offer->iface->class_ &&
		    kind_rank(iface) <= kind_rank(chosen->offer->iface) && row_path_is_first(h->new_row, i))
			buf_addf(&b, "%s%s", b.len ? ", " : "", iface->name);
	}
	return b.text;
}

/*
 * One need that is not met well enough: what the old kernel had for it and the new one has not; else the one
 * interface that is nearest to meeting it, for one would do.
 */
static void require_class(struct deciding *w, const struct holding *h, enum iface_class c)
{
	const struct path *nearest;
	enum status now = h->new_row->needs[c];
	enum finding_kind kind = kind_of(now);
	bool found = false;

	if (kind == FINDING_DROPPED && row_need(h->new_row, c) != NEED_REQUIRED)
		kind = FINDING_NARROWED;
	for (size_t i = 0; i < h->new_row->n_paths; i++) {
		const struct iface *iface = h->new_row->paths[i].offer->iface;

		if (iface->class_ != c || !row_path_is_first(h->new_row, i) ||
		    !path_was_better(h, row_path(h->new_row, iface)))
			continue;
		holding_fails(w, h, kind, STATE_NEW, iface, false, NULL);
		found = true;
	}
	nearest = found ? NULL : path_nearest(h, c);
	if (nearest)
		holding_fails(w, h, kind,
			      state_of(h, h->old_row ? h->old_row->needs[c] : STATUS_UNKNOWN, now),
			      nearest->offer->iface, false, alternatives_to(h, nearest));
}

static void require_grade(struct deciding *w, const struct holding *h)
{
	const struct verdict *row = h->new_row;
	size_t before = w->n_links;

	if (row->status >= h->least)
		return;
	for (enum iface_class c = 0; c < CLASS_COUNT; c++)
		if (class_short(h, c))
			require_class(w, h, c);
	if (w->n_links == before)
		holding_fails(w, h, kind_of(row->status),
			      state_of(h, h->old_row ? h->old_row->status : STATUS_UNKNOWN, row->status),
			      NULL, false, NULL);
}

/*
 * A named interface must work there, whatever else does. Where the host offers it on other architectures
 * only, nothing can be asked of this kernel, unless the requirement says in so many words that it is about
 * this one.
 */
static void require_through(struct deciding *w, const struct holding *h, const char *name)
{
	const struct iface *iface = knowledge_iface(w->new_support->knowledge, name);
	const struct path *now = iface ? row_path(h->new_row, iface) : NULL, *then;
	enum status before, after = now ? now->status : STATUS_UNSUPPORTED;

	if (after >= h->least || (!now && h->r->arch_count == 0))
		return;
	then = iface ? row_path(h->old_row, iface) : NULL;
	before = then ? then->status : STATUS_UNKNOWN;
	if (!now)
		before = after;
	holding_fails(w, h, kind_of(after), state_of(h, before, after), iface, true, NULL);
}

bool requires_row(const struct deciding *w, unsigned requirement, const struct verdict *row)
{
	const struct selection *s = &w->policy->requires[requirement].selection;

	return w->applies[requirement] != APPLIES_NO && s->host == row->host && s->versions[row->version] &&
	       s->modes[row->mode];
}

bool row_is_required(const struct deciding *w, const struct verdict *row)
{
	for (unsigned i = 0; w->policy && i < w->policy->requires_count; i++)
		if (requires_row(w, i, row))
			return true;
	return false;
}

void require_row(struct deciding *w, const struct verdict *old_row, const struct verdict *new_row)
{
	for (unsigned i = 0; w->policy && i < w->policy->requires_count; i++) {
		const struct requirement *r = &w->policy->requires[i];
		struct holding h = {
			.requirement = i,
			.r = r,
			.least = r->grade == GRADE_FULL ? STATUS_SUPPORTED : STATUS_DEGRADED,
			.maybe = w->applies[i] == APPLIES_MAYBE,
			.old_row = old_row,
			.new_row = new_row,
		};

		if (!requires_row(w, i, new_row))
			continue;
		w->rows[i]++;
		require_grade(w, &h);
		for (unsigned j = 0; j < r->through_count; j++)
			require_through(w, &h, r->through[j]);
	}
}

/* A requirement for this very architecture whose rows all do not exist on it can be met by no kernel. */
static void require_absent(struct deciding *w, unsigned requirement)
{
	const struct requirement *r = &w->policy->requires[requirement];
	const char *arch = w->new_support->facts->arch;
	char *sentence = xasprintf("the policy requires %s on %s, and nothing it selects of it exists there",
				   r->selection.host->name, arch);

	draft_link(w, requirement,
		   draft_add_plain(w, FINDING_DROPPED, STATE_EXISTING, /* id_find_arch() */
				   xasprintf("%s-%s", r->selection.host->name, arch), sentence));
}

void require_rest(struct deciding *w)
{
	for (unsigned i = 0; w->policy && i < w->policy->requires_count; i++)
		if (w->applies[i] == APPLIES_YES && w->rows[i] == 0 && w->policy->requires[i].arch_count > 0)
			require_absent(w, i);
}
