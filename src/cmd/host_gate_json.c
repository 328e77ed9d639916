/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/host_gate.h"
#include "report/json.h"

static struct json_object *json_packages(const struct transaction *t)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < t->count; i++) {
		const struct transaction_package *p = &t->packages[i];
		struct json_object *o;

		if (!p->release)
			continue;
		o = json_new_object();
		json_put(o, "path", p->path);
		json_put(o, "name", p->name);
		json_put(o, "version", p->version);
		json_put(o, "arch", p->arch);
		json_put(o, "format", p->family);
		json_put(o, "kernel", p->release);
		json_append(list, o);
	}
	return list;
}

static struct json_object *json_ruling_findings(const struct ruling *r)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < r->n_findings; i++) {
		const struct ruling_finding *f = &r->findings[i];
		struct json_object *o = json_new_object();

		json_put(o, "id", f->id);
		json_put(o, "lost", f->lost);
		json_put(o, "message", f->message);
		json_put(o, "expected", f->expected);
		json_put(o, "found", f->found);
		json_append(list, o);
	}
	return list;
}

static struct json_object *json_kernels(const struct host_gate *g)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < g->n_verdicts; i++) {
		const struct gate_verdict *v = &g->verdicts[i];
		struct json_object *o = json_new_object();

		json_put(o, "release", v->release);
		json_put(o, "policy", v->ruling->policy);
		json_put(o, "result", ruling_name(v->ruling->result));
		json_add(o, "overridden", json_new_boolean(v->overridden));
		json_put(o, "error", v->ruling->error);
		json_add(o, "findings", json_ruling_findings(v->ruling));
		json_append(list, o);
	}
	return list;
}

static struct json_object *json_policies(const struct guard *guard)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < guard->n; i++) {
		struct json_object *o = json_new_object();

		json_put(o, "name", guard->policies[i]->name);
		json_add(o, "version", json_new_number(guard->policies[i]->version));
		json_append(list, o);
	}
	return list;
}

void gate_print_json(const struct host_gate *g, enum exit_status status, FILE *out)
{
	static const char *const decisions[] = { [EXIT_OK] = "allowed", [EXIT_BLOCKED] = "blocked" };
	_cleanup_(freep) char *way = gate_way_out(g);
	struct json_object *o = json_new_object();

	json_put(o, "schema", "hvcompat-host-gate/1");
	json_put(o, "command", "host gate");
	json_add(o, "exit", json_new_int(status));
	json_put(o, "decision", status <= EXIT_BLOCKED ? decisions[status] : "undecided");
	json_add(o, "policies", json_policies(&g->guard));
	json_add(o, "packages", json_packages(&g->transaction));
	json_add(o, "kernels", json_kernels(g));
	json_add(o, "errors", json_strings(g->unreadable.items, g->unreadable.n));
	json_add(o, "learned", json_new_boolean(g->kept));
	json_put(o, "way_out", way);
	fprintf(out, "%s\n", json_pretty(o));
	json_object_put(o);
}
