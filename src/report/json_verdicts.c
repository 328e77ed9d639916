/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/json.h"
#include "report/parts.h"
#include "report/reason.h"

static struct json_object *json_path(const struct path *p)
{
	struct json_object *o = json_new_object();

	json_put(o, "interface", p->offer->interface);
	json_put(o, "class", iface_class_name(p->offer->iface->class_));
	json_put(o, "status", status_name(p->status));
	json_add(o, "inferred", json_new_boolean(p->inferred));
	json_put(o, "expected", p->expected);
	json_put(o, "found", p->found);
	json_put(o, "reason", p->reason);
	return o;
}

static struct json_object *json_paths(const struct verdict *v)
{
	struct json_object *a = json_new_array();

	for (size_t i = 0; i < v->n_paths; i++)
		json_append(a, json_path(&v->paths[i]));
	return a;
}

static struct json_object *json_boots(const struct verdict *v)
{
	static const char *const runs[] = { [TRUTH_NO] = "no", [TRUTH_UNKNOWN] = "unknown", [TRUTH_YES] = "yes" };
	struct json_object *a = json_new_array();

	for (size_t i = 0; i < v->n_boots; i++) {
		const struct boot *b = &v->boots[i];
		struct json_object *o = json_new_object();

		json_put(o, "recipe", b->recipe);
		json_put(o, "when", b->when);
		json_put(o, "outcome", b->outcome);
		json_put(o, "why", b->why);
		json_add(o, "through", json_strings(b->through->items, b->through->n));
		json_put(o, "runs", runs[b->runs]);
		json_add(o, "contradicts", json_new_boolean(b->contradicts));
		json_add(o, "superseded", json_new_boolean(b->superseded));
		json_append(a, o);
	}
	return a;
}

static struct json_object *json_verdict(const struct report *r, size_t k, const struct verdict *v)
{
	struct json_object *o = json_new_object();
	char **reasons;
	size_t n = verdict_reasons(v, &reasons);

	json_add(o, "kernel", json_new_number(k));
	json_put(o, "id", v->host->name);
	json_add(o, "userspace", json_new_boolean(v->host->userspace));
	json_put(o, "version", v->host->versions[v->version].id);
	json_put(o, "mode", v->host->modes[v->mode].id);
	json_put(o, "status", status_name(v->status));
	json_add(o, "inferred", json_new_boolean(v->inferred));
	json_add(o, "reasons", json_strings(reasons, n));
	if (v->n_boots > 0)
		json_add(o, "boots", json_boots(v));
	if (r->details)
		json_add(o, "paths", json_paths(v));
	reasons_free(reasons, n);
	return o;
}

struct json_object *json_verdicts(const struct report *r)
{
	struct json_object *a = json_new_array();

	for (size_t k = 0; k < r->n_kernels; k++) {
		const struct support *s = r->kernels[k].support;

		for (size_t i = 0; i < s->n_verdicts; i++)
			if (report_selects(r, &s->verdicts[i]))
				json_append(a, json_verdict(r, k, &s->verdicts[i]));
	}
	return a;
}
