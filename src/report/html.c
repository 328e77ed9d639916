/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/html.h"
#include "base/hash.h"
#include "report/markup.h"
#include "report/parts.h"
#include "report/pipeline.h"
#include "report/wording.h"

#include <errno.h>

void html_mark(FILE *out, enum mark mark, const char *word)
{
	static const struct {
		const char *class, *sign;
	} marks[] = {
		[MARK_GOOD] = { "good", "✓" }, [MARK_WARN] = { "warn", "▲" }, [MARK_BAD] = { "bad", "✕" },
		[MARK_UNKNOWN] = { "doubt", "?" }, [MARK_NONE] = { "none", "–" },
	};

	fprintf(out, "<span class=\"mark %s\"><span class=\"sign\" aria-hidden=\"true\">%s</span> ", marks[mark].class,
		marks[mark].sign);
	markup_put(out, word);
	fputs("</span>", out);
}

void html_cell(FILE *out, const char *text)
{
	fputs("<td>", out);
	markup_put(out, text && *text ? text : "–");
	fputs("</td>", out);
}

/* What a Content-Security-Policy knows a piece of ours by, so that it lets nothing else run. */
static int put_hash(FILE *out, const char *text)
{
	_cleanup_(hash_freep) struct hash *h = NULL;
	char base64[HASH_TEXT_MAX];
	int r = hash_new(HASH_SHA256, &h, NULL);

	if (r < 0)
		return r;
	hash_add(h, text, strlen(text));
	hash_base64(h, base64);
	fprintf(out, "'sha256-%s'", base64);
	return 0;
}

int html_start(FILE *out, const char *command, const char *about)
{
	int r;

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ",
	      out);
	r = put_hash(out, html_style);
	fputs("; script-src ", out);
	if (r == 0)
		r = put_hash(out, html_script);
	fputs("; base-uri 'none'; form-action 'none'\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	      "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
	      "<meta name=\"referrer\" content=\"no-referrer\"/>\n<title>hvcompat ",
	      out);
	markup_put(out, command);
	markup_put(out, about);
	fprintf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#matrix\">To the matrix</a>\n"
		     "<header>\n<h1>hvcompat ",
		html_style);
	markup_put(out, command);
	fputs("</h1>\n", out);
	return r;
}

void html_end(FILE *out)
{
	fprintf(out, "</main>\n<footer><p class=\"quiet\">hvcompat %s</p></footer>\n<script>%s</script>\n</body>\n</html>\n",
		HVCOMPAT_VERSION, html_script);
}

static int put_start(const struct report *r, FILE *out)
{
	_cleanup_(buf_done) struct buf labels = { 0 };

	for (size_t k = 0; k < r->n_kernels && k < 2; k++)
		buf_addf(&labels, "%s%s", k == 0 ? ": " : ", ", r->kernels[k].label);
	return html_start(out, r->command, labels.text);
}

static void put_results(const struct report *r, FILE *out)
{
	static const enum mark marks[] = { MARK_GOOD, MARK_BAD, MARK_UNKNOWN };

	for (size_t k = 0; k < r->n_kernels; k++) {
		const struct decision *d = report_decision(r, k);
		_cleanup_(freep) char *says = NULL;

		if (!d)
			continue;
		says = report_headline(r, d, r->kernels[k].support);
		fputs("<p class=\"result\">", out);
		if (d->policy)
			html_mark(out, marks[d->result], decision_word(d->result));
		else
			html_mark(out, r->exit == EXIT_OK ? MARK_GOOD : r->exit == EXIT_BLOCKED ? MARK_BAD : MARK_UNKNOWN,
				  r->exit == EXIT_OK ? "kept" : r->exit == EXIT_BLOCKED ? "dropped" : "undecided");
		fputs(" <strong>", out);
		markup_put(out, r->kernels[k].label);
		fputs("</strong> ", out);
		markup_put(out, says);
		fputs("</p>\n", out);
	}
}

static void put_summary(const struct report *r, FILE *out)
{
	put_results(r, out);
	for (size_t i = 0; i < r->n_errors; i++) {
		fputs("<p class=\"result\">", out);
		html_mark(out, MARK_UNKNOWN, "not read");
		fputs(" <strong>", out);
		markup_put(out, r->errors[i].kernel);
		fputs("</strong> ", out);
		markup_put(out, r->errors[i].message);
		fputs("</p>\n", out);
	}
	fputs("<p class=\"quiet\">", out);
	if (r->policy)
		markup_putf(out, "Policy %s, version %u, as of %s. ", r->policy->name, r->policy->version,
			    r->today ? r->today : "today");
	if (r->newest_allowed)
		markup_putf(out, "Newest of the given kernels that it allows: %s. ", r->newest_allowed);
	markup_putf(out, "Exit status %d: %s.", (int)r->exit, exit_words(r->exit));
	if (r->limited)
		fputs(" Read for what the policy requires.", out);
	fputs("</p>\n", out);
}

