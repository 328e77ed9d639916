/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate/ruling.h"

#include <errno.h>

#include "base/json.h"

#define SCHEMA "hvcompat-ruling/1"
#define FINDINGS_MAX 4096

/* The texts of a finding, in the order of their names. */
static char **finding_text(struct ruling_finding *f, size_t i)
{
	char **list[] = { &f->id, &f->lost, &f->message, &f->expected, &f->found };

	return i < ARRAY_SIZE(list) ? list[i] : NULL;
}
static const char *const finding_names[] = { "id", "lost", "message", "expected", "found" };
#define FINDING_OPTIONAL 3 /* from here on they may be missing */

static void put_text(struct json_object *o, const char *name, const char *s)
{
	if (s)
		json_add(o, name, json_new_string(s));
}

char *ruling_print(const struct ruling *r)
{
	struct json_object *o = json_new_object(), *list = json_new_array();
	char *text;

	put_text(o, "schema", SCHEMA);
	put_text(o, "result", ruling_name(r->result));
	put_text(o, "release", r->release);
	put_text(o, "arch", r->arch);
	put_text(o, "policy", r->policy);
	put_text(o, "error", r->error);
	for (size_t i = 0; i < r->n_findings; i++) {
		struct json_object *f = json_new_object();

		for (size_t j = 0; j < ARRAY_SIZE(finding_names); j++)
			put_text(f, finding_names[j], *finding_text(&r->findings[i], j));
		json_add(f, "blocking", json_new_boolean(r->findings[i].blocking));
		json_append(list, f);
	}
	json_add(o, "findings", list);
	text = xstrdup(json_plain(o));
	json_object_put(o);
	return text;
}

/* Owned; NULL: it is not there, or no text. */
static char *text_in(struct json_object *o, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(o, name, &v) && json_object_is_type(v, json_type_string)
		       ? xstrdup(json_object_get_string(v))
		       : NULL;
}

static bool result_in(struct json_object *o, enum ruling_result *ret)
{
	_cleanup_(freep) char *name = text_in(o, "result");

	for (enum ruling_result r = RULING_ALLOWED; name && r <= RULING_FAILED; r++)
		if (streq(name, ruling_name(r))) {
			*ret = r;
			return true;
		}
	return false;
}

static bool finding_in(struct json_object *o, struct ruling_finding *f)
{
	struct json_object *v;

	for (size_t i = 0; i < ARRAY_SIZE(finding_names); i++) {
		*finding_text(f, i) = text_in(o, finding_names[i]);
		if (i < FINDING_OPTIONAL && !*finding_text(f, i))
			return false;
	}
	if (!json_object_object_get_ex(o, "blocking", &v) || !json_object_is_type(v, json_type_boolean))
		return false;
	f->blocking = json_object_get_boolean(v);
	return true;
}

static bool ruling_in(struct json_object *o, struct ruling *r)
{
	_cleanup_(freep) char *schema = text_in(o, "schema");
	struct json_object *list;

	if (!streq_null(schema, SCHEMA) || !result_in(o, &r->result) || !json_object_object_get_ex(o, "findings", &list) ||
	    !json_object_is_type(list, json_type_array) || json_object_array_length(list) > FINDINGS_MAX)
		return false;
	r->release = text_in(o, "release");
	r->arch = text_in(o, "arch");
	r->policy = text_in(o, "policy");
	r->error = text_in(o, "error");
	r->findings = xcalloc(json_object_array_length(list), sizeof(*r->findings));
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!finding_in(json_object_array_get_idx(list, i), &r->findings[r->n_findings++]))
			return false;
	/* One that says no has its reason; one that says yes has none against it. */
	return r->result == RULING_FAILED ? r->error != NULL : (r->result == RULING_ALLOWED) == (r->n_findings == 0);
}

int ruling_parse(const char *line, struct ruling **ret, struct error *err)
{
	_cleanup_(ruling_freep) struct ruling *r = xcalloc(1, sizeof(*r));
	struct json_object *o = json_parse(line);
	bool good = o && json_object_is_type(o, json_type_object) && ruling_in(o, r);

	json_object_put(o);
	if (!good)
		return error_set(err, EBADMSG, "it is no ruling");
	*ret = TAKE_PTR(r);
	return 0;
}
