/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_JUNIT_H
#define HVCOMPAT_REPORT_JUNIT_H

#include "report/pipeline.h"

/*
 * JUnit's XML has no standard; what is written here is what the two schemas share that tools really use: that of
 * Ant's reports (windyroad/JUnit-Schema) and that of Jenkins (xunit-plugin, junit-10.xsd). The pieces of it, of which both
 * kinds of report are made: of kernels (junit.c), and of repositories (ruled_junit.c).
 */

void junit_start(FILE *out);
void junit_end(FILE *out);

/* "hvcompat.FIRST.SECOND": packages and classes are parted by dots there, and kernels are full of them. Owned. */
char *junit_class(const char *first, const char *second);

struct junit_suite {
	const char *name;  /* "": it has none */
	size_t id;         /* number among its likes */
	const char *today; /* YYYY-MM-DD: the same question gives the same bytes; NULL: not told */
	size_t counts[ANSWER_ERROR + 1]; /* testcases of each answer */
};
void junit_suite_start(FILE *out, const struct junit_suite *s);
/* Behind properties and cases, between the texts: system-out, which the caller fills, and system-err. */
void junit_suite_remarks(FILE *out);
void junit_suite_end(FILE *out, const char *errors);

void junit_properties_start(FILE *out);
void junit_properties_end(FILE *out);
/* The name is of two parts; a NULL value writes nothing. */
void junit_property(FILE *out, const char *side, const char *name, const char *value);
void junit_number(FILE *out, const char *name, size_t value);

struct junit_case {
	const char *name, *class;
	enum answer answer;
	const char *message, *type; /* of what did not pass */
};
/* Returns whether there is a body for the caller to fill, and junit_case_end() to be called. */
bool junit_case_start(FILE *out, const struct junit_case *c);
void junit_case_end(FILE *out, const struct junit_case *c);

/* A line of text in a body. */
void junit_line(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
