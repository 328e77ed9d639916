/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/junit.h"
#include "report/markup.h"
#include "report/ruled.h"

static void put_properties(FILE *out, const struct ruled *r)
{
	junit_properties_start(out);
	junit_property(out, "", "hvcompat", HVCOMPAT_VERSION);
	junit_property(out, "", "command", r->command);
	junit_number(out, "exit", r->exit);
	junit_property(out, "", "policy", r->policy);
	junit_number(out, "policy-version", r->policy_version);
	for (size_t i = 0; i < r->repositories.n; i++) {
		_cleanup_(freep) char *name = xasprintf("repository-%zu", i + 1);

		junit_property(out, "", name, r->repositories.items[i]);
	}
	junit_properties_end(out);
}

static void put_reason(FILE *out, const struct ruled_reason *w)
{
	junit_line(out, "%s%s%s", w->lost ? w->lost : "", w->lost ? ": " : "", w->message);
	if (w->expected)
		junit_line(out, "expected %s", w->expected);
	if (w->found)
		junit_line(out, "found %s", w->found);
	if (w->id)
		junit_line(out, "id: %s", w->id);
}

static void put_case(FILE *out, const char *class, const struct ruled_case *a)
{
	struct junit_case c = { .name = a->name, .class = class, .answer = a->answer,
				.message = a->n_reasons > 0 ? a->reasons[0].message : a->word, .type = a->word };

	if (!junit_case_start(out, &c))
		return;
	for (size_t i = 0; i < a->n_reasons; i++)
		put_reason(out, &a->reasons[i]);
	for (size_t i = 0; i < a->n_files; i++)
		junit_line(out, "%s %s %s sha256:%s", a->files[i].package, a->files[i].version, a->files[i].path, a->files[i].sha256);
	junit_case_end(out, &c);
}

static void put_group(FILE *out, const struct ruled *r, size_t id)
{
	const struct ruled_group *g = &r->groups[id];
	struct junit_suite s = { .name = g->name, .id = id, .today = r->today };
	_cleanup_(freep) char *class = junit_class(r->policy, g->name);

	for (size_t i = 0; i < g->n_cases; i++)
		s.counts[g->cases[i].answer]++;
	junit_suite_start(out, &s);
	put_properties(out, r);
	for (size_t i = 0; i < g->n_cases; i++)
		put_case(out, class, &g->cases[i]);
	junit_suite_remarks(out);
	for (size_t i = 0; i < g->notes.n; i++)
		junit_line(out, "%s", g->notes.items[i]);
	junit_suite_end(out, NULL);
}

int ruled_junit(const struct ruled *r, FILE *out)
{
	junit_start(out);
	for (size_t i = 0; i < r->n_groups; i++)
		put_group(out, r, i);
	junit_end(out);
	return ferror(out) ? -1 : 0;
}
