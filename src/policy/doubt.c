/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/decide.h"

#include <ctype.h>

static bool name_char(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* Whether `name` stands in `text` as a word of its own: "ide" is not in "side", nor in "ide-cd". */
static bool names(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = strstr(text, name); p; p = strstr(p + 1, name)) {
		/* a full stop may end the sentence */
		bool ends = !name_char(p[n]) || (p[n] == '.' && !name_char(p[n + 1]));

		if (ends && (p == text || !name_char(p[-1])))
			return true;
	}
	return false;
}

/* The interface that a contradiction is about: the longest name in it. NULL: about the kernel as a whole. */
static const struct iface *doubt_iface(const struct knowledge *k, const char *text)
{
	const struct iface *found = NULL;

	for (size_t i = 0; i < k->n_ifaces; i++)
		if (names(text, k->ifaces[i]->name) && (!found || strlen(k->ifaces[i]->name) > strlen(found->name)))
			found = k->ifaces[i];
	return found;
}

static bool row_is_required(const struct deciding *w, const struct verdict *row)
{
	for (unsigned i = 0; i < w->policy->requires_count; i++) {
		const struct selection *s = &w->policy->requires[i].selection;

		if (w->applies[i] != APPLIES_NO && s->host == row->host && s->versions[row->version] &&
		    s->modes[row->mode])
			return true;
	}
	return false;
}

/* Whether the policy's answer may rest on it. What names no interface may be about any. */
static bool doubt_touches(const struct deciding *w, const struct iface *iface)
{
	for (size_t i = 0; w->policy && i < w->new_support->n_verdicts; i++) {
		const struct verdict *row = &w->new_support->verdicts[i];

		if ((!iface || row_path(row, iface)) && row_is_required(w, row))
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
	char *id = xasprintf("contradiction-%s", about);

	for (unsigned n = 2;; n++) {
		bool taken = false;

		for (size_t i = 0; i < w->n_drafts && !taken; i++)
			taken = streq(w->drafts[i].f.id, id);
		if (!taken)
			return id;
		free(id);
		id = xasprintf("contradiction-%s-%u", about, n);
	}
}

static void doubt_add_one(struct deciding *w, const char *text, bool old)
{
	const struct iface *iface = doubt_iface(w->new_support->knowledge, text);
	enum finding_state state = old || !w->old_support || says(w->old_support, text) ? STATE_EXISTING : STATE_NEW;
	char *sentence = xasprintf("%s%s", old ? "the old kernel: " : "", text);
	size_t at = draft_add_plain(w, FINDING_CONTRADICTION, state, doubt_id(w, iface), sentence);

	w->drafts[at].f.through = iface;
	w->drafts[at].f.required = !old && doubt_touches(w, iface);
}

/*
 * What contradicts itself is believed neither way: in the new kernel it leaves a requirement that may rest on it
 * undecided. In the old one it only clouds what is new and what was there before.
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
