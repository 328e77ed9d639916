/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/junit.h"
#include "report/markup.h"

#include <stdarg.h>

void junit_start(FILE *out)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
}

void junit_end(FILE *out)
{
	fputs("</testsuites>\n", out);
}

char *junit_class(const char *first, const char *second)
{
	_cleanup_(freep) char *name = xstrdup(second);

	for (char *p = name; *p; p++)
		if (*p == '.')
			*p = '_';
	return xasprintf("hvcompat.%s.%s", first, name);
}

void junit_suite_start(FILE *out, const struct junit_suite *s)
{
	size_t all = 0;

	for (size_t i = 0; i < ARRAY_SIZE(s->counts); i++)
		all += s->counts[i];
	fputs("  <testsuite", out);
	markup_attr(out, "name", *s->name ? s->name : "kernel");
	markup_attr(out, "package", "hvcompat");
	fprintf(out, " id=\"%zu\"", s->id);
	fprintf(out, " timestamp=\"%sT00:00:00\" hostname=\"localhost\"", s->today ? s->today : "1970-01-01");
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"0\">\n", all,
		s->counts[ANSWER_FAIL], s->counts[ANSWER_ERROR], s->counts[ANSWER_SKIP]);
}

void junit_suite_remarks(FILE *out)
{
	fputs("    <system-out>", out);
}

void junit_suite_end(FILE *out, const char *errors)
{
	fputs("</system-out>\n    <system-err>", out);
	markup_put(out, errors);
	fputs("</system-err>\n  </testsuite>\n", out);
}

void junit_properties_start(FILE *out)
{
	fputs("    <properties>\n", out);
}

void junit_properties_end(FILE *out)
{
	fputs("    </properties>\n", out);
}

void junit_property(FILE *out, const char *side, const char *name, const char *value)
{
	if (!value)
		return;
	fputs("      <property name=\"", out);
	markup_putf(out, "%s%s", side, name);
	fputc('"', out);
	markup_attr(out, "value", value);
	fputs("/>\n", out);
}

void junit_number(FILE *out, const char *name, size_t value)
{
	_cleanup_(freep) char *text = xasprintf("%zu", value);

	junit_property(out, "", name, text);
}

static const char *const elements[] = {
	[ANSWER_SKIP] = "skipped", [ANSWER_FAIL] = "failure", [ANSWER_ERROR] = "error",
};

bool junit_case_start(FILE *out, const struct junit_case *c)
{
	fputs("    <testcase", out);
	markup_attr(out, "name", c->name);
	markup_attr(out, "classname", c->class);
	fputs(" time=\"0\"", out);
	if (c->answer == ANSWER_PASS) {
		fputs("/>\n", out);
		return false;
	}
	fprintf(out, ">\n      <%s", elements[c->answer]);
	markup_attr(out, "message", c->message);
	if (c->answer != ANSWER_SKIP)
		markup_attr(out, "type", c->type);
	fputc('>', out);
	return true;
}

void junit_case_end(FILE *out, const struct junit_case *c)
{
	fprintf(out, "</%s>\n    </testcase>\n", elements[c->answer]);
}

void junit_line(FILE *out, const char *fmt, ...)
{
	_cleanup_(freep) char *line = NULL;
	va_list args;

	va_start(args, fmt);
	line = xvasprintf(fmt, args);
	va_end(args);
	markup_put(out, line);
	fputc('\n', out);
}
