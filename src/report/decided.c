/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/parts.h"
#include "report/spans.h"
#include "report/wording.h"

/* Whether a finding belongs into the headline of this kind. A diff blocks nothing: there the new losses are told. */
static bool heads(const struct decision *d, const struct finding *f, enum finding_kind kind)
{
	return f->host && f->kind == kind && (d->policy ? f->blocking : f->state == STATE_NEW);
}

/* The row may stand although an interface that someone asked for is gone. */
static bool stands(const struct support *s, const struct finding *f)
{
	const struct verdict *v = s ? support_find(s, f->host, f->version, f->mode) : NULL;

	return v && v->status >= STATUS_DEGRADED;
}

static bool said_before(const struct decision *d, size_t i, enum finding_kind kind, const struct support *s)
{
	for (size_t j = 0; j < i; j++) {
		const struct finding *a = &d->findings[i], *b = &d->findings[j];

		if (heads(d, b, kind) && a->host == b->host && stands(s, a) == stands(s, b) &&
		    (!stands(s, a) || a->through == b->through))
			return true;
	}
	return false;
}

static char *headline_place(const struct decision *d, size_t i, enum finding_kind kind, const struct support *s)
{
	const struct finding *f = &d->findings[i];
	struct cells cells = cells_new(f->host);
	bool named = stands(s, f) && f->through;
	_cleanup_(freep) char *phrase = NULL;

	for (size_t j = i; j < d->n_findings; j++) {
		const struct finding *g = &d->findings[j];

		if (heads(d, g, kind) && g->host == f->host && stands(s, g) == stands(s, f) &&
		    (!stands(s, f) || g->through == f->through))
			cells_add(&cells, g->version, g->mode);
	}
	phrase = cells_phrase(&cells);
	cells_done(&cells);
	return xasprintf("%s%s%s%s%s", f->host->name, *phrase ? " " : "", phrase, named ? " through " : "",
			 named ? f->through->name : "");
}

/* "hyperv 2008 - 2008r2 (gen1); xen 4.2 (pv)", "" when there is none. */
static char *headline_places(const struct decision *d, enum finding_kind kind, const struct support *s)
{
	struct buf b = { 0 };

	buf_add(&b, "", 0);
	for (size_t i = 0; i < d->n_findings; i++) {
		_cleanup_(freep) char *place = NULL;

		if (!heads(d, &d->findings[i], kind) || said_before(d, i, kind, s))
			continue;
		place = headline_place(d, i, kind, s);
		buf_addf(&b, "%s%s", b.len ? "; " : "", place);
	}
	return b.text;
}

static void add_clause(struct buf *b, const char *clause, char *places)
{
	if (*places)
		buf_addf(b, "%s%s %s", b->len ? ", " : "", clause, places);
	free(places);
}

static size_t blocking(const struct decision *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_findings; i++)
		n += d->findings[i].blocking;
	return n;
}

static char *headline(const struct report *r, const struct decision *d, const struct support *s)
{
	bool compares = !streq(r->command, "check");
	const char *drops_word = !compares ? "does not run on" : d->policy ? "would drop" : "no longer runs on";
	struct buf b = { 0 };

	add_clause(&b, drops_word, headline_places(d, FINDING_DROPPED, s));
	if (d->policy || b.len == 0)
		add_clause(&b, compares ? "would narrow" : "falls short on", headline_places(d, FINDING_NARROWED, s));
	if (d->policy || b.len == 0)
		add_clause(&b, "cannot be told for", headline_places(d, FINDING_UNKNOWN, s));
	if (b.len == 0 && blocking(d) > 0)
		buf_addf(&b, "is held by the findings below");
	if (b.len == 0)
		buf_addf(&b, "%s", d->policy ? "satisfies the policy" : "drops nothing");
	return b.text;
}

static bool drops(const struct decision *d)
{
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].kind == FINDING_DROPPED && d->findings[i].state == STATE_NEW)
			return true;
	return false;
}

static void text_headline(const struct text *t, const struct report *r, const struct decision *d, size_t k)
{
	static const char *const results[] = { "ALLOWED", "BLOCKED", "UNDECIDED" };
	static const enum ink inks[] = { INK_GOOD, INK_BAD, INK_WARN };
	_cleanup_(freep) char *says = headline(r, d, r->kernels[k].support), *line = NULL;
	enum decision_result result = d->result;
	const char *word;

	/* A diff is no decision: its word tells what happened, in the order of its exit status. */
	if (!d->policy)
		result = r->exit == EXIT_BLOCKED || drops(d) ? DECISION_BLOCKED :
			 r->exit == EXIT_UNDECIDED ? DECISION_UNDECIDED : DECISION_ALLOWED;
	word = d->policy || result == DECISION_UNDECIDED ? results[result] :
	       result == DECISION_BLOCKED ? "DROPPED" : "KEPT";
	line = xasprintf("%s %s", r->kernels[k].label, says);
	text_put(t, inks[result], word, 0);
	fputs("  ", t->out);
	text_wrap(t, strlen(word) + 2, strlen(word) + 2, INK_BOLD, line);
}

static void text_requirements(const struct text *t, const struct report *r, const struct decision *d)
{
	static const char *const words[] = { "met", "unmet", "unknown", "waived", "not applicable" };
	size_t counts[ARRAY_SIZE(words)] = { 0 };
	struct buf b = { 0 };

	for (size_t i = 0; i < d->n_requirements; i++)
		counts[d->requirements[i].result]++;
	buf_addf(&b, "policy %s, version %u; requirements:", d->policy->name, d->policy->version);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (counts[i] > 0)
			buf_addf(&b, " %zu %s,", counts[i], words[i]);
	b.text[b.len - 1] = '\0'; /* the last comma; or the colon, when the policy requires nothing */
	text_line(t, 0, INK_DIM, "%s", b.text);
	buf_done(&b);
	for (size_t i = 0; r->verbose && i < d->n_requirements; i++) {
		_cleanup_(freep) char *what = requirement_text(d->requirements[i].requirement);

		text_line(t, 2, INK_PLAIN, "%-14s %s", requirement_word(&d->requirements[i]), what);
	}
}

static void text_newest(const struct text *t, const struct report *r)
{
	if (!streq(r->command, "gate"))
		return;
	if (r->newest_allowed)
		text_line(t, 0, INK_PLAIN, "Newest of the given kernels that the policy allows: %s", r->newest_allowed);
	else
		text_line(t, 0, INK_PLAIN, "The policy allows none of the given kernels.");
}

static void text_kernels(const struct text *t, const struct report *r, size_t first, size_t n)
{
	for (size_t i = first; i < first + n && i < r->n_kernels; i++) {
		if (n > 1)
			fputs(i == first ? "old: " : "new: ", t->out);
		text_head(t, &r->kernels[i]);
	}
	fputc('\n', t->out);
}

void text_decided(const struct text *t, const struct report *r)
{
	bool compares = !streq(r->command, "check");

	for (size_t i = 0; i < r->n_decisions; i++) {
		const struct decision *d = r->decisions[i];
		size_t k = compares ? 1 : i;

		if (i > 0)
			fputc('\n', t->out);
		text_headline(t, r, d, k);
		if (d->policy)
			text_requirements(t, r, d);
		text_newest(t, r);
		fputc('\n', t->out);
		text_kernels(t, r, compares ? 0 : i, compares ? 2 : 1);
		text_findings(t, r, d);
	}
}
