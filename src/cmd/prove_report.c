/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/prove_report.h"

#include "cmd/output.h"
#include "prove/agree.h"
#include "report/json.h"
#include "report/text.h"

#define SCHEMA "hvcompat-prove/1"

enum agreement proven_agrees(const struct proven *one, const struct support *support)
{
	enum agreement worst = AGREEMENT_NONE;

	for (size_t i = 0; i < one->record->n_claims; i++) {
		enum agreement a = claim_agrees(one->record, &one->record->claims[i], support, NULL);

		worst = a > worst ? a : worst;
	}
	return worst;
}

static char *place_of(const struct record_claim *c)
{
	return xasprintf("%s%s%s%s%s", c->host, c->version ? ":" : "", c->version ? c->version : "", c->mode ? "/" : "",
			 c->mode ? c->mode : "");
}

/* --- text -------------------------------------------------------------------------------------- */

static enum ink outcome_ink(enum outcome o)
{
	return o == OUTCOME_BOOTED ? INK_GOOD : o == OUTCOME_SILENT || o == OUTCOME_FAILED ? INK_WARN : INK_BAD;
}

static void claim_text(const struct text *t, const struct record *r, const struct record_claim *c, const struct support *support,
		       bool verbose)
{
	enum status read;
	enum agreement a = claim_agrees(r, c, support, &read);
	_cleanup_(freep) char *place = place_of(c), *ways = c->through.n ? strings_text(c->through.items, c->through.n) : NULL;

	if (verbose || a == AGREEMENT_NO)
		text_line(t, 6, a == AGREEMENT_NO ? INK_BAD : INK_DIM, "%s%s%s%s: booting says %s, reading %s", place,
			  ways ? " through " : "", ways ? ways : "", a == AGREEMENT_NO ? " CONTRADICTION" : "", holds_name(c->holds),
			  status_name(read));
}

static void device_text(const struct text *t, const char *kind, const struct record_device *d)
{
	if (d->name)
		text_line(t, 6, INK_DIM, "%s %s by %s, %s", kind, d->name, d->driver ? d->driver : "no driver",
			  d->verified ? "works" : "does not work");
}

static void proven_text(const struct text *t, const struct proven *one, const struct support *support, bool verbose)
{
	const struct record *r = one->record;

	fprintf(t->out, "  ");
	text_put(t, outcome_ink(r->outcome), outcome_name(r->outcome), 22);
	text_put(t, INK_PLAIN, r->recipe, 30);
	fprintf(t->out, " %6.1f s  %s\n", r->seconds, agreement_name(proven_agrees(one, support)));
	if (r->why)
		text_line(t, 6, INK_PLAIN, "%s", r->why);
	for (size_t i = 0; i < r->n_claims; i++)
		claim_text(t, r, &r->claims[i], support, verbose);
	if (!verbose)
		return;
	device_text(t, "disk", &r->disk);
	device_text(t, "net", &r->net);
	for (size_t i = 0; i < r->n_probes; i++)
		text_line(t, 6, INK_DIM, "%s: %s", r->probes[i].name, r->probes[i].value);
	if (one->path)
		text_line(t, 6, INK_DIM, "%s", one->path);
}

void proofs_text(struct session *s, const struct proofs *p, FILE *out)
{
	struct text t = { .out = out, .columns = output_columns(s->options), .color = output_color(s->options) };

	for (size_t i = 0; i < p->count; i++) {
		const struct proof *one = &p->proofs[i];

		text_put(&t, INK_BOLD, kernel_label(one->look->kernel), 0);
		fprintf(out, "\n");
		for (size_t j = 0; j < one->proven.count; j++)
			proven_text(&t, &one->proven.proven[j], one->look->support, s->options->verbose);
		for (size_t j = 0; j < one->n_skipped; j++)
			text_line(&t, 2, INK_DIM, "not tried: %s: %s", one->skipped[j].recipe->name, one->skipped[j].why);
	}
}

/* --- JSON -------------------------------------------------------------------------------------- */

static struct json_object *agreements_json(const struct record *r, const struct support *support)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < r->n_claims; i++) {
		struct json_object *o = json_new_object();
		_cleanup_(freep) char *place = place_of(&r->claims[i]);
		enum status read;
		enum agreement a = claim_agrees(r, &r->claims[i], support, &read);

		json_put(o, "place", place);
		json_add(o, "through", json_strings(r->claims[i].through.items, r->claims[i].through.n));
		json_put(o, "holds", holds_name(r->claims[i].holds));
		json_put(o, "read", status_name(read));
		json_put(o, "agreement", agreement_name(a));
		json_append(list, o);
	}
	return list;
}

static struct json_object *boots_json(const struct proof *p)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < p->proven.count; i++) {
		struct json_object *o = json_new_object();
		_cleanup_(freep) char *text = record_print(p->proven.proven[i].record);

		json_put(o, "file", p->proven.proven[i].path);
		json_put(o, "agreement", agreement_name(proven_agrees(&p->proven.proven[i], p->look->support)));
		json_add(o, "places", agreements_json(p->proven.proven[i].record, p->look->support));
		json_add(o, "record", json_parse(text));
		json_append(list, o);
	}
	return list;
}

static struct json_object *skipped_json(const struct proof *p)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < p->n_skipped; i++) {
		struct json_object *o = json_new_object();

		json_put(o, "recipe", p->skipped[i].recipe->name);
		json_put(o, "why", p->skipped[i].why);
		json_append(list, o);
	}
	return list;
}

static struct json_object *errors_json(const struct session *s)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < s->n_errors; i++) {
		struct json_object *o = json_new_object();

		json_put(o, "kernel", s->errors[i].kernel);
		json_put(o, "message", s->errors[i].message);
		json_append(list, o);
	}
	return list;
}

void proofs_json(struct session *s, const struct proofs *p, FILE *out)
{
	struct json_object *o = json_new_object(), *kernels = json_new_array();

	json_put(o, "schema", SCHEMA);
	json_put(o, "command", "prove");
	json_add(o, "exit", json_new_int(p->exit));
	for (size_t i = 0; i < p->count; i++) {
		struct json_object *k = json_new_object();

		json_put(k, "kernel", kernel_label(p->proofs[i].look->kernel));
		json_put(k, "release", p->proofs[i].look->facts->release);
		json_put(k, "arch", p->proofs[i].look->facts->arch);
		json_add(k, "boots", boots_json(&p->proofs[i]));
		json_add(k, "not_tried", skipped_json(&p->proofs[i]));
		json_append(kernels, k);
	}
	json_add(o, "kernels", kernels);
	json_add(o, "errors", errors_json(s));
	fprintf(out, "%s\n", json_pretty(o));
	json_object_put(o);
}
