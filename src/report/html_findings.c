/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/html.h"
#include "report/markup.h"
#include "report/parts.h"
#include "report/pipeline.h"
#include "report/wording.h"

enum mark finding_mark(const struct finding *f)
{
	if (f->state == STATE_WAIVED)
		return MARK_WARN;
	if (f->state == STATE_FIXED)
		return MARK_GOOD;
	switch (f->kind) {
	case FINDING_DROPPED:
		return MARK_BAD;
	case FINDING_GAINED:
		return MARK_GOOD;
	case FINDING_UNKNOWN:
	case FINDING_CONTRADICTION:
		return MARK_UNKNOWN;
	default:
		return MARK_WARN;
	}
}

/* One piece of evidence: where, what would have done, and what there is in the old kernel and in the new. */
static void put_evidence(FILE *out, const struct report *r, const struct evidence *e, const struct evidence *other)
{
	const struct evidence *old_side = e->old ? e : other, *new_side = e->old ? other : e;
	const struct evidence *shown = new_side ? new_side : old_side;
	_cleanup_(freep) char *where = evidence_where(shown), *before = old_side ? evidence_where(old_side) : NULL;

	fputs("<tr><th scope=\"row\">", out);
	markup_put(out, where);
	if (shown->package)
		markup_putf(out, ", of %s", shown->package);
	if (before && !streq(before, where)) {
		fputs("<div class=\"quiet\">", out);
		markup_putf(out, "old: %s%s%s", before, old_side->package ? ", of " : "",
			    old_side->package ? old_side->package : "");
		fputs("</div>", out);
	}
	fputs("</th>", out);
	html_cell(out, shown->expected);
	if (report_compares(r))
		html_cell(out, old_side ? old_side->found : NULL);
	html_cell(out, new_side ? new_side->found : NULL);
	fputs("</tr>\n", out);
}

static void put_evidences(FILE *out, const struct report *r, const struct finding *f)
{
	if (f->n_evidence == 0)
		return;
	fprintf(out, "<table class=\"evidence\">\n<thead><tr><th scope=\"col\">Evidence</th><th scope=\"col\">Expected</th>"
		     "%s</tr></thead>\n<tbody>\n",
		report_compares(r) ? "<th scope=\"col\">Old</th><th scope=\"col\">New</th>" : "<th scope=\"col\">Found</th>");
	for (size_t i = 0; i < f->n_evidence; i++) {
		const struct evidence *e = &f->evidence[i], *other = evidence_counterpart(f, e);

		if (!other || other > e)
			put_evidence(out, r, e, other);
	}
	fputs("</tbody>\n</table>\n", out);
}

static void put_body(FILE *out, const struct report *r, const struct finding *f)
{
	_cleanup_(freep) char *waived = f->waiver ? waiver_text(f->waiver) : NULL;

	fputs("<div class=\"body\">\n<p>", out);
	markup_put(out, f->message);
	fputs("</p>\n", out);
	if (waived) {
		fputs("<p>", out);
		markup_put(out, waived);
		fputs("</p>\n", out);
	}
	put_evidences(out, r, f);
	if (f->help && f->help[0]) {
		fputs("<p>What helps:</p>\n<ul>\n", out);
		for (size_t i = 0; f->help[i]; i++) {
			fputs("<li>", out);
			markup_put(out, f->help[i]);
			fputs("</li>\n", out);
		}
		fputs("</ul>\n", out);
	}
	fputs("<p class=\"quiet\">id: <code>", out);
	markup_put(out, f->id);
	fputs("</code></p>\n</div>\n", out);
}

static void put_finding(FILE *out, const struct report *r, const struct finding *f)
{
	_cleanup_(freep) char *label = f->host ? verdict_label(f->host, f->version, f->mode) : xstrdup(f->id);

	fprintf(out, "<details class=\"finding\"%s><summary>", f->blocking ? " open=\"open\"" : "");
	html_mark(out, finding_mark(f), finding_kind_word(f->kind));
	fprintf(out, " <span class=\"quiet\">%s%s</span> <strong>", finding_state_word(f->state),
		f->blocking ? ", blocks" : f->required ? ", required" : "");
	markup_put(out, label);
	fputs("</strong>", out);
	if (f->through)
		markup_putf(out, " through %s", f->through->name);
	fputs("</summary>\n", out);
	put_body(out, r, f);
	fputs("</details>\n", out);
}

/* Returns the number of findings that were, or would be, put. */
static size_t put_group(FILE *out, const struct report *r, const struct decision *d, bool main_ones, bool count)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];
		bool first = finding_answer(d, f) != ANSWER_PASS || f->kind == FINDING_WAIVER || streq(r->command, "check");

		if (first != main_ones || !report_tells(r, f))
			continue;
		if (!count)
			put_finding(out, r, f);
		n++;
	}
	return n;
}

static void put_decision(FILE *out, const struct report *r, size_t k)
{
	const struct decision *d = report_decision(r, k);
	size_t rest;

	if (!d)
		return;
	fputs("<h3>", out);
	markup_put(out, r->kernels[k].label);
	fputs("</h3>\n", out);
	if (put_group(out, r, d, true, true) == 0)
		fputs("<p>Nothing stands against it.</p>\n", out);
	put_group(out, r, d, true, false);
	rest = put_group(out, r, d, false, true);
	if (rest == 0)
		return;
	fprintf(out, "<details class=\"rest\"><summary>%zu more that change nothing about that</summary>\n", rest);
	put_group(out, r, d, false, false);
	fputs("</details>\n", out);
}

void html_findings(const struct report *r, FILE *out)
{
	fputs("<section aria-labelledby=\"findings\">\n<h2 id=\"findings\">Findings</h2>\n", out);
	for (size_t k = 0; k < r->n_kernels; k++)
		put_decision(out, r, k);
	if (r->n_decisions == 0)
		fputs("<p>Nothing could be decided.</p>\n", out);
	fputs("</section>\n", out);
}
