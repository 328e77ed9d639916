/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the reports on repositories have in common. */
#include "cmd/repo.h"

#include <errno.h>

#include "cmd/output.h"

void repo_print_head(const struct repo *r, const struct text *t)
{
	for (size_t i = 0; i < r->indexes.count; i++) {
		const struct index *x = r->indexes.indexes[i];

		text_line(t, 0, INK_BOLD, "%s", x->label);
		if (x->priority && x->priority < INDEX_PRIORITY)
			text_line(t, 2, INK_PLAIN, "NotAutomatic: counts for %u, where others do for %u", x->priority, INDEX_PRIORITY);
		text_line(t, 2, x->signer ? INK_DIM : INK_WARN, "%s%s", x->signer ? "signed by " : "nobody signed it",
			  x->signer ? x->signer : "");
	}
	text_line(t, 0, INK_PLAIN, "policy %s, version %u", r->policy->name, r->policy->version);
}

void repo_print_kernel(const struct text *t, const struct index_kernel *k, const struct ruling *r, size_t width)
{
	static const enum ink inks[] = { INK_GOOD, INK_BAD, INK_WARN, INK_BAD };

	text_put(t, INK_PLAIN, "  ", 0);
	text_put(t, INK_PLAIN, k->name, width + 2);
	text_put(t, inks[r->result], ruling_name(r->result), 11);
	text_put(t, INK_DIM, k->packages[0]->version, 0);
	fputc('\n', t->out);
	for (size_t i = 0; i < r->n_findings && i < 3; i++)
		text_line(t, 4, INK_PLAIN, "%s: %s", r->findings[i].lost, r->findings[i].message);
	if (r->n_findings > 3)
		text_line(t, 4, INK_DIM, "and %zu more: check the package itself", r->n_findings - 3);
	if (r->error)
		text_line(t, 4, INK_PLAIN, "%s", r->error);
}

void repo_json_put(struct json_object *o, const char *name, const char *s)
{
	_cleanup_(freep) char *good = s ? text_utf8(s) : NULL;

	if (good)
		json_add(o, name, json_new_string(good));
}

struct json_object *repo_json_kernel(const struct index_kernel *k, const struct repo_ruling *r)
{
	_cleanup_(freep) char *line = ruling_print(r->ruling);
	struct json_object *o = json_new_object(), *packages = json_new_array();

	repo_json_put(o, "kernel", k->name);
	repo_json_put(o, "repository", k->index->label);
	for (size_t i = 0; i < k->n_packages; i++) {
		const struct index_package *p = k->packages[i];
		struct json_object *q = json_new_object();

		repo_json_put(q, "name", p->name);
		repo_json_put(q, "version", p->version);
		repo_json_put(q, "arch", p->arch);
		repo_json_put(q, "sha256", p->sha256);
		json_append(packages, q);
	}
	json_add(o, "packages", packages);
	json_add(o, "ruling", json_parse(line));
	json_add(o, "cached", json_new_boolean(r->cached));
	return o;
}

struct json_object *repo_json_head(const struct repo *r, const char *command, enum exit_status exit)
{
	struct json_object *o = json_new_object(), *repos = json_new_array();

	repo_json_put(o, "schema", "hvcompat-repository/1");
	repo_json_put(o, "command", command);
	json_add(o, "exit", json_new_int(exit));
	repo_json_put(o, "policy", r->policy->name);
	json_add(o, "policy_version", json_new_number(r->policy->version));
	for (size_t i = 0; i < r->indexes.count; i++) {
		struct json_object *x = json_new_object();

		repo_json_put(x, "label", r->indexes.indexes[i]->label);
		repo_json_put(x, "signer", r->indexes.indexes[i]->signer);
		if (r->indexes.indexes[i]->family == INDEX_DEB)
			json_add(x, "priority", json_new_number(r->indexes.indexes[i]->priority));
		json_append(repos, x);
	}
	json_add(o, "repositories", repos);
	return o;
}

static void write_json(FILE *out, struct json_object *o)
{
	fprintf(out, "%s\n", json_pretty(o));
	json_object_put(o);
}

/* --- for pipelines ---------------------------------------------------------------------------- */

static enum answer answer_of(const struct ruling *r)
{
	static const enum answer map[] = {
		[RULING_ALLOWED] = ANSWER_PASS,
		[RULING_BLOCKED] = ANSWER_FAIL,
		[RULING_UNDECIDED] = ANSWER_ERROR,
		[RULING_FAILED] = ANSWER_ERROR,
	};

	return map[r->result];
}

static void add_files(struct ruled_case *c, const struct index_kernel *k)
{
	c->files = xcalloc(k->n_packages, sizeof(*c->files));
	c->n_files = k->n_packages;
	for (size_t i = 0; i < k->n_packages; i++) {
		const struct index_package *p = k->packages[i];

		c->files[i] = (struct ruled_file){ xstrdup(p->location), xstrdup(p->name), xstrdup(p->version), "" };
		memcpy(c->files[i].sha256, p->sha256, sizeof(p->sha256));
	}
}

void repo_add_case(struct ruled_group *g, const struct index_kernel *k, const struct ruling *r)
{
	struct ruled_case *c = ruled_add_case(g, xstrdup(k->name), k->packages[0]->version, answer_of(r), ruling_name(r->result));

	c->kernel = true;
	add_files(c, k);
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct ruling_finding *f = &r->findings[i];

		ruled_add_reason(c, &(struct ruled_reason){ f->id, *f->lost ? f->lost : NULL, f->message, f->expected, f->found });
	}
	if (r->error)
		ruled_add_plain(c, ID_FAILED, r->error);
}

static int write_ruled(const struct repo *r, const void *ctx, const struct repo_report *how, FILE *out, struct error *err)
{
	_cleanup_(ruled_done) struct ruled d = { .command = r->options->verb, .today = r->options->today,
						 .policy = r->policy->name, .policy_version = r->policy->version };

	for (size_t i = 0; i < r->indexes.count; i++) {
		const struct index *x = r->indexes.indexes[i];

		strings_add(&d.repositories,
			    x->signer ? xasprintf("%s, signed by %s", x->label, x->signer) : xasprintf("%s, which nobody signed", x->label));
	}
	how->ruled(ctx, &d);
	ruled_complete(&d);
	return ruled_write(&d, r->options->format, out, err);
}

/* --- writing ---------------------------------------------------------------------------------- */

static int write_report(const struct repo *r, const void *ctx, const struct repo_report *how, FILE *out, struct error *err)
{
	struct text t = { .out = out, .columns = output_columns(r->options), .color = output_color(r->options) };

	switch (r->options->format) {
	case REPORT_TEXT:
		how->text(ctx, &t);
		return 0;
	case REPORT_JSON:
		write_json(out, how->json(ctx));
		return 0;
	default:
		return write_ruled(r, ctx, how, out, err);
	}
}

enum exit_status repo_write(const struct repo *r, const void *ctx, const struct repo_report *how)
{
	_cleanup_(output_done) struct output out = { 0 };
	struct error err = { 0 };
	int status;

	if (r->options->quiet)
		return EXIT_OK;
	status = output_open(&out, r->options, &err);
	if (status == 0)
		status = write_report(r, ctx, how, out.stream, &err);
	if (status == 0)
		status = output_commit(&out, &err);
	if (status < 0 && status != -EPIPE)
		complain("%s", err.text);
	return status < 0 ? EXIT_FAILED : EXIT_OK;
}
