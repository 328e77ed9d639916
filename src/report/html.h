/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_HTML_H
#define HVCOMPAT_REPORT_HTML_H

#include "report/report.h"

/*
 * One page of HTML that holds all it needs, and is well-formed XML too, so that the strictest of parsers can
 * check it. What the files that make it share.
 */

/*
 * The page up to its <h1>, inside of <header>, with a link to #matrix; `about` (may be NULL) goes behind the command in its title. And
 * what comes behind the last section of <main>. The first needs digests: a negative errno where there are none.
 */
int html_start(FILE *out, const char *command, const char *about);
void html_end(FILE *out);

/* How good or bad something is; each has a sign and a colour, and stands beside a word. */
enum mark { MARK_GOOD, MARK_WARN, MARK_BAD, MARK_UNKNOWN, MARK_NONE };

/* A word with its sign in front. */
void html_mark(FILE *out, enum mark mark, const char *word);

/* A table cell of text; NULL and "" show a dash. */
void html_cell(FILE *out, const char *text);

/* html_findings.c: the findings, each with its evidence, old beside new */
void html_findings(const struct report *r, FILE *out);
enum mark finding_mark(const struct finding *f);

/* html_matrix.c: kernels by versions of hosts, each cell with the ways that led to its verdict */
void html_matrix(const struct report *r, FILE *out);

/* html_style.c: what stands in <style> and <script>, without the tags */
extern const char html_style[], html_script[];

#endif
