/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/json.h"
#include "report/parts.h"
#include "report/wording.h"

static struct json_object *json_evidence(const struct evidence *e)
{
	struct json_object *o = json_new_object();

	json_put(o, "kind", e->kind);
	json_put(o, "side", e->old ? "old" : "new");
	json_put(o, "package", e->package);
	json_put(o, "member", e->member);
	json_put(o, "place", e->place);
	json_put(o, "expected", e->expected);
	json_put(o, "found", e->found);
	return o;
}

static struct json_object *json_waiver(const struct waiver *w)
{
	struct json_object *o;

	if (!w)
		return NULL;
	o = json_new_object();
	json_put(o, "finding", w->finding);
	json_put(o, "kernels", w->kernels);
	json_put(o, "reason", w->reason);
	json_put(o, "by", w->by);
	json_put(o, "until", w->until);
	return o;
}

static struct json_object *json_help(const struct finding *f)
{
	size_t n = 0;

	while (f->help && f->help[n])
		n++;
	return json_strings(f->help, n);
}

static struct json_object *json_finding(const struct finding *f, size_t kernel)
{
	struct json_object *o = json_new_object(), *evidence = json_new_array();

	json_add(o, "kernel", json_new_number(kernel));
	json_put(o, "id", f->id);
	json_put(o, "kind", finding_kind_word(f->kind));
	json_put(o, "state", finding_state_word(f->state));
	json_put(o, "hypervisor", f->host ? f->host->name : NULL);
	json_put(o, "version", f->host ? f->host->versions[f->version].id : NULL);
	json_put(o, "mode", f->host ? f->host->modes[f->mode].id : NULL);
	json_put(o, "through", f->through ? f->through->name : NULL);
	json_add(o, "required", json_new_boolean(f->required));
	json_add(o, "blocking", json_new_boolean(f->blocking));
	json_put(o, "message", f->message);
	json_add(o, "help", json_help(f));
	for (size_t i = 0; i < f->n_evidence; i++)
		json_append(evidence, json_evidence(&f->evidence[i]));
	json_add(o, "evidence", evidence);
	json_add(o, "waiver", json_waiver(f->waiver));
	return o;
}

static struct json_object *json_requirement(const struct requirement_result *result, size_t kernel)
{
	const struct requirement *r = result->requirement;
	_cleanup_(freep) char *what = requirement_text(r);
	struct json_object *o = json_new_object();

	json_add(o, "kernel", json_new_number(kernel));
	json_put(o, "requirement", what);
	json_put(o, "hypervisor", r->hypervisor ? r->hypervisor : r->userspace);
	json_put(o, "versions", r->versions);
	json_add(o, "modes", json_strings(r->modes, r->modes_count));
	json_add(o, "through", json_strings(r->through, r->through_count));
	json_put(o, "grade", grade_word(r->grade));
	json_put(o, "proof", r->proof == PROOF_REQUIRED ? "required" : "none");
	json_put(o, "reason", r->reason);
	json_put(o, "result", requirement_word(result));
	return o;
}

static struct json_object *json_policy(const struct policy *p)
{
	struct json_object *o = json_new_object();

	json_put(o, "name", p->name);
	json_add(o, "version", json_new_number(p->version));
	json_put(o, "file", p->file);
	return o;
}

/* Of several kernels the whole is as good as the worst: blocked before undecided before allowed. */
static const char *worst(const struct report *r)
{
	bool blocked = false, undecided = r->n_errors > 0 || r->n_decisions == 0;

	for (size_t i = 0; i < r->n_decisions; i++) {
		blocked |= r->decisions[i]->result == DECISION_BLOCKED;
		undecided |= r->decisions[i]->result == DECISION_UNDECIDED;
	}
	return decision_word(blocked ? DECISION_BLOCKED : undecided ? DECISION_UNDECIDED : DECISION_ALLOWED);
}

void json_decisions(struct json_object *o, const struct report *r)
{
	struct json_object *findings = json_new_array(), *requirements = json_new_array();
	bool compares = !streq(r->command, "check");

	for (size_t i = 0; i < r->n_decisions; i++) {
		const struct decision *d = r->decisions[i];
		size_t kernel = compares ? 1 : i;

		for (size_t j = 0; j < d->n_findings; j++)
			if (report_tells(r, &d->findings[j]))
				json_append(findings, json_finding(&d->findings[j], kernel));
		for (size_t j = 0; j < d->n_requirements; j++)
			json_append(requirements, json_requirement(&d->requirements[j], kernel));
	}
	json_add(o, "findings", findings);
	if (streq(r->command, "diff")) {
		json_object_put(requirements);
		return;
	}
	json_add(o, "requirements", requirements);
	json_put(o, "decision", worst(r));
	json_add(o, "policy", r->policy ? json_policy(r->policy) : NULL);
	json_put(o, "newest_allowed", r->newest_allowed);
}
