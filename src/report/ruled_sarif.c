/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/ruled.h"
#include "report/sarif.h"

struct made {
	struct json_object *results, *rules, *artifacts;
	size_t kernel; /* number of the case among all */
};

/* Where the file stands in run.artifacts; one that is in two updates stands there once. */
static size_t artifact_of(struct made *m, const struct ruled_file *f)
{
	const struct sarif_file file = { f->path, f->sha256, f->package, f->version };
	size_t n = json_object_array_length(m->artifacts);

	for (size_t i = 0; i < n; i++) {
		struct json_object *hashes, *sum, *a = json_object_array_get_idx(m->artifacts, i);

		if (json_object_object_get_ex(a, "hashes", &hashes) && json_object_object_get_ex(hashes, "sha-256", &sum) &&
		    streq(json_object_get_string(sum), f->sha256))
			return i;
	}
	json_append(m->artifacts, sarif_artifact(&file, n, m->kernel));
	return n;
}

static struct json_object *locations(struct made *m, const struct ruled_case *c, bool first)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < c->n_files; i++) {
		struct json_object *o, *physical;
		size_t index = artifact_of(m, &c->files[i]);

		if ((i == 0) != first)
			continue;
		o = json_new_object();
		physical = json_new_object();
		json_add(o, "id", json_new_number(i));
		json_add(physical, "artifactLocation", sarif_artifact_location(c->files[i].path, index));
		json_add(o, "physicalLocation", physical);
		json_append(list, o);
	}
	return list;
}

/* One rule for what became of what: "blocked/hyperv", by the host that is lost. */
static void put_rule(struct json_object *o, struct made *m, const struct ruled_case *c, const struct ruled_reason *w)
{
	size_t n = w && w->lost ? strcspn(w->lost, ":") : 0;
	_cleanup_(freep) char *of = n > 0 ? xstrndup(w->lost, n) : xstrdup(c->kernel ? "kernel" : "update");
	_cleanup_(freep) char *id = xasprintf("%s/%s", c->word, of), *says = xasprintf("%s: %s", of, c->word);

	sarif_put_rule(o, m->rules, &(struct sarif_rule){ .id = id, .says = says });
}

/* `w` NULL: nothing is to be said against it. */
static void put_result(struct made *m, const struct ruled_group *g, const struct ruled_case *c, const struct ruled_reason *w)
{
	struct json_object *o = json_new_object(), *more = json_new_object();
	_cleanup_(freep) char *message = xasprintf("%s: %s%s%s", c->name, c->word, w ? ": " : "", w ? w->message : "");
	/* Versions change from run to run; what is lost, of which update, stays. */
	_cleanup_(freep) char *print = xasprintf("%s/%s", c->kernel ? "kernel" : c->name, w && w->id ? w->id : c->word);

	put_rule(o, m, c, w);
	sarif_put_grading(o, c->answer);
	json_add(o, "message", sarif_text(message));
	json_add(o, "locations", locations(m, c, true));
	json_add(o, "relatedLocations", locations(m, c, false));
	sarif_put_fingerprint(o, print);
	json_put(more, "group", g->name);
	json_put(more, "name", c->name);
	json_put(more, "lost", w ? w->lost : NULL);
	json_put(more, "expected", w ? w->expected : NULL);
	json_put(more, "found", w ? w->found : NULL);
	json_add(o, "properties", more);
	json_append(m->results, o);
}

static struct json_object *properties(const struct ruled *r)
{
	struct json_object *o = json_new_object(), *notes = json_new_array();

	json_put(o, "command", r->command);
	json_put(o, "policy", r->policy);
	json_add(o, "repositories", json_strings(r->repositories.items, r->repositories.n));
	for (size_t i = 0; i < r->n_groups; i++)
		for (size_t j = 0; j < r->groups[i].notes.n; j++)
			json_append(notes, json_text(r->groups[i].notes.items[j]));
	json_add(o, "notes", notes);
	return o;
}

int ruled_sarif(const struct ruled *r, FILE *out)
{
	struct made m = { json_new_array(), json_new_array(), json_new_array(), 0 };
	struct json_object *run = sarif_run(r->command, r->policy, m.rules);
	_cleanup_(strings_done) struct strings errors = { 0 };

	for (size_t i = 0; i < r->n_groups; i++)
		for (size_t j = 0; j < r->groups[i].n_cases; j++, m.kernel++) {
			const struct ruled_case *c = &r->groups[i].cases[j];

			for (size_t k = 0; k < c->n_reasons; k++) {
				put_result(&m, &r->groups[i], c, &c->reasons[k]);
				if (streq(c->word, "failed"))
					strings_add(&errors, xstrdup(c->reasons[k].message));
			}
			if (c->n_reasons == 0)
				put_result(&m, &r->groups[i], c, NULL);
		}
	json_add(run, "invocations", sarif_invocations(r->exit, (const char *const *)errors.items, errors.n));
	json_add(run, "artifacts", m.artifacts);
	json_add(run, "results", m.results);
	json_add(run, "properties", properties(r));
	return sarif_write(run, out);
}
