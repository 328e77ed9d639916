/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/html.h"
#include "report/markup.h"
#include "report/ruled.h"
#include "report/wording.h"

static enum mark mark_of(enum answer a)
{
	static const enum mark marks[] = {
		[ANSWER_PASS] = MARK_GOOD, [ANSWER_SKIP] = MARK_WARN, [ANSWER_FAIL] = MARK_BAD, [ANSWER_ERROR] = MARK_UNKNOWN,
	};

	return marks[a];
}

static void put_summary(FILE *out, const struct ruled *r)
{
	for (size_t i = 0; i < r->n_groups; i++) {
		const struct ruled_group *g = &r->groups[i];

		for (size_t j = 0; j < g->n_cases; j++) {
			const struct ruled_case *c = &g->cases[j];

			if (c->answer == ANSWER_PASS && r->exit != EXIT_OK)
				continue;
			fputs("<p class=\"result\">", out);
			html_mark(out, mark_of(c->answer), c->word);
			fputs(" <strong>", out);
			markup_put(out, c->name);
			fputs("</strong> ", out);
			markup_put(out, c->n_reasons > 0 ? c->reasons[0].message : NULL);
			fputs("</p>\n", out);
		}
	}
	fputs("<p class=\"quiet\">", out);
	markup_putf(out, "Policy %s, version %u, as of %s. Exit status %d: %s.", r->policy, r->policy_version,
		    r->today ? r->today : "today", (int)r->exit, exit_words(r->exit));
	fputs("</p>\n<nav aria-label=\"On this page\"><ul>\n<li><a href=\"#repositories\">Repositories</a></li>\n"
	      "<li><a href=\"#kernels\">Kernels</a></li>\n<li><a href=\"#matrix\">Matrix</a></li>\n</ul></nav>\n",
	      out);
}

