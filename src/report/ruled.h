/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_RULED_H
#define HVCOMPAT_REPORT_RULED_H

#include "policy/ids.h"
#include "report/pipeline.h"

/*
 * What check --repo and gate --repo tell pipelines: many kernels, each with one word and the reasons for it. Of a ruling that
 * was made in an earlier run nothing else is known, so there are no facts here, and no verdicts. JUnit, SARIF and HTML are made
 * of it; docs/pipelines.md says what becomes what.
 */

/* A file that a kernel, or whatever was asked about, lies in. Strings are owned. */
struct ruled_file {
	char *path; /* relative to the repository */
	char *package, *version;
	char sha256[65];
};

/* Why it is not allowed. Strings are owned; NULL: not told. */
struct ruled_reason {
	char *id;
	char *lost;            /* "hyperv:2008r2"; NULL: nothing that can be named so */
	char *message;
	char *expected, *found;
};

/* One thing that was asked, and the answer: a kernel, mostly. */
struct ruled_case {
	char *name, *version;
	enum answer answer;
	const char *word;      /* "allowed", "blocked", "undecided", "failed", "kept"; constant */
	bool kernel;           /* it is a kernel, and was ruled on */
	struct ruled_file *files;
	size_t n_files;
	struct ruled_reason *reasons; /* one at least where the answer is FAIL or ERROR */
	size_t n_reasons;
};

/* What belongs together: all of check --repo, or one update of gate --repo. */
struct ruled_group {
	char *name;
	struct ruled_case *cases;
	size_t n_cases;
	struct strings notes;  /* lines for people: what is the newest that is allowed, how to keep hosts from others */
};

struct ruled {
	const char *command, *today, *policy; /* borrowed */
	unsigned policy_version;
	enum exit_status exit;
	struct strings repositories; /* label and who signed it */
	struct ruled_group *groups;
	size_t n_groups;
};
void ruled_done(struct ruled *r);

struct ruled_group *ruled_add_group(struct ruled *r, char *name);
/* Takes `name`; `version` may be NULL. */
struct ruled_case *ruled_add_case(struct ruled_group *g, char *name, const char *version, enum answer answer, const char *word);
void ruled_add_reason(struct ruled_case *c, const struct ruled_reason *of); /* copies */
/* One that is no finding of a kernel. */
void ruled_add_plain(struct ruled_case *c, enum id_kind id, const char *message);

/*
 * To be called when all is in: where no case of it says that the exit status is not 0, one that does is added. A report never says
 * "passed" where it is not.
 */
void ruled_complete(struct ruled *r);

/* Writes it as REPORT_JUNIT, REPORT_SARIF or REPORT_HTML. 0, or a negative errno when `out` could not be written. */
int ruled_write(const struct ruled *r, enum report_format format, FILE *out, struct error *err);

/* ruled_junit.c, ruled_sarif.c, ruled_html.c */
int ruled_junit(const struct ruled *r, FILE *out);
int ruled_sarif(const struct ruled *r, FILE *out);
int ruled_html(const struct ruled *r, FILE *out);

#endif
