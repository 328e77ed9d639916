/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/parts.h"
#include "report/spans.h"
#include "report/wording.h"

/* One clause of the headline: the findings of a kind, and of a state where that makes a difference. */
struct clause {
	const struct decision *decision;
	const struct support *support; /* of the kernel that is decided on */
	enum finding_kind kind;
	bool any_state;
	enum finding_state state;
};

/* Whether a finding belongs into it. A diff blocks nothing: there the new ones are told. */
static bool heads(const struct clause *c, const struct finding *f)
{
	if (!f->host || f->kind != c->kind || (!c->any_state && f->state != c->state))
		return false;
	return c->decision->policy ? f->blocking : f->state == STATE_NEW;
}

/* The row may stand although an interface that someone asked for is gone. */
static bool stands(const struct clause *c, const struct finding *f)
{
	const struct verdict *v = support_find(c->support, f->host, f->version, f->mode);

	return v && v->status >= STATUS_DEGRADED;
}

/*
 * Whether two findings are told as one place: "xen 4.2 - 4.14 (pv)", or "xen 4.15 (pv) through xen-netfront".
 */
static bool one_place(const struct clause *c, const struct finding *a, const struct finding *b)
{
	return heads(c, b) && a->host == b->host && stands(c, a) == stands(c, b) &&
	       (!stands(c, a) || a->through == b->through);
}

static bool said_before(const struct clause *c, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (one_place(c, &c->decision->findings[i], &c->decision->findings[j]))
			return true;
	return false;
}

static char *clause_place(const struct clause *c, size_t i)
{
	const struct decision *d = c->decision;
	const struct finding *f = &d->findings[i];
	bool named = stands(c, f) && f->through;
	struct cells cells = cells_new(f->host);
	_cleanup_(freep) char *phrase = NULL;

	for (size_t j = i; j < d->n_findings; j++)
		if (one_place(c, f, &d->findings[j]))
			cells_add(&cells, d->findings[j].version, d->findings[j].mode);
	phrase = cells_phrase(&cells);
	cells_done(&cells);
	return xasprintf("%s%s%s%s%s", f->host->name, *phrase ? " " : "", phrase, named ? " through " : "",
			 named ? f->through->name : "");
}

/* "would drop hyperv 2008 - 2008r2 (gen1); xen 4.2 (pv)"; nothing when nothing belongs into it. */
static void add_clause(struct buf *b, const char *says, const struct clause *c)
{
	bool any = false;

	for (size_t i = 0; i < c->decision->n_findings; i++) {
		_cleanup_(freep) char *place = NULL;

		if (!heads(c, &c->decision->findings[i]) || said_before(c, i))
			continue;
		place = clause_place(c, i);
		if (any)
			buf_addf(b, "; %s", place);
		else
			buf_addf(b, "%s%s %s", b->len ? ", " : "", says, place);
		any = true;
	}
}

static size_t blocking(const struct decision *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_findings; i++)
		n += d->findings[i].blocking;
	return n;
}

static bool contradicts(const struct decision *d)
{
	for (size_t i = 0; i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];

		if (f->kind == FINDING_CONTRADICTION && (d->policy ? f->blocking : f->state == STATE_NEW))
			return true;
	}
	return false;
}

char *report_headline(const struct report *r, const struct decision *d, const struct support *s)
{
	struct clause c = { .decision = d, .support = s, .kind = FINDING_DROPPED, .state = STATE_NEW };
	struct buf b = { 0 };

	add_clause(&b, d->policy ? "would drop" : "no longer runs on", &c);
	c.state = STATE_EXISTING;
	add_clause(&b, streq(r->command, "check") ? "does not run on" : "still does not run on", &c);
	c.any_state = true;
	c.kind = FINDING_NARROWED;
	if (d->policy)
		add_clause(&b, "falls short on", &c);
	c.kind = FINDING_UNKNOWN;
	if (d->policy || b.len == 0)
		add_clause(&b, "cannot be told for", &c);
	if (b.len == 0 && contradicts(d))
		buf_addf(&b, "contradicts itself");
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
	_cleanup_(freep) char *says = report_headline(r, d, r->kernels[k].support), *line = NULL;
	enum decision_result result = d->result;
	const char *word;

	/* A diff is no decision: its word tells what happened, in the order of its exit status. */
	if (!d->policy)
		result = r->exit == EXIT_BLOCKED || drops(d) ? DECISION_BLOCKED
			 : r->exit == EXIT_UNDECIDED         ? DECISION_UNDECIDED
							     : DECISION_ALLOWED;
	word = d->policy || result == DECISION_UNDECIDED ? results[result]
	       : result == DECISION_BLOCKED              ? "DROPPED"
							 : "KEPT";
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
		text_line(t, 0, INK_PLAIN, "Newest of the given kernels that the policy allows: %s",
			  r->newest_allowed);
	else
		text_line(t, 0, INK_PLAIN, "The policy allows none of the given kernels.");
}

static void text_limited(const struct text *t, const struct report *r)
{
	if (!r->limited)
		return;
	fputc('\n', t->out);
	text_line(t, 0, INK_DIM, "Read for what the policy requires; hvcompat diff compares everything.");
}

static void text_kernels(const struct text *t, const struct report *r, size_t first, size_t n)
{
	for (size_t i = first; i < first + n && i < r->n_kernels; i++) {
		if (n > 1)
			fputs(i == first ? "old: " : "new: ", t->out);
		text_head(t, &r->kernels[i]);
	}
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
		text_limited(t, r);
	}
}
