/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/parts.h"
#include "report/pipeline.h"
#include "report/reason.h"
#include "report/sarif.h"
#include "report/wording.h"

/* What a result is: level [3.27.10] and kind [3.27.9], which must be "none" together with any kind but "fail". */
struct grading {
	const char *level, *kind;
};

static struct grading grading_of_answer(enum answer answer)
{
	if (answer == ANSWER_SKIP)
		return (struct grading){ "none", "notApplicable" };
	return answer == ANSWER_PASS ? (struct grading){ "none", "pass" } : (struct grading){ "error", "fail" };
}

/* What decides is an error, doubt too: a pipeline that looks at nothing else must not go on. */
static struct grading grading_of_finding(const struct decision *d, const struct finding *f)
{
	enum answer answer = finding_answer(d, f);

	if (answer == ANSWER_FAIL || answer == ANSWER_ERROR)
		return grading_of_answer(answer);
	if (f->state == STATE_WAIVED)
		return (struct grading){ "warning", "fail" };
	if (f->state == STATE_FIXED || f->kind == FINDING_GAINED)
		return (struct grading){ "none", "pass" };
	if (f->kind == FINDING_UNKNOWN)
		return (struct grading){ "none", "open" };
	return (struct grading){ f->state == STATE_NEW || f->kind == FINDING_WAIVER ? "warning" : "note", "fail" };
}

static void put_grading(struct json_object *o, struct grading g)
{
	json_put(o, "kind", g.kind);
	json_put(o, "level", g.level);
}

void sarif_put_grading(struct json_object *o, enum answer answer)
{
	put_grading(o, grading_of_answer(answer));
}

/* The index of a rule; -1: it was not met yet. */
static int rule_find(struct json_object *rules, const char *id)
{
	for (size_t i = 0; i < json_object_array_length(rules); i++) {
		struct json_object *name;

		if (json_object_object_get_ex(json_object_array_get_idx(rules, i), "id", &name) &&
		    streq(json_object_get_string(name), id))
			return (int)i;
	}
	return -1;
}

static int rule_add(struct json_object *rules, const struct sarif_rule *rule)
{
	struct json_object *o = json_new_object();
	struct buf b = { 0 };

	json_put(o, "id", rule->id);
	json_add(o, "shortDescription", sarif_text(rule->says));
	if (rule->about)
		json_add(o, "fullDescription", sarif_text(rule->about));
	for (size_t i = 0; rule->help && rule->help[i]; i++)
		buf_addf(&b, "%s%s", i > 0 ? "\n" : "", rule->help[i]);
	if (b.len > 0)
		json_add(o, "help", sarif_text(b.text));
	buf_done(&b);
	json_append(rules, o);
	return (int)json_object_array_length(rules) - 1;
}

void sarif_put_rule(struct json_object *result, struct json_object *rules, const struct sarif_rule *rule)
{
	int index = rule_find(rules, rule->id);

	json_put(result, "ruleId", rule->id);
	json_add(result, "ruleIndex", json_new_int(index >= 0 ? index : rule_add(rules, rule)));
}

static const char *kind_says(enum finding_kind kind)
{
	static const char *const says[] = {
		[FINDING_DROPPED] = "does not run where it ran, or must run",
		[FINDING_NARROWED] = "runs worse, or in fewer ways",
		[FINDING_GAINED] = "runs where it did not",
		[FINDING_UNKNOWN] = "cannot be told whether it runs",
		[FINDING_CONTRADICTION] = "two pieces of evidence disagree",
		[FINDING_WAIVER] = "a waiver has expired, or matches nothing",
	};

	return (size_t)kind < ARRAY_SIZE(says) ? says[kind] : "?";
}

/* One rule for what happened to which interface, or else host: "dropped/vmbus". */
static void put_finding_rule(struct json_object *result, struct json_object *rules, const struct finding *f)
{
	const char *of = f->through ? f->through->name : f->host ? f->host->name : "kernel";
	const char *about = f->through ? f->through->about : f->host ? f->host->about : NULL;
	_cleanup_(freep) char *id = xasprintf("%s/%s", finding_kind_word(f->kind), of);
	_cleanup_(freep) char *says = xasprintf("%s: %s", of, kind_says(f->kind));

	sarif_put_rule(result, rules, &(struct sarif_rule){ id, says, about, f->help });
}