static void put_repositories(FILE *out, const struct ruled *r)
{
	fputs("<section aria-labelledby=\"repositories\">\n<h2 id=\"repositories\">Repositories</h2>\n<ul>\n", out);
	for (size_t i = 0; i < r->repositories.n; i++) {
		fputs("<li>", out);
		markup_put(out, r->repositories.items[i]);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n</section>\n", out);
}

/* --- what became of each ------------------------------------------------------------------------- */

static void put_files(FILE *out, const struct ruled_case *c)
{
	fputs("<td>", out);
	if (c->n_files == 0)
		fputs("–", out);
	for (size_t i = 0; i < c->n_files; i++) {
		fputs("<div class=\"path\">", out);
		markup_put(out, c->files[i].path);
		fprintf(out, "</div><div class=\"sum\">sha256:%s</div>", c->files[i].sha256);
	}
	fputs("</td>", out);
}

static void put_reasons(FILE *out, const struct ruled_case *c)
{
	fputs("<td>", out);
	for (size_t i = 0; i < c->n_reasons; i++) {
		const struct ruled_reason *w = &c->reasons[i];

		fputs("<p>", out);
		markup_putf(out, "%s%s%s", w->lost ? w->lost : "", w->lost ? ": " : "", w->message);
		fputs("</p>", out);
	}
	if (c->n_reasons == 0)
		fputs("–", out);
	fputs("</td>", out);
}

static void put_cases(FILE *out, const struct ruled_group *g)
{
	fputs("<table>\n<thead><tr><th scope=\"col\">Kernel</th><th scope=\"col\">Version</th><th scope=\"col\">Ruling</th>"
	      "<th scope=\"col\">Why</th><th scope=\"col\">From</th></tr></thead>\n<tbody>\n",
	      out);
	for (size_t i = 0; i < g->n_cases; i++) {
		const struct ruled_case *c = &g->cases[i];

		fputs("<tr><th scope=\"row\">", out);
		markup_put(out, c->name);
		fputs("</th>", out);
		html_cell(out, c->version);
		fputs("<td>", out);
		html_mark(out, mark_of(c->answer), c->word);
		fputs("</td>", out);
		put_reasons(out, c);
		put_files(out, c);
		fputs("</tr>\n", out);
	}
	if (g->n_cases == 0)
		fputs("<tr><td colspan=\"5\">No kernel.</td></tr>\n", out);
	fputs("</tbody>\n</table>\n", out);
}

static void put_groups(FILE *out, const struct ruled *r)
{
	fputs("<section aria-labelledby=\"kernels\">\n<h2 id=\"kernels\">Kernels</h2>\n", out);
	for (size_t i = 0; i < r->n_groups; i++) {
		const struct ruled_group *g = &r->groups[i];

		fputs("<h3>", out);
		markup_put(out, g->name);
		fputs("</h3>\n", out);
		put_cases(out, g);
		for (size_t j = 0; j < g->notes.n; j++) {
			fputs("<p>", out);
			markup_put(out, g->notes.items[j]);
			fputs("</p>\n", out);
		}
	}
	fputs("</section>\n", out);
}

/* --- the matrix: what is lost by kernels --------------------------------------------------------- */

/* All that any of the kernels loses, each once. */
static void collect_lost(const struct ruled_group *g, struct strings *lost)
{
	for (size_t i = 0; i < g->n_cases; i++)
		for (size_t j = 0; j < g->cases[i].n_reasons; j++) {
			const char *name = g->cases[i].reasons[j].lost;

			if (name && g->cases[i].kernel && !strings_have(lost, name))
				strings_add(lost, xstrdup(name));
		}
}

static void put_lost(FILE *out, const struct ruled_case *c, const char *lost)
{
	fputs("<dl>\n", out);
	for (size_t i = 0; i < c->n_reasons; i++) {
		const struct ruled_reason *w = &c->reasons[i];

		if (!streq_null(w->lost, lost))
			continue;
		fputs("<dt>", out);
		markup_put(out, w->id);
		fputs("</dt><dd>", out);
		markup_put(out, w->message);
		if (w->expected)
			markup_putf(out, "; expected %s", w->expected);
		if (w->found)
			markup_putf(out, "; found %s", w->found);
		fputs("</dd>\n", out);
	}
	fputs("</dl>", out);
}

static void put_cell(FILE *out, const struct ruled_case *c, const char *lost)
{
	bool loses = false;

	for (size_t i = 0; i < c->n_reasons; i++)
		loses |= streq_null(c->reasons[i].lost, lost);
	if (!loses) {
		fputs("<td>", out);
		/*
		 * Of one that could not be read nothing is known. Of others a ruling keeps what stands in the way: what was
		 * waived, or is only reported, does not.
		 */
		html_mark(out, streq(c->word, "failed") ? MARK_UNKNOWN : MARK_GOOD,
			  streq(c->word, "failed") ? "not read" : "passes");
		fputs("</td>", out);
		return;
	}
	fputs("<td><details><summary>", out);
	html_mark(out, mark_of(c->answer), c->answer == ANSWER_FAIL ? "lost" : "in doubt");
	fputs("</summary>", out);
	put_lost(out, c, lost);
	fputs("</details></td>", out);
}

static void put_matrix(FILE *out, const struct ruled_group *g)
{
	_cleanup_(strings_done) struct strings lost = { 0 };

	fputs("<h3>", out);
	markup_put(out, g->name);
	fputs("</h3>\n", out);
	collect_lost(g, &lost);
	if (lost.n == 0) {
		fputs("<p>No kernel was found to lose what the policy requires.</p>\n", out);
		return;
	}
	fputs("<table class=\"matrix\">\n<thead><tr><th scope=\"col\">The policy requires</th>", out);
	for (size_t i = 0; i < g->n_cases; i++)
		if (g->cases[i].kernel) {
			fputs("<th scope=\"col\">", out);
			markup_put(out, g->cases[i].name);
			fputs("</th>", out);
		}
	fputs("</tr></thead>\n<tbody>\n", out);
	for (size_t l = 0; l < lost.n; l++) {
		fputs("<tr><th scope=\"row\">", out);
		markup_put(out, lost.items[l]);
		fputs("</th>\n", out);
		for (size_t i = 0; i < g->n_cases; i++)
			if (g->cases[i].kernel)
				put_cell(out, &g->cases[i], lost.items[l]);
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n</table>\n", out);
}

int ruled_html(const struct ruled *r, FILE *out)
{
	_cleanup_(freep) char *about = xasprintf(": %s", r->repositories.n > 0 ? r->repositories.items[0] : "repositories");

	if (html_start(out, r->command, about) < 0)
		return -1;
	put_summary(out, r);
	fputs("</header>\n<main>\n", out);
	put_repositories(out, r);
	put_groups(out, r);
	fputs("<section aria-labelledby=\"matrix\">\n<h2 id=\"matrix\">Matrix</h2>\n"
	      "<p class=\"quiet\">What any of the kernels would lose; a cell opens to the reasons.</p>\n"
	      "<button type=\"button\" id=\"open-all\" hidden=\"hidden\">Open every cell</button>\n",
	      out);
	for (size_t i = 0; i < r->n_groups; i++)
		put_matrix(out, &r->groups[i]);
	fputs("</section>\n", out);
	html_end(out);
	return ferror(out) ? -1 : 0;
}
