/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/decide.h"

#include <ctype.h>

static bool name_char(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* Modules are spelled with either. */
static bool same_char(char a, char b)
{
	return a == b || (a == '-' && b == '_') || (a == '_' && b == '-');
}

/* Whether `name` stands in `text` as a word of its own: "ide" is not in "side". */
static bool names(const char *text, const char *name)
{
	for (const char *p = text; name && *p; p++) {
		size_t n = 0;

		if (p > text && name_char(p[-1]))
			continue;
		while (name[n] && same_char(p[n], name[n]))
			n++;
		if (name[n] == '\0' && !name_char(p[n]))
			return true;
	}
	return false;
}

static bool rules_named(const struct rule *rules, unsigned n, const char *text)
{
	for (unsigned i = 0; i < n; i++) {
		const struct rule *r = &rules[i];

		if (names(text, r->driver) || names(text, r->of) || rules_named(r->all, r->all_count, text) ||
		    rules_named(r->any, r->any_count, text) || rules_named(r->none, r->none_count, text))
			return true;
	}
	return false;
}

static bool drivers_named(const struct iface *iface, const char *text)
{
	for (unsigned i = 0; i < iface->drivers_count; i++) {
		const struct driver_decl *d = &iface->drivers[i];

		if (names(text, d->driver))
			return true;
		for (unsigned j = 0; j < d->also_count; j++)
			if (names(text, d->also[j]))
				return true;
	}
	return false;
}

/* Whether what the kernel says of `iface` may rest on the drivers in the sentence. */
static bool iface_named(const struct iface *iface, const char *text)
{
	bool named = drivers_named(iface, text) || rules_named(iface->speaks, iface->speaks_count, text);

	for (unsigned i = 0; i < iface->refused_by_count && !named; i++)
		named = rules_named(iface->refused_by[i].when, 1, text);
	for (unsigned i = 0; i < iface->demands_count && !named; i++)
		named = rules_named(iface->demands[i].when, 1, text);
	return named;
}

/*
 * What a contradiction is about. Rules that disagree begin with their interface, "NAME: "; two facts that do
 * name drivers at most. NULL: about the kernel as a whole, so about any interface.
 */
static const struct iface *doubt_iface(const struct knowledge *k, const char *text)
{
	for (size_t i = 0; i < k->n_ifaces; i++) {
		const char *rest = startswith(text, k->ifaces[i]->name);

		if (rest && startswith(rest, ": "))
			return k->ifaces[i];
	}
	for (size_t i = 0; i < k->n_ifaces; i++)
		if (drivers_named(k->ifaces[i], text))
			return k->ifaces[i];
	return NULL;
}

static bool row_in_doubt(const struct verdict *row, const struct iface *iface, const char *text)
{
	for (size_t i = 0; i < row->n_paths; i++) {
		const struct iface *other = row->paths[i].offer->iface;

		if (!iface || other == iface || iface_named(other, text))
			return true;
	}
	return false;
}

/* Whether the policy's answer may rest on it. */
static bool doubt_touches(const struct deciding *w, const struct iface *iface, const char *text)
{
	for (size_t i = 0; w->policy && i < w->new_support->n_verdicts; i++) {
		const struct verdict *row = &w->new_support->verdicts[i];

		if (row_is_required(w, row) && row_in_doubt(row, iface, text))
			return true;
	}
	return false;
}

static bool says(const struct support *s, const char *text)
{
	for (size_t i = 0; s && i < s->n_contradictions; i++)
		if (streq(s->contradictions[i], text))
			return true;
	return false;
}

/* "contradiction-vmbus", "contradiction-kernel"; "-2" and so on where there are more of them. */
static char *doubt_id(const struct deciding *w, const struct iface *iface)
{
	const char *about = iface ? iface->name : "kernel";

	for (unsigned n = 1;; n++) {
		_cleanup_(freep) char *rest = n > 1 ? xasprintf("%s-%u", about, n) : xstrdup(about);
		_cleanup_(freep) char *id = id_make(ID_CONTRADICTION, rest);
		bool taken = false;

		for (size_t i = 0; i < w->n_drafts && !taken; i++)
			taken = streq(w->drafts[i].f.id, id);
		if (!taken)
			return TAKE_PTR(id);
	}
}

static void doubt_add_one(struct deciding *w, const char *text, bool old)
{
	const struct iface *iface = doubt_iface(w->new_support->knowledge, text);
	enum finding_state state =
		old || !w->old_support || says(w->old_support, text) ? STATE_EXISTING : STATE_NEW;
	char *sentence = xasprintf("%s%s", old ? "the old kernel: " : "", text);
	size_t at = draft_add_plain(w, FINDING_CONTRADICTION, state, doubt_id(w, iface), sentence);

	w->drafts[at].f.through = iface;
	w->drafts[at].f.required = !old && doubt_touches(w, iface, text);
}

/*
 * What contradicts itself is believed neither way: in the new kernel it leaves a requirement that may rest on
 * it undecided. In the old one it only clouds what is new and what was there before.
 */
void doubt_add(struct deciding *w)
{
	const struct support *s = w->new_support;

	for (size_t i = 0; i < s->n_contradictions; i++)
		doubt_add_one(w, s->contradictions[i], false);
	for (size_t i = 0; w->old_support && i < w->old_support->n_contradictions; i++)
		if (!says(s, w->old_support->contradictions[i]))
			doubt_add_one(w, w->old_support->contradictions[i], true);
}
