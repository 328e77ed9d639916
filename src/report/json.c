/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/json.h"
#include "report/parts.h"
#include "report/wording.h"

#include <errno.h>

struct json_object *json_text(const char *s)
{
	_cleanup_(freep) char *clean = s ? text_utf8(s) : NULL;

	return clean ? json_new_string(clean) : NULL;
}

void json_put(struct json_object *o, const char *key, const char *s)
{
	json_add(o, key, json_text(s));
}

struct json_object *json_strings(char *const *list, size_t n)
{
	struct json_object *a = json_new_array();

	for (size_t i = 0; i < n; i++)
		json_append(a, json_text(list[i]));
	return a;
}

struct json_object *json_versions(const version_t *versions, size_t n, unsigned parts)
{
	struct json_object *a = json_new_array();
	char text[32];

	for (size_t i = 0; i < n; i++)
		json_append(a, json_text(version_text(versions[i], parts, text)));
	return a;
}

static void add_inputs(struct json_object *all, const struct report *r, size_t k)
{
	const struct facts *f = r->kernels[k].support->facts;

	for (size_t i = 0; i < f->n_inputs; i++) {
		const struct input *in = &f->inputs[i];
		struct json_object *o = json_new_object();

		json_add(o, "kernel", json_new_number(k));
		json_put(o, "path", in->path);
		json_put(o, "package", in->package);
		json_put(o, "version", in->version);
		json_put(o, "sha256", *in->sha256 ? in->sha256 : NULL);
		json_put(o, "release", f->release);
		json_put(o, "arch", f->arch);
		json_append(all, o);
	}
}

static struct json_object *json_fact(const struct want *w, const struct fact *f)
{
	struct json_object *o = json_new_object();

	json_put(o, "kind", want_kind_word(w->kind));
	json_put(o, "name", w->name);
	json_put(o, "of", w->of);
	json_put(o, "value", w->value);
	json_put(o, "state", fact_state_word(f->state));
	json_put(o, "placement", f->placement == PLACEMENT_NONE ? NULL : placement_word(f->placement));
	json_put(o, "text", f->text);
	json_add(o, "versions", json_versions(f->versions, f->n_versions, f->parts));
	json_put(o, "package", f->package);
	json_put(o, "member", f->member);
	json_put(o, "place", f->place);
	json_put(o, "why", f->why);
	return o;
}

static struct json_object *json_facts(const struct support *s)
{
	struct json_object *a = json_new_array();

	for (size_t i = 0; i < s->facts->count && i < s->knowledge->wants.count; i++)
		json_append(a, json_fact(&s->knowledge->wants.wants[i], &s->facts->facts[i]));
	return a;
}

static struct json_object *json_reach(const struct reach *r)
{
	struct json_object *o = json_new_object();

	json_add(o, "config", json_new_boolean(r->config));
	json_put(o, "image", image_state_word(r->image));
	json_add(o, "listed", json_new_boolean(r->listed));
	json_add(o, "modules", json_new_number(r->modules));
	return o;
}

static struct json_object *json_kernel(const struct report *r, size_t k)
{
	const struct support *s = r->kernels[k].support;
	const struct facts *f = s->facts;
	struct json_object *o = json_new_object();

	json_put(o, "label", r->kernels[k].label);
	json_put(o, "release", f->release);
	json_put(o, "arch", f->arch);
	json_put(o, "flavour", f->flavour);
	json_put(o, "version", f->version);
	json_put(o, "depth", depth_word(f->depth));
	json_add(o, "read", json_reach(&f->reach));
	json_add(o, "verified", json_new_boolean(f->verified));
	json_add(o, "contradictions", json_strings(s->contradictions, s->n_contradictions));
	if (r->n_decisions == r->n_kernels && streq(r->command, "check"))
		json_put(o, "decision", decision_word(r->decisions[k]->result));
	if (r->details)
		json_add(o, "facts", json_facts(s));
	return o;
}

static struct json_object *json_errors(const struct report *r)
{
	struct json_object *a = json_new_array();

	for (size_t i = 0; i < r->n_errors; i++) {
		struct json_object *o = json_new_object();

		json_put(o, "kernel", r->errors[i].kernel);
		json_put(o, "message", r->errors[i].message);
		json_append(a, o);
	}
	return a;
}

int json_report(const struct report *r, FILE *out)
{
	struct json_object *o = json_new_object();
	struct json_object *inputs = json_new_array(), *kernels = json_new_array();
	const char *text;
	int result;

	json_put(o, "schema", REPORT_SCHEMA);
	json_put(o, "command", r->command);
	json_add(o, "exit", json_new_int((int)r->exit));
	for (size_t k = 0; k < r->n_kernels; k++) {
		add_inputs(inputs, r, k);
		json_append(kernels, json_kernel(r, k));
	}
	json_add(o, "inputs", inputs);
	json_add(o, "kernels", kernels);
	json_add(o, "errors", json_errors(r));
	if (streq(r->command, "query") || streq(r->command, "check"))
		json_add(o, "hypervisors", json_verdicts(r));
	if (!streq(r->command, "query"))
		json_decisions(o, r);
	text = json_pretty(o);
	result = text && fputs(text, out) >= 0 && fputc('\n', out) != EOF ? 0 : -EIO;
	json_object_put(o);
	return result;
}
