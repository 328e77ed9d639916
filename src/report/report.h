/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_REPORT_H
#define HVCOMPAT_REPORT_REPORT_H

#include "base/status.h"
#include "policy/decision.h"

/*
 * The room "report": what a person or a pipeline reads, made of the values of the rooms before. Each function
 * takes the same document and writes it to `out`; it decides nothing. docs/report.schema.json is the schema
 * of the JSON; docs/pipelines.md says what becomes what in the others.
 */

#define REPORT_SCHEMA "hvcompat-report/1"

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_JUNIT, REPORT_SARIF, REPORT_HTML };

/* One kernel that was looked at. */
struct report_kernel {
	const char *label;             /* as kernel_label() */
	const struct support *support; /* its facts are support->facts */
};

/* A kernel that was asked for and could not be read. The text report leaves these to stderr. */
struct report_error {
	const char *kernel; /* as given on the command line */
	const char *message;
};

struct report {
	const char *command;     /* the verb */
	enum exit_status exit;   /* what the process will say */
	const char *today;       /* YYYY-MM-DD, the day that was decided for; NULL: not told */
	const struct knowledge *knowledge;
	/*
	 * query: any number; check: one or more; diff, gate: old first, then new, then others that gate
	 * looked at
	 */
	const struct report_kernel *kernels;
	size_t n_kernels;
	/* check: parallel to kernels; diff, gate: one; query: NULL */
	const struct decision *const *decisions;
	size_t n_decisions;
	const struct policy *policy; /* check, gate: the one in force, even where no kernel could be read */
	const struct selection *selection; /* query --on; NULL: everything */
	size_t n_selections;
	/*
	 * gate: no more was read than the selections need, so what is only unknown or narrowed elsewhere says
	 * nothing of the kernels and is left out. What was lost for certain is told wherever it is.
	 */
	bool limited;
	const char *newest_allowed;  /* release of the newest kernel that is allowed; NULL: none, not asked */
	bool details;                /* query --facts: every fact that was read, with its provenance */
	bool verbose;                /* text: evidence of what is supported too, all rows, nothing folded */
	bool color;                  /* text: only on a terminal that wants it */
	unsigned columns;            /* text: width to fit, 80 by default */
	const struct report_error *errors;
	size_t n_errors;
};

/*
 * Returns 0, or a negative errno when `out` could not be written (a full disk): `err` says so. Flushes `out`.
 */
int report_write(const struct report *report, enum report_format format, FILE *out, struct error *err);

#endif