static const char *role(const struct report *r, size_t k)
{
	if (!report_compares(r))
		return "";
	return k == 0 ? "old" : k == 1 ? "new" : "older";
}

static void put_inputs(const struct facts *f, FILE *out)
{
	fputs("<td>", out);
	for (size_t i = 0; i < f->n_inputs; i++) {
		fputs("<div class=\"path\">", out);
		markup_put(out, f->inputs[i].path);
		fputs("</div>", out);
		if (*f->inputs[i].sha256)
			fprintf(out, "<div class=\"sum\">sha256:%s</div>", f->inputs[i].sha256);
	}
	fputs("</td>", out);
}

static void put_kernels(const struct report *r, FILE *out)
{
	fputs("<section aria-labelledby=\"kernels\">\n<h2 id=\"kernels\">Kernels</h2>\n<table>\n<thead><tr><th scope=\"col\">"
	      "Kernel</th><th scope=\"col\">Version</th><th scope=\"col\">Release</th><th scope=\"col\">Architecture</th>"
	      "<th scope=\"col\">Read</th><th scope=\"col\">From</th></tr></thead>\n<tbody>\n",
	      out);
	for (size_t k = 0; k < r->n_kernels; k++) {
		const struct facts *f = r->kernels[k].support->facts;

		fputs("<tr><th scope=\"row\">", out);
		markup_put(out, r->kernels[k].label);
		if (*role(r, k))
			fprintf(out, " <span class=\"role\">%s</span>", role(r, k));
		fputs("</th>", out);
		html_cell(out, f->version);
		html_cell(out, f->release);
		html_cell(out, f->arch);
		html_cell(out, depth_word(f->depth));
		put_inputs(f, out);
		fputs("</tr>\n", out);
	}
	if (r->n_kernels == 0)
		fputs("<tr><td colspan=\"6\">No kernel could be read.</td></tr>\n", out);
	fputs("</tbody>\n</table>\n</section>\n", out);
}

/* `kernel` NULL: there is only one that it could be about. */
static void put_requirement(FILE *out, const struct requirement_result *result, const char *kernel)
{
	static const enum mark marks[] = {
		[REQUIREMENT_MET] = MARK_GOOD,	     [REQUIREMENT_UNMET] = MARK_BAD,
		[REQUIREMENT_UNKNOWN] = MARK_UNKNOWN, [REQUIREMENT_WAIVED] = MARK_WARN,
		[REQUIREMENT_NOT_APPLICABLE] = MARK_NONE,
	};
	_cleanup_(freep) char *what = requirement_text(result->requirement);

	fputs("<tr><th scope=\"row\">", out);
	markup_put(out, what);
	fputs("</th><td>", out);
	html_mark(out, marks[result->result], requirement_word(result));
	fputs("</td>", out);
	if (kernel)
		html_cell(out, kernel);
	html_cell(out, result->requirement->reason);
	fputs("</tr>\n", out);
}

static void put_requirements(const struct report *r, FILE *out)
{
	bool several = r->n_decisions > 1;

	if (!r->policy)
		return;
	fprintf(out, "<section aria-labelledby=\"requirements\">\n<h2 id=\"requirements\">Requirements</h2>\n<table>\n<thead><tr>"
	      "<th scope=\"col\">The policy requires</th><th scope=\"col\">Result</th>%s"
		     "<th scope=\"col\">Reason</th></tr></thead>\n<tbody>\n",
		several ? "<th scope=\"col\">Kernel</th>" : "");
	for (size_t k = 0; k < r->n_kernels; k++) {
		const struct decision *d = report_decision(r, k);

		for (size_t i = 0; d && i < d->n_requirements; i++)
			put_requirement(out, &d->requirements[i], several ? r->kernels[k].label : NULL);
	}
	fputs("</tbody>\n</table>\n</section>\n", out);
}

int html_report(const struct report *r, FILE *out)
{
	bool decides = !streq(r->command, "query");
	int started = put_start(r, out);

	if (started < 0) {
		errno = -started;
		return started;
	}
	put_summary(r, out);
	fputs("<nav aria-label=\"On this page\"><ul>\n<li><a href=\"#kernels\">Kernels</a></li>\n", out);
	if (r->policy)
		fputs("<li><a href=\"#requirements\">Requirements</a></li>\n", out);
	if (decides)
		fputs("<li><a href=\"#findings\">Findings</a></li>\n", out);
	fputs("<li><a href=\"#matrix\">Matrix</a></li>\n</ul></nav>\n</header>\n<main>\n", out);
	put_kernels(r, out);
	put_requirements(r, out);
	if (decides)
		html_findings(r, out);
	html_matrix(r, out);
	html_end(out);
	return ferror(out) ? -1 : 0;
}
