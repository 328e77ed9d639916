/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_SARIF_H
#define HVCOMPAT_REPORT_SARIF_H

#include "report/json.h"
#include "report/pipeline.h"

/*
 * SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), section 3; a number in brackets is one of
 * its sections. What the files that make it share: of kernels (sarif.c), and of repositories (ruled_sarif.c).
 */

/* A run [3.14], with its tool and that one's rules, which are taken; the rest of it is the caller's to add. */
struct json_object *sarif_run(const char *command, const char *policy, struct json_object *rules);
/* How the run went [3.20]. */
struct json_object *sarif_invocations(enum exit_status exit, const char *const *errors, size_t n_errors);
/* Writes the log that consists of this run, which is taken. 0, or -EIO. */
int sarif_write(struct json_object *run, FILE *out);

/* A file that was looked at [3.24]; all but the path may be NULL. */
struct sarif_file {
	const char *path, *sha256, *package, *version;
};
struct json_object *sarif_artifact(const struct sarif_file *f, size_t index, size_t kernel);

/* Level [3.27.10] and kind [3.27.9] of a result that passed, or did not. */
void sarif_put_grading(struct json_object *o, enum answer answer);

/* Says which rule [3.49] a result is of, and adds that to the rules where it is not there; `about` and `help` may be NULL. */
struct sarif_rule {
	const char *id, *says, *about;
	char *const *help; /* NULL-terminated */
};
void sarif_put_rule(struct json_object *result, struct json_object *rules, const struct sarif_rule *rule);

/* What stays the same of a result from run to run [3.27.17]. */
void sarif_put_fingerprint(struct json_object *o, const char *id);

/* {"text": …}: a message [3.11] or a multiformatMessageString [3.12]. */
struct json_object *sarif_text(const char *s);

/* An artifactLocation [3.4]: the path as a URI, and where it stands in run.artifacts. */
struct json_object *sarif_artifact_location(const char *path, size_t index);

/* sarif_results.c: results [3.27] and, as they are met, their rules [3.49]. */
void sarif_results(const struct report *r, struct json_object *results, struct json_object *rules);

#endif
