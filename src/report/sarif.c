/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/sarif.h"
#include "report/wording.h"
#include "report/parts.h"
#include "report/pipeline.h"

#include <errno.h>

#define SARIF_SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

struct json_object *sarif_text(const char *s)
{
	struct json_object *o = json_new_object();

	json_put(o, "text", s ? s : "");
	return o;
}

/* RFC 3986: a path, with all that is not unreserved escaped; an absolute one needs a scheme. */
static char *path_uri(const char *path)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s", *path == '/' ? "file://" : "");
	for (const unsigned char *p = (const unsigned char *)path; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
			     strchr("-._~/", *p);

		buf_addf(&b, plain ? "%c" : "%%%02X", *p);
	}
	return b.text;
}

struct json_object *sarif_artifact_location(const char *path, size_t index)
{
	struct json_object *o = json_new_object();
	_cleanup_(freep) char *uri = path_uri(path);

	json_put(o, "uri", uri);
	json_add(o, "index", json_new_number(index));
	return o;
}

struct json_object *sarif_artifact(const struct sarif_file *f, size_t index, size_t kernel)
{
	struct json_object *o = json_new_object(), *more = json_new_object(), *hashes;

	json_add(o, "location", sarif_artifact_location(f->path, index));
	if (f->sha256 && *f->sha256) {
		hashes = json_new_object();
		json_put(hashes, "sha-256", f->sha256);
		json_add(o, "hashes", hashes);
	}
	json_add(more, "kernel", json_new_number(kernel));
	json_put(more, "package", f->package);
	json_put(more, "version", f->version);
	json_add(o, "properties", more);
	return o;
}

static struct json_object *sarif_artifacts(const struct report *r)
{
	struct json_object *a = json_new_array();

	for (size_t k = 0; k < r->n_kernels; k++) {
		const struct facts *f = r->kernels[k].support->facts;

		for (size_t i = 0; i < f->n_inputs; i++) {
			const struct input *in = &f->inputs[i];
			struct sarif_file file = { in->path, in->sha256, in->package, in->version };

			json_append(a, sarif_artifact(&file, json_object_array_length(a), k));
		}
	}
	return a;
}

static struct json_object *sarif_notification(const char *message)
{
	struct json_object *o = json_new_object();

	json_add(o, "message", sarif_text(message));
	json_put(o, "level", "error");
	return o;
}

/* The run itself [3.20]: whether it worked, and what it exits with. */
struct json_object *sarif_invocations(enum exit_status exit, const char *const *errors, size_t n_errors)
{
	struct json_object *a = json_new_array(), *o = json_new_object();
	struct json_object *list = json_new_array();

	json_add(o, "executionSuccessful", json_new_boolean(exit != EXIT_FAILED));
	json_add(o, "exitCode", json_new_int((int)exit));
	json_put(o, "exitCodeDescription", exit_words(exit));
	for (size_t i = 0; i < n_errors; i++)
		json_append(list, sarif_notification(errors[i]));
	json_add(o, "toolExecutionNotifications", list);
	json_append(a, o);
	return a;
}

/* What SARIF has no word for, as in our own JSON. */
static struct json_object *sarif_properties(const struct report *r)
{
	struct json_object *o = json_new_object(), *kernels = json_new_array();

	json_put(o, "command", r->command);
	for (size_t k = 0; k < r->n_kernels; k++)
		json_append(kernels, json_text(r->kernels[k].label));
	json_add(o, "kernels", kernels);
	if (!streq(r->command, "query"))
		json_decisions(o, r);
	json_object_object_del(o, "findings");
	return o;
}

static struct json_object *sarif_tool(struct json_object *rules)
{
	struct json_object *tool = json_new_object(), *driver = json_new_object();

	json_put(driver, "name", "hvcompat");
	json_put(driver, "version", HVCOMPAT_VERSION);
	json_add(driver, "rules", rules);
	json_add(tool, "driver", driver);
	return tool;
}

struct json_object *sarif_run(const char *command, const char *policy, struct json_object *rules)
{
	struct json_object *run = json_new_object(), *details = json_new_object();
	_cleanup_(freep) char *category = xasprintf("hvcompat/%s/%s/", command, policy ? policy : "all");

	json_add(run, "tool", sarif_tool(rules));
	json_put(details, "id", category);
	json_add(run, "automationDetails", details);
	return run;
}

int sarif_write(struct json_object *run, FILE *out)
{
	struct json_object *o = json_new_object(), *runs = json_new_array();
	const char *text;
	int result;

	json_put(o, "$schema", SARIF_SCHEMA);
	json_put(o, "version", "2.1.0");
	json_append(runs, run);
	json_add(o, "runs", runs);
	text = json_pretty(o);
	result = text && fputs(text, out) >= 0 && fputc('\n', out) != EOF ? 0 : -EIO;
	json_object_put(o);
	return result;
}

int sarif_report(const struct report *r, FILE *out)
{
	struct json_object *results = json_new_array(), *rules = json_new_array();
	struct json_object *run = sarif_run(r->command, r->policy ? r->policy->name : NULL, rules);
	_cleanup_(freep) const char **errors = xcalloc(r->n_errors, sizeof(*errors));

	for (size_t i = 0; i < r->n_errors; i++)
		errors[i] = r->errors[i].message;
	sarif_results(r, results, rules);
	json_add(run, "invocations", sarif_invocations(r->exit, errors, r->n_errors));
	json_add(run, "artifacts", sarif_artifacts(r));
	json_add(run, "results", results);
	json_add(run, "properties", sarif_properties(r));
	return sarif_write(run, out);
}
