/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/parts.h"
#include "report/spans.h"
#include "report/wording.h"

/* Findings that differ in version and mode only, shown as one entry: a loss is read once, not nine times. */
struct group {
	const struct finding **members; /* in the decision's order; owned */
	size_t count;
};

static bool alike(const struct finding *a, const struct finding *b)
{
	return a->kind == b->kind && a->state == b->state && a->host == b->host && a->through == b->through &&
	       a->required == b->required && a->blocking == b->blocking && a->waiver == b->waiver && a->host;
}

static size_t groups_collect(const struct report *r, const struct decision *d, struct group **ret)
{
	struct group *groups = NULL;
	size_t n = 0;

	for (size_t i = 0; i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];
		size_t g = 0;

		if (!report_tells(r, f))
			continue;
		while (g < n && !alike(groups[g].members[0], f))
			g++;
		if (g == n) {
			ARRAY_GROW(groups, n);
			groups[n++] = (struct group){ 0 };
		}
		ARRAY_GROW(groups[g].members, groups[g].count);
		groups[g].members[groups[g].count++] = f;
	}
	*ret = groups;
	return n;
}

static void groups_free(struct group *groups, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(groups[i].members);
	free(groups);
}

/* The one that speaks for the group: the newest version, which came nearest. */
static const struct finding *spokesman(const struct group *g)
{
	const struct finding *best = g->members[0];

	for (size_t i = 1; i < g->count; i++)
		if (g->members[i]->version > best->version)
			best = g->members[i];
	return best;
}

static char *group_where(const struct group *g)
{
	const struct host *host = g->members[0]->host;
	_cleanup_(freep) char *phrase = NULL;
	struct cells cells;

	if (!host)
		return xstrdup("");
	cells = cells_new(host);
	for (size_t i = 0; i < g->count; i++)
		cells_add(&cells, g->members[i]->version, g->members[i]->mode);
	phrase = cells_phrase(&cells);
	cells_done(&cells);
	return xasprintf("%s%s%s", host->name, *phrase ? " " : "", phrase);
}

static bool is_folded(const struct report *r, const struct finding *f)
{
	if (r->verbose || !report_tells(r, f) || f->blocking || f->state == STATE_WAIVED ||
	    f->kind == FINDING_WAIVER)
		return false;
	/*
	 * Without an old kernel everything is "existing", and only what the policy asks about is there at
	 * all.
	 */
	if (streq(r->command, "check"))
		return false;
	return f->state != STATE_NEW || (f->kind != FINDING_DROPPED && f->kind != FINDING_CONTRADICTION);
}

static enum ink finding_ink(const struct finding *f)
{
	if (f->state == STATE_WAIVED || f->state == STATE_FIXED)
		return INK_DIM;
	if (f->kind == FINDING_DROPPED)
		return INK_BAD;
	return f->kind == FINDING_GAINED ? INK_GOOD : INK_WARN;
}

/* Of a short report: what decides comes first, and the rest is for those who ask. */
#define EVIDENCE_SHOWN 3

static const char *last_word(const char *s)
{
	const char *blank = s ? strrchr(s, ' ') : NULL;

	return blank ? blank + 1 : s;
}

/* The same thing looked at, be it in a module (".rodata NAME") or built in ("kallsyms NAME"). */
static bool same_evidence(const struct evidence *a, const struct evidence *b)
{
	return streq_null(a->kind, b->kind) && streq_null(last_word(a->place), last_word(b->place));
}

/* Where in which file: what someone opens to see for themselves. */
static char *place_text(const struct report *r, const struct evidence *e)
{
	const char *member = !e->member ? NULL : r->verbose ? e->member : path_base(e->member);
	const char *place = e->place && !streq_null(e->place, e->kind) ? e->place : NULL;

	return xasprintf("%s%s%s%s%s%s%s", e->kind ? e->kind : "", member ? " in " : "", member ? member : "",
			 place ? ", " : "", place ? place : "", r->verbose && e->package ? ", of " : "",
			 r->verbose && e->package ? e->package : "");
}

