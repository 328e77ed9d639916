/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_PARTS_H
#define HVCOMPAT_REPORT_PARTS_H

#include "report/report.h"
#include "report/text.h"

/* What the files of the room "report" share. Nobody outside src/report includes this. */

/* Whether a report that is limited to selections shows this verdict. */
bool report_selects(const struct report *r, const struct verdict *v);

/* Whether a report tells of this finding: see report.limited. */
bool report_tells(const struct report *r, const struct finding *f);

/* head.c: one kernel in two lines: what it is called, and how it was read */
void text_head(const struct text *t, const struct report_kernel *k);
void text_facts(const struct text *t, const struct report_kernel *k);

/* overview.c: query */
void text_query(const struct text *t, const struct report *r);

/* decided.c: check, diff, gate */
void text_decided(const struct text *t, const struct report *r);

/* decided.c: what a decision came to, behind the name of the kernel: "would drop hyperv 2008r2 (gen1)". Owned. */
char *report_headline(const struct report *r, const struct decision *d, const struct support *s);

/* finding.c: the same piece of evidence in the other kernel; NULL: there is none. */
const struct evidence *evidence_counterpart(const struct finding *f, const struct evidence *e);

/* finding.c: one group of findings with its evidence, and the folded rest */
void text_findings(const struct text *t, const struct report *r, const struct decision *d);

/*
 * json.c, junit.c, sarif.c, html.c: what programs read, and the page. 0, or negative where `out` could not be
 * written.
 */
int json_report(const struct report *r, FILE *out);
int junit_report(const struct report *r, FILE *out);
int sarif_report(const struct report *r, FILE *out);
int html_report(const struct report *r, FILE *out);

#endif
