/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/markup.h"
#include "report/parts.h"
#include "report/pipeline.h"
#include "report/wording.h"

/*
 * JUnit's XML has no standard; what is written here is what the two schemas share that tools really use: that of
 * Ant's reports (windyroad/JUnit-Schema) and that of Jenkins (xunit-plugin, junit-10.xsd).
 */

/* Packages and classes are parted by dots there, and kernels are full of them. */
static char *class_name(const struct report *r, const char *label)
{
	_cleanup_(freep) char *name = xstrdup(label);

	for (char *p = name; *p; p++)
		if (*p == '.')
			*p = '_';
	return xasprintf("hvcompat.%s.%s", r->policy ? r->policy->name : r->command, name);
}

static void put_property(FILE *out, const char *side, const char *name, const char *value)
{
	if (!value)
		return;
	fputs("      <property name=\"", out);
	markup_putf(out, "%s%s", side, name);
	fputc('"', out);
	markup_attr(out, "value", value);
	fputs("/>\n", out);
}

static void put_number(FILE *out, const char *name, size_t value)
{
	_cleanup_(freep) char *text = xasprintf("%zu", value);

	put_property(out, "", name, text);
}

static void put_kernel(FILE *out, const struct report *r, size_t k, const char *side)
{
	const struct facts *f = r->kernels[k].support->facts;

	put_property(out, side, "kernel", r->kernels[k].label);
	put_property(out, side, "release", f->release);
	put_property(out, side, "arch", f->arch);
	put_property(out, side, "package-version", f->version);
	put_property(out, side, "depth", depth_word(f->depth));
	for (size_t i = 0; i < f->n_inputs; i++) {
		_cleanup_(freep) char *path = xasprintf("input-%zu", i + 1), *sum = xasprintf("sha256-%zu", i + 1);

		put_property(out, side, path, f->inputs[i].path);
		put_property(out, side, sum, *f->inputs[i].sha256 ? f->inputs[i].sha256 : NULL);
	}
}

static void put_properties(FILE *out, const struct report *r, size_t k, const struct decision *d)
{
	fputs("    <properties>\n", out);
	put_property(out, "", "hvcompat", HVCOMPAT_VERSION);
	put_property(out, "", "command", r->command);
	put_number(out, "exit", r->exit);
	if (r->policy) {
		put_property(out, "", "policy", r->policy->name);
		put_number(out, "policy-version", r->policy->version);
		put_property(out, "", "policy-file", r->policy->file);
	}
	if (d && d->policy)
		put_property(out, "", "decision", decision_word(d->result));
	put_property(out, "", "newest-allowed", r->newest_allowed);
	if (report_compares(r))
		put_kernel(out, r, 0, "old-");
	put_kernel(out, r, k, "");
	fputs("    </properties>\n", out);
}

static void put_evidence(FILE *out, const struct evidence *e)
{
	_cleanup_(freep) char *where = evidence_where(e);

	markup_putf(out, "%s: %s%s%s", e->old ? "old" : "new", where, e->package ? ", of " : "",
		    e->package ? e->package : "");
	if (e->expected)
		markup_putf(out, "; expected %s", e->expected);
	markup_putf(out, "; found %s", e->found && *e->found ? e->found : "nothing");
	fputc('\n', out);
}

static void put_finding(FILE *out, const struct finding *f)
{
	_cleanup_(freep) char *waived = f->waiver ? waiver_text(f->waiver) : NULL;

	markup_putf(out, "%s (%s): %s", finding_kind_word(f->kind), finding_state_word(f->state), f->message);
	fputc('\n', out);
	if (waived) {
		markup_put(out, waived);
		fputc('\n', out);
	}
	for (size_t i = 0; i < f->n_evidence; i++)
		put_evidence(out, &f->evidence[i]);
	for (size_t i = 0; f->help && f->help[i]; i++) {
		markup_putf(out, "help: %s", f->help[i]);
		fputc('\n', out);
	}
	markup_putf(out, "id: %s", f->id);
	fputc('\n', out);
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
	static const char *const elements[] = {
		[ANSWER_SKIP] = "skipped", [ANSWER_FAIL] = "failure", [ANSWER_ERROR] = "error",
	};

	fputs("    <testcase", out);
	markup_attr(out, "name", a->name);
	markup_attr(out, "classname", class);
	fputs(" time=\"0\"", out);
	if (a->answer == ANSWER_PASS) {
		fputs("/>\n", out);
		return;
	}
	fprintf(out, ">\n      <%s", elements[a->answer]);
	markup_attr(out, "message", asked_message(a));
	if (a->answer != ANSWER_SKIP)
		markup_attr(out, "type", a->n_findings > 0 ? finding_kind_word(a->findings[0]->kind)
				       : a->answer == ANSWER_FAIL ? "unsupported" : "unknown");
	fputc('>', out);
	for (size_t i = 0; i < a->n_findings; i++)
		put_finding(out, a->findings[i]);
	if (a->n_findings == 0)
		markup_put(out, a->message);
	fprintf(out, "</%s>\n    </testcase>\n", elements[a->answer]);
}

static size_t count(const struct asked *list, size_t n, enum answer answer)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += list[i].answer == answer;
	return found;
}

static void put_suite_start(FILE *out, const struct report *r, const char *name, size_t id,
			    const struct asked *list, size_t n)
{
	fputs("  <testsuite", out);
	markup_attr(out, "name", *name ? name : "kernel");
	markup_attr(out, "package", "hvcompat");
	fprintf(out, " id=\"%zu\"", id);
	/* The day that was decided for: the same question gives the same bytes. */
	fprintf(out, " timestamp=\"%sT00:00:00\" hostname=\"localhost\"", r->today ? r->today : "1970-01-01");
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"0\">\n", n,
		count(list, n, ANSWER_FAIL), count(list, n, ANSWER_ERROR), count(list, n, ANSWER_SKIP));
}

/* What no testcase says, because nothing hangs on it. */
static void put_remarks(FILE *out, const struct report *r, const struct decision *d)
{
	for (size_t i = 0; d && i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];

		if (finding_answer(d, f) != ANSWER_PASS || !report_tells(r, f))
			continue;
		markup_putf(out, "%s (%s) %s: %s", finding_kind_word(f->kind), finding_state_word(f->state), f->id,
			    f->message);
		fputc('\n', out);
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
	fputs("    <system-out>", out);
	put_remarks(out, r, d);
	fputs("</system-out>\n    <system-err></system-err>\n  </testsuite>\n", out);
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
	fputs("    <properties>\n", out);
	put_property(out, "", "command", r->command);
	put_number(out, "exit", r->exit);
	fputs("    </properties>\n", out);
	put_case(out, class, &asked);
	fputs("    <system-out></system-out>\n    <system-err>", out);
	markup_put(out, e->message);
	fputs("</system-err>\n  </testsuite>\n", out);
}

int junit_report(const struct report *r, FILE *out)
{
	bool compares = report_compares(r);
	size_t id = 0;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
	for (size_t k = compares ? 1 : 0; k < r->n_kernels; k++)
		if (!compares || report_decision(r, k))
			put_suite(out, r, k, id++);
	for (size_t i = 0; i < r->n_errors; i++)
		put_error(out, r, &r->errors[i], id++);
	fputs("</testsuites>\n", out);
	return ferror(out) ? -1 : 0;
}
