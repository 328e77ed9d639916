/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/junit.h"
#include "report/markup.h"
#include "report/parts.h"
#include "report/wording.h"

static char *class_name(const struct report *r, const char *label)
{
	return junit_class(r->policy ? r->policy->name : r->command, label);
}

static void put_kernel(FILE *out, const struct report *r, size_t k, const char *side)
{
	const struct facts *f = r->kernels[k].support->facts;

	junit_property(out, side, "kernel", r->kernels[k].label);
	junit_property(out, side, "release", f->release);
	junit_property(out, side, "arch", f->arch);
	junit_property(out, side, "package-version", f->version);
	junit_property(out, side, "depth", depth_word(f->depth));
	for (size_t i = 0; i < f->n_inputs; i++) {
		_cleanup_(freep) char *path = xasprintf("input-%zu", i + 1), *sum = xasprintf("sha256-%zu", i + 1);

		junit_property(out, side, path, f->inputs[i].path);
		junit_property(out, side, sum, *f->inputs[i].sha256 ? f->inputs[i].sha256 : NULL);
	}
}

static void put_properties(FILE *out, const struct report *r, size_t k, const struct decision *d)
{
	junit_properties_start(out);
	junit_property(out, "", "hvcompat", HVCOMPAT_VERSION);
	junit_property(out, "", "command", r->command);
	junit_number(out, "exit", r->exit);
	if (r->policy) {
		junit_property(out, "", "policy", r->policy->name);
		junit_number(out, "policy-version", r->policy->version);
		junit_property(out, "", "policy-file", r->policy->file);
	}
	if (d && d->policy)
		junit_property(out, "", "decision", decision_word(d->result));
	junit_property(out, "", "newest-allowed", r->newest_allowed);
	if (report_compares(r))
		put_kernel(out, r, 0, "old-");
	put_kernel(out, r, k, "");
	junit_properties_end(out);
}

static void put_evidence(FILE *out, const struct evidence *e)
{
	_cleanup_(freep) char *where = evidence_where(e);

	junit_line(out, "%s: %s%s%s%s%s; found %s", e->old ? "old" : "new", where, e->package ? ", of " : "",
		   e->package ? e->package : "", e->expected ? "; expected " : "", e->expected ? e->expected : "",
		   e->found && *e->found ? e->found : "nothing");
}

static void put_finding(FILE *out, const struct finding *f)
{
	_cleanup_(freep) char *waived = f->waiver ? waiver_text(f->waiver) : NULL;

	junit_line(out, "%s (%s): %s", finding_kind_word(f->kind), finding_state_word(f->state), f->message);
	if (waived)
		junit_line(out, "%s", waived);
	for (size_t i = 0; i < f->n_evidence; i++)
		put_evidence(out, &f->evidence[i]);
	for (size_t i = 0; f->help && f->help[i]; i++)
		junit_line(out, "help: %s", f->help[i]);
	junit_line(out, "id: %s", f->id);
}

/* The first line of a failure: what says it best. */
static const char *asked_message(const struct asked *a)
{
	for (size_t i = 0; i < a->n_findings; i++)
		if (a->findings[i]->blocking)
			return a->findings[i]->message;
	return a->n_findings > 0 ? a->findings[0]->message : a->message;
}

static void put_case(FILE *out, const char *class, const struct asked *a)
{
	struct junit_case c = {
		.name = a->name, .class = class, .answer = a->answer, .message = asked_message(a),
		.type = a->n_findings > 0 ? finding_kind_word(a->findings[0]->kind)
			: a->answer == ANSWER_FAIL ? "unsupported" : "unknown",
	};

	if (!junit_case_start(out, &c))
		return;
	for (size_t i = 0; i < a->n_findings; i++)
		put_finding(out, a->findings[i]);
	if (a->n_findings == 0)
		markup_put(out, a->message);
	junit_case_end(out, &c);
}

static void put_suite_start(FILE *out, const struct report *r, const char *name, size_t id,
			    const struct asked *list, size_t n)
{
	struct junit_suite s = { .name = name, .id = id, .today = r->today };

	for (size_t i = 0; i < n; i++)
		s.counts[list[i].answer]++;
	junit_suite_start(out, &s);
}

/* What no testcase says, because nothing hangs on it. */
static void put_remarks(FILE *out, const struct report *r, const struct decision *d)
{
	for (size_t i = 0; d && i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];

		if (finding_answer(d, f) != ANSWER_PASS || !report_tells(r, f))
			continue;
		junit_line(out, "%s (%s) %s: %s", finding_kind_word(f->kind), finding_state_word(f->state), f->id, f->message);
	}
}

static void put_suite(FILE *out, const struct report *r, size_t k, size_t id)
{
	const struct decision *d = report_decision(r, k);
	_cleanup_(freep) char *class = class_name(r, r->kernels[k].label);
	struct asked *list;
	size_t n = asked_collect(r, k, &list);

	put_suite_start(out, r, r->kernels[k].label, id, list, n);
	put_properties(out, r, k, d);
	for (size_t i = 0; i < n; i++)
		put_case(out, class, &list[i]);
	junit_suite_remarks(out);
	put_remarks(out, r, d);
	junit_suite_end(out, NULL);
	asked_free(list, n);
}

/* A kernel that could not be read is no kernel that passed. */
static void put_error(FILE *out, const struct report *r, const struct report_error *e, size_t id)
{
	_cleanup_(freep) char *class = class_name(r, e->kernel);
	struct asked asked = {
		.name = (char *)"the kernel can be read",
		.answer = ANSWER_ERROR,
		.message = (char *)e->message,
	};

	put_suite_start(out, r, e->kernel, id, &asked, 1);
	junit_properties_start(out);
	junit_property(out, "", "command", r->command);
	junit_number(out, "exit", r->exit);
	junit_properties_end(out);
	put_case(out, class, &asked);
	junit_suite_remarks(out);
	junit_suite_end(out, e->message);
}

int junit_report(const struct report *r, FILE *out)
{
	bool compares = report_compares(r);
	size_t id = 0;

	junit_start(out);
	for (size_t k = compares ? 1 : 0; k < r->n_kernels; k++)
		if (!compares || report_decision(r, k))
			put_suite(out, r, k, id++);
	for (size_t i = 0; i < r->n_errors; i++)
		put_error(out, r, &r->errors[i], id++);
	junit_end(out);
	return ferror(out) ? -1 : 0;
}