static void text_side(const struct text *t, const char *side, const char *what)
{
	fprintf(t->out, "        %-10s", side);
	text_wrap(t, 18, 18, INK_PLAIN, what && *what ? what : "nothing");
}

/* The only piece of evidence of that kind on one side, NULL when there are several, or none. */
static const struct evidence *only_one(const struct finding *f, const char *kind, bool old)
{
	const struct evidence *only = NULL;

	for (size_t i = 0; i < f->n_evidence; i++) {
		if (f->evidence[i].old != old || !streq_null(f->evidence[i].kind, kind))
			continue;
		if (only)
			return NULL;
		only = &f->evidence[i];
	}
	return only;
}

/*
 * The same piece of evidence in the other kernel, so that both can be read one above the other: a renamed one
 * too.
 */
const struct evidence *evidence_counterpart(const struct finding *f, const struct evidence *e)
{
	for (size_t i = 0; i < f->n_evidence; i++)
		if (f->evidence[i].old != e->old && same_evidence(&f->evidence[i], e))
			return &f->evidence[i];
	return only_one(f, e->kind, e->old) ? only_one(f, e->kind, !e->old) : NULL;
}

static void text_piece(const struct text *t, const struct report *r, const struct evidence *e,
		       const struct evidence *other)
{
	const struct evidence *old_side = e->old ? e : other, *new_side = e->old ? other : e;
	const struct evidence *shown = new_side ? new_side : old_side;
	_cleanup_(freep) char *place = place_text(r, shown);

	text_line(t, 6, INK_DIM, "%s", place);
	if (old_side && old_side != shown && !streq_null(old_side->place, shown->place)) {
		_cleanup_(freep) char *former = place_text(r, old_side);

		text_line(t, 6, INK_DIM, "(old: %s)", former);
	}
	if (shown->expected)
		text_side(t, "expected", shown->expected);
	if (old_side)
		text_side(t, "old", old_side->found);
	if (new_side)
		text_side(t, streq(r->command, "check") ? "found" : "new", new_side->found);
}

static void text_evidence(const struct text *t, const struct report *r, const struct finding *f)
{
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < f->n_evidence; i++) {
		const struct evidence *e = &f->evidence[i], *other = evidence_counterpart(f, e);

		if (other && other < e)
			continue;
		if (!r->verbose && shown == EVIDENCE_SHOWN) {
			more++;
			continue;
		}
		text_piece(t, r, e, other);
		shown++;
	}
	if (more > 0)
		text_line(t, 6, INK_DIM, "and %zu more with -v", more);
}

static void text_help(const struct text *t, const struct finding *f)
{
	for (size_t i = 0; f->help && f->help[i]; i++) {
		fputs("    help: ", t->out);
		text_wrap(t, 10, 10, INK_PLAIN, f->help[i]);
	}
}

static void text_waived(const struct text *t, const struct finding *f)
{
	const struct waiver *w = f->waiver;

	if (w)
		text_line(t, 4, INK_PLAIN, "waived by %s until %s: %s", w->by ? w->by : "?",
			  w->until ? w->until : "?", w->reason ? w->reason : "?");
}

/* All of many are for those who ask: the first and the last show how they are made. */
#define IDS_SHOWN 4

