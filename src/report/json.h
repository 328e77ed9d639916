/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_JSON_H
#define HVCOMPAT_REPORT_JSON_H

#include "base/json.h"

#include "report/report.h"

/*
 * What the files that make the JSON share. docs/report.schema.json is the contract. Values returned are owned
 * by the caller until they are added to another.
 */

/* A string as JSON, made valid UTF-8 first; NULL gives null. */
struct json_object *json_text(const char *s);
void json_put(struct json_object *o, const char *key, const char *s);
struct json_object *json_strings(char *const *list, size_t n);
struct json_object *json_versions(const version_t *versions, size_t n, unsigned parts);

/* json_verdicts.c: "hypervisors", an entry for each kernel, host, version and mode */
struct json_object *json_verdicts(const struct report *r);

/* json_findings.c: "findings", "decision", "policy", "requirements", "newest_allowed" */
void json_decisions(struct json_object *o, const struct report *r);

#endif
