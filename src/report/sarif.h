/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_SARIF_H
#define HVCOMPAT_REPORT_SARIF_H

#include "report/json.h"

/*
 * SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), section 3; a number in brackets is one of
 * its sections. What the files that make it share.
 */

/* {"text": …}: a message [3.11] or a multiformatMessageString [3.12]. */
struct json_object *sarif_text(const char *s);

/* An artifactLocation [3.4]: the path as a URI, and where it stands in run.artifacts. */
struct json_object *sarif_artifact_location(const char *path, size_t index);

/* sarif_results.c: results [3.27] and, as they are met, their rules [3.49]. */
void sarif_results(const struct report *r, struct json_object *results, struct json_object *rules);

#endif