static void text_ids(const struct text *t, const struct report *r, const struct group *g)
{
	struct buf b = { 0 };

	buf_addf(&b, "id: ");
	if (g->count > IDS_SHOWN && !r->verbose)
		buf_addf(&b, "%s … %s (%zu)", g->members[0]->id, g->members[g->count - 1]->id, g->count);
	for (size_t i = 0; i < g->count && (g->count <= IDS_SHOWN || r->verbose); i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", g->members[i]->id);
	fputs("    ", t->out);
	text_wrap(t, 4, 8, INK_DIM, b.text);
	buf_done(&b);
}

static void text_group_title(const struct text *t, const struct report *r, const struct group *g)
{
	_cleanup_(freep) char *where = group_where(g);
	const struct finding *f = g->members[0];
	bool plain = f->state == STATE_NEW || f->kind == FINDING_GAINED || streq(r->command, "check");
	const char *state = plain && f->state != STATE_WAIVED ? "" : finding_state_word(f->state);
	size_t at = 2 + strlen(finding_kind_word(f->kind)) + (*state ? strlen(state) + 3 : 0) + 2;
	struct buf b = { 0 };

	fputs("  ", t->out);
	text_put(t, finding_ink(f), finding_kind_word(f->kind), 0);
	if (*state)
		fprintf(t->out, " (%s)", state);
	fputs("  ", t->out);
	buf_addf(&b, "%s", *where ? where : f->id);
	if (f->through && f->host)
		buf_addf(&b, " through %s", f->through->name);
	if (r->policy && f->host && !f->blocking)
		buf_addf(&b, f->required ? "; does not block" : "; not required");
	text_wrap(t, at, at, INK_BOLD, b.text);
	buf_done(&b);
}

static void text_group(const struct text *t, const struct report *r, const struct group *g)
{
	const struct finding *f = spokesman(g);

	fputc('\n', t->out);
	text_group_title(t, r, g);
	text_line(t, 4, INK_PLAIN, "%s", f->message);
	if (f->state != STATE_WAIVED || r->verbose) {
		text_evidence(t, r, f);
		text_help(t, f);
	}
	text_waived(t, f);
	if (f->host)
		text_ids(t, r, g);
}

/* What a folded finding is counted under: its state, or for a new one its kind. */
static const char *fold_name(const struct finding *f)
{
	return f->state == STATE_NEW || f->kind == FINDING_GAINED ? finding_kind_word(f->kind)
								  : finding_state_word(f->state);
}

static bool in_fold(const struct report *r, const struct finding *f, const char *name,
		    const struct host *host)
{
	return is_folded(r, f) && f->host == host && streq(fold_name(f), name);
}

/*
 * Where on one host, whatever the interface: "hyperv 2008 - 2008r2 (gen1)". Adds nothing when there is none.
 */
static void fold_host(const struct report *r, const struct decision *d, const char *name,
		      const struct host *host, struct buf *b)
{
	struct cells cells = cells_new(host);
	_cleanup_(freep) char *phrase = NULL;
	bool any = false;

	for (size_t i = 0; i < d->n_findings; i++) {
		if (!in_fold(r, &d->findings[i], name, host))
			continue;
		cells_add(&cells, d->findings[i].version, d->findings[i].mode);
		any = true;
	}
	phrase = cells_phrase(&cells);
	cells_done(&cells);
	if (any)
		buf_addf(b, "%s%s%s%s", b->len ? "; " : "", host->name, *phrase ? " " : "", phrase);
}

static void text_fold(const struct text *t, const struct report *r, const struct decision *d,
		      const char *name)
{
	struct buf b = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < d->n_findings; i++)
		count += is_folded(r, &d->findings[i]) && streq(fold_name(&d->findings[i]), name);
	buf_add(&b, "", 0);
	for (size_t i = 0; i < r->knowledge->n_hosts; i++)
		fold_host(r, d, name, r->knowledge->hosts[i], &b);
	if (count > 0) {
		fprintf(t->out, "  %-13s %4zu  ", name, count);
		text_wrap(t, 22, 22, INK_PLAIN, b.text);
	}
	buf_done(&b);
}

static void text_folds(const struct text *t, const struct report *r, const struct decision *d)
{
	static const char *const names[] = { "narrowed", "unknown", "gained", "existing", "fixed" };
	size_t folded = 0;

	for (size_t i = 0; i < d->n_findings; i++)
		folded += is_folded(r, &d->findings[i]);
	if (folded == 0)
		return;
	fputc('\n', t->out);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		text_fold(t, r, d, names[i]);
	text_line(t, 2, INK_DIM, "(in full with -v)");
}

void text_findings(const struct text *t, const struct report *r, const struct decision *d)
{
	struct group *groups;
	size_t n = groups_collect(r, d, &groups);

	for (size_t i = 0; i < n; i++)
		if (!is_folded(r, groups[i].members[0]))
			text_group(t, r, &groups[i]);
	text_folds(t, r, d);
	groups_free(groups, n);
}