/* Which of the kernel's inputs a piece of evidence lies in: the one of that name, or else the first. */
static const struct input *input_of(const struct facts *f, const char *package, size_t *ret_index)
{
	for (size_t i = 0; package && i < f->n_inputs; i++) {
		if (streq_null(f->inputs[i].package, package) || streq(f->inputs[i].path, package)) {
			*ret_index = i;
			return &f->inputs[i];
		}
	}
	*ret_index = 0;
	return f->n_inputs > 0 ? &f->inputs[0] : NULL;
}

/* Where the artifacts of a kernel begin in run.artifacts. */
static size_t first_artifact(const struct report *r, size_t kernel)
{
	size_t first = 0;

	for (size_t k = 0; k < kernel; k++)
		first += r->kernels[k].support->facts->n_inputs;
	return first;
}

/* The place in the member of the package [3.33]: no line of a text, so a path of names. */
static struct json_object *logical_locations(const struct evidence *e)
{
	struct json_object *a = json_new_array(), *o = json_new_object();
	_cleanup_(freep) char *full = xasprintf("%s%s%s", e->member ? e->member : "", e->member && e->place ? ": " : "",
						e->place ? e->place : "");

	json_put(o, "name", e->place ? e->place : path_base(e->member));
	json_put(o, "fullyQualifiedName", full);
	json_put(o, "kind", e->place ? "resource" : "module");
	json_append(a, o);
	return a;
}

/* `e` NULL: the kernel as a whole. NULL: it was read from no file. */
static struct json_object *location(const struct report *r, size_t kernel, const struct evidence *e, size_t id)
{
	const struct facts *f = r->kernels[kernel].support->facts;
	struct json_object *o, *physical;
	size_t index;
	const struct input *in = input_of(f, e ? e->package : NULL, &index);

	if (!in)
		return NULL;
	o = json_new_object();
	physical = json_new_object();
	json_add(o, "id", json_new_number(id));
	json_add(physical, "artifactLocation",
			       sarif_artifact_location(in->path, first_artifact(r, kernel) + index));
	json_add(o, "physicalLocation", physical);
	if (e && (e->member || e->place))
		json_add(o, "logicalLocations", logical_locations(e));
	if (e) {
		_cleanup_(freep) char *where = evidence_where(e);
		_cleanup_(freep) char *says = xasprintf("%s: %s%s%sfound %s", where, e->expected ? "expected " : "",
							e->expected ? e->expected : "", e->expected ? "; " : "",
							e->found && *e->found ? e->found : "nothing");

		json_add(o, "message", sarif_text(says));
	}
	return o;
}

/* What is to be mended is the new kernel: its first piece of evidence. All others are related [3.27.22]. */
static void put_locations(struct json_object *o, const struct report *r, const struct finding *f, size_t kernel)
{
	struct json_object *main_one = json_new_array(), *related = json_new_array();
	struct json_object *where = NULL;

	for (size_t i = 0; i < f->n_evidence; i++) {
		const struct evidence *e = &f->evidence[i];
		struct json_object *l = location(r, e->old ? 0 : kernel, e, i);

		if (!where && !e->old)
			where = l;
		else if (l)
			json_append(related, l);
	}
	if (!where)
		where = location(r, kernel, NULL, f->n_evidence);
	if (where)
		json_append(main_one, where);
	json_add(o, "locations", main_one);
	json_add(o, "relatedLocations", related);
}

void sarif_put_fingerprint(struct json_object *o, const char *id)
{
	struct json_object *prints = json_new_object();

	json_put(prints, "finding/v1", id);
	json_add(o, "partialFingerprints", prints);
}

/* A waiver [3.35]: it stands in the policy, beside what it waives. */
static void put_suppressions(struct json_object *o, const struct finding *f)
{
	struct json_object *a, *s;
	_cleanup_(freep) char *says = NULL;

	if (f->state != STATE_WAIVED || !f->waiver)
		return;
	says = waiver_text(f->waiver);
	a = json_new_array();
	s = json_new_object();
	json_put(s, "kind", "external");
	json_put(s, "status", "accepted");
	json_put(s, "justification", says);
	json_append(a, s);
	json_add(o, "suppressions", a);
}

/* [3.27.24]; what is waived says no more whether it is new, but the old kernel does. */
static const char *baseline_state(const struct report *r, const struct finding *f)
{
	const struct verdict *old;

	if (f->state != STATE_WAIVED)
		return f->state == STATE_NEW ? "new" : f->state == STATE_FIXED ? "absent" : "unchanged";
	old = f->host ? support_find(r->kernels[0].support, f->host, f->version, f->mode) : NULL;
	return old && old->status == STATUS_UNSUPPORTED ? "unchanged" : "new";
}

