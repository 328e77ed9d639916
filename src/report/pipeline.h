/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_PIPELINE_H
#define HVCOMPAT_REPORT_PIPELINE_H

#include "report/report.h"

/* What the reports for pipelines (JUnit, SARIF, HTML) share. */

/*
 * What a finding, or a row, means to the exit status. The four are one to one with what JUnit knows: passed,
 * skipped, failure, error.
 */
enum answer { ANSWER_PASS, ANSWER_SKIP, ANSWER_FAIL, ANSWER_ERROR };

/* Of a finding of `d`: FAIL blocks, ERROR leaves undecided, SKIP is waived, or not known and only told; PASS all else. */
enum answer finding_answer(const struct decision *d, const struct finding *f);

/* Of a verdict that someone asked for. */
enum answer status_answer(enum status status);

/* Something that was asked of a kernel, and what came of it. */
struct asked {
	char *name; /* "hyperv:2008r2/gen1, required: hyperv all"; owned */
	enum answer answer;
	const struct finding **findings; /* that say so; owned */
	size_t n_findings;
	char *message; /* where no finding says it; NULL: nothing to say; owned */
};

/*
 * All that was asked of one kernel (query, check), or of the new one (diff, gate; `kernel` 1), in order. There is
 * a FAIL or an ERROR among them exactly when the exit status that this kernel deserves is not 0. Returns the
 * number; *ret is owned: asked_free().
 */
size_t asked_collect(const struct report *r, size_t kernel, struct asked **ret);
void asked_free(struct asked *list, size_t n);

/* The decision on that kernel, NULL: there is none. */
const struct decision *report_decision(const struct report *r, size_t kernel);

/* Whether the command holds an old kernel against a new one. */
bool report_compares(const struct report *r);

/* "table in kernel/hv_vmbus.ko, .rodata vmbus_versions": what was looked at. Owned by the caller. */
char *evidence_where(const struct evidence *e);

/* "waived by NAME until DATE: REASON". Owned by the caller. */
char *waiver_text(const struct waiver *w);

#endif