static struct json_object *result_of_finding(const struct report *r, const struct decision *d,
					     const struct finding *f, size_t kernel, struct json_object *rules)
{
	struct json_object *o = json_new_object(), *more = json_new_object();

	put_finding_rule(o, rules, f);
	put_grading(o, grading_of_finding(d, f));
	json_add(o, "message", sarif_text(f->message));
	put_locations(o, r, f, kernel);
	sarif_put_fingerprint(o, f->id);
	if (report_compares(r))
		json_put(o, "baselineState", baseline_state(r, f));
	put_suppressions(o, f);
	json_add(more, "kernel", json_new_number(kernel));
	json_add(more, "required", json_new_boolean(f->required));
	json_add(more, "blocking", json_new_boolean(f->blocking));
	json_add(o, "properties", more);
	return o;
}

static void results_of_decision(const struct report *r, size_t kernel, struct json_object *results,
				struct json_object *rules)
{
	const struct decision *d = report_decision(r, kernel);

	for (size_t i = 0; d && i < d->n_findings; i++)
		if (report_tells(r, &d->findings[i]))
			json_append(results, result_of_finding(r, d, &d->findings[i], kernel, rules));
}

/* query --on: "unsupported/xen", of the kernel as a whole. */
static struct json_object *result_of_row(const struct report *r, size_t kernel, const struct host *host,
					 enum status status, const char *label, const char *message,
					 struct json_object *rules)
{
	struct json_object *o = json_new_object(), *locations = json_new_array(), *where;
	_cleanup_(freep) char *rule = xasprintf("%s/%s", status_name(status), host->name);
	_cleanup_(freep) char *says = xasprintf("%s: %s", host->name, status_name(status));

	sarif_put_rule(o, rules, &(struct sarif_rule){ rule, says, host->about, NULL });
	sarif_put_grading(o, status_answer(status));
	json_add(o, "message", sarif_text(message));
	where = location(r, kernel, NULL, 0);
	if (where)
		json_append(locations, where);
	json_add(o, "locations", locations);
	sarif_put_fingerprint(o, label);
	return o;
}

static struct json_object *result_of_verdict(const struct report *r, size_t kernel, const struct verdict *v,
					     struct json_object *rules)
{
	_cleanup_(freep) char *label = verdict_label(v->host, v->version, v->mode), *reason = verdict_short(v);
	_cleanup_(freep) char *message =
		xasprintf("%s: %s%s%s", label, status_name(v->status), *reason ? ": " : "", reason);

	return result_of_row(r, kernel, v->host, v->status, label, message, rules);
}

static bool exists(const struct support *s, const struct selection *on)
{
	for (size_t i = 0; i < s->n_verdicts; i++) {
		const struct verdict *v = &s->verdicts[i];

		if (v->host == on->host && on->versions[v->version] && on->modes[v->mode])
			return true;
	}
	return false;
}

/* What does not exist on the architecture counts as not supported, as in the exit status. */
static void results_of_query(const struct report *r, size_t kernel, struct json_object *results,
			     struct json_object *rules)
{
	const struct support *s = r->kernels[kernel].support;

	for (size_t i = 0; i < s->n_verdicts; i++)
		if (report_selects(r, &s->verdicts[i]))
			json_append(results, result_of_verdict(r, kernel, &s->verdicts[i], rules));
	for (size_t i = 0; i < r->n_selections; i++) {
		const struct host *host = r->selection[i].host;

		if (!exists(s, &r->selection[i]))
			json_append(results,
					      result_of_row(r, kernel, host, STATUS_UNSUPPORTED, host->name,
							    "none of what was asked for exists on this architecture", rules));
	}
}

/* A kernel that could not be read: results that are empty for that would be taken for good ones. */
static struct json_object *result_of_error(const struct report_error *e, struct json_object *rules)
{
	struct json_object *o = json_new_object();

	sarif_put_rule(o, rules, &(struct sarif_rule){ "unread/kernel", "kernel: could not be read", NULL, NULL });
	sarif_put_grading(o, ANSWER_ERROR);
	json_add(o, "message", sarif_text(e->message));
	json_add(o, "locations", json_new_array());
	sarif_put_fingerprint(o, e->kernel);
	return o;
}

void sarif_results(const struct report *r, struct json_object *results, struct json_object *rules)
{
	bool query = streq(r->command, "query");

	for (size_t k = 0; k < r->n_kernels; k++) {
		if (query)
			results_of_query(r, k, results, rules);
		else
			results_of_decision(r, k, results, rules);
	}
	for (size_t i = 0; i < r->n_errors; i++)
		json_append(results, result_of_error(&r->errors[i], rules));
}
