/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/gate_report.h"

/* --- the lines that keep hosts where they are --------------------------------------------------- */

/* Takes the word; a package may be a meta package and a part. */
static void add_word(struct strings *list, char *word)
{
	if (strings_have(list, word))
		free(word);
	else
		strings_add(list, word);
}

void gate_report_keep(const struct gate_repo *g, const struct forecast *f, const struct forecast_kernel *k, struct strings *lines)
{
	enum index_family family = k->kernel.index->family;
	_cleanup_(strings_done) struct strings metas = { 0 }, names = { 0 }, nevras = { 0 }, locks = { 0 };
	_cleanup_(freep) char *of_metas = NULL, *of_names = NULL, *of_nevras = NULL, *of_locks = NULL;

	for (size_t i = 0; i < f->wanted.n_steps; i++) {
		const struct index_package *p = f->wanted.steps[i].package;

		if (packaging_meta(g->repo.packaging, family, p->name) && f->wanted.steps[i].replaces &&
		    streq(p->version, k->kernel.packages[0]->version)) {
			add_word(&metas, xstrdup(p->name));
			add_word(&names, xstrdup(p->name));
		}
	}
	for (size_t i = 0; i < k->kernel.n_packages; i++) {
		const struct index_package *p = k->kernel.packages[i];

		add_word(&names, xstrdup(p->name));
		add_word(&nevras, xasprintf("%s-%s", p->name, p->version));
		add_word(&locks, xasprintf("'%s = %s'", p->name, p->version));
	}
	of_metas = strings_join(metas.items, metas.n, " ");
	of_names = strings_join(names.items, names.n, " ");
	of_nevras = strings_join(nevras.items, nevras.n, ",");
	of_locks = strings_join(locks.items, locks.n, " ");
	packaging_keep(g->repo.packaging, family,
		       &(struct packaging_words){ .metas = of_metas, .names = of_names,
						  .version = k->kernel.packages[0]->version, .nevras = of_nevras, .locks = of_locks },
		       lines);
}

/* --- text ------------------------------------------------------------------------------------- */

static void print_kept(const struct gate_repo *g, const struct text *t, const struct forecast *f)
{
	for (size_t i = 0; i < f->n_kept; i++) {
		const struct forecast_kept *k = &f->kept[i];
		bool held = gate_hosts_holds(&g->hosts, k->package->name);

		text_line(t, 2, held ? INK_PLAIN : INK_WARN, "kept back: %s %s, where %s is newer%s", k->package->name, k->has,
			  k->package->version, held ? ": on hold" : "");
		for (size_t j = 0; !held && j < 3 && k->why[j]; j++)
			text_line(t, 4, INK_PLAIN, "%s", k->why[j]);
	}
	for (size_t i = 0; i < 3 && f->wanted.problems[i]; i++)
		text_line(t, 2, INK_WARN, "no update: %s", f->wanted.problems[i]);
}

static void print_instead(const struct text *t, const struct forecast *f)
{
	bool any = false;

	for (size_t i = 0; i < f->n_kernels; i++)
		if (f->kernels[i].left) {
			text_line(t, 2, INK_PLAIN, "without what is not allowed, the update brings %s", f->kernels[i].kernel.name);
			any = true;
		}
	if (!any)
		text_line(t, 2, INK_PLAIN, "without what is not allowed, the update brings no kernel");
}

bool gate_report_all_allowed(const struct forecast *f)
{
	for (size_t i = 0; i < f->n_kernels; i++)
		if (f->kernels[i].wanted && f->kernels[i].ruling->result != RULING_ALLOWED)
			return false;
	return true;
}

static size_t name_width(const struct forecast *f)
{
	size_t width = 0;

	for (size_t i = 0; i < f->n_kernels; i++) {
		size_t n = text_width(f->kernels[i].kernel.name);

		width = n > width ? n : width;
	}
	return width;
}

static void print_advice(const struct gate_repo *g, const struct text *t, const struct forecast *f)
{
	print_instead(t, f);
	text_line(t, 2, INK_PLAIN, "newest allowed: %s", f->newest.kernel.name ? f->newest.kernel.name : "none in these repositories");
	for (size_t i = 0; i < f->n_kernels; i++) {
		_cleanup_(strings_done) struct strings lines = { 0 };

		if (!f->kernels[i].wanted || f->kernels[i].ruling->result == RULING_ALLOWED)
			continue;
		gate_report_keep(g, f, &f->kernels[i], &lines);
		text_line(t, 2, INK_PLAIN, "to keep hosts from %s:", f->kernels[i].kernel.name);
		/* To be copied: not broken. */
		for (size_t j = 0; j < lines.n; j++) {
			text_put(t, INK_PLAIN, "    ", 0);
			text_put(t, INK_PLAIN, lines.items[j], 0);
			fputc('\n', t->out);
		}
	}
}

static void print_forecast(const struct gate_repo *g, const struct text *t, const struct gate_subject *s, const struct forecast *f)
{
	bool any = false;

	if (s->meta)
		text_line(t, 0, INK_BOLD, "%s %s, with %s", s->meta->name, s->meta->version, s->old.name);
	for (size_t i = 0; i < f->n_kernels; i++)
		if (f->kernels[i].wanted) {
			repo_print_kernel(t, &f->kernels[i].kernel, f->kernels[i].ruling, name_width(f));
			any = true;
		}
	print_kept(g, t, f);
	if (!any)
		text_line(t, 2, INK_PLAIN, "the update brings no kernel");
	else if (!gate_report_all_allowed(f))
		print_advice(g, t, f);
}

void gate_report_text(const void *ctx, const struct text *t)
{
	const struct gate_repo *g = ctx;
	size_t cached = 0;

	repo_print_head(&g->repo, t);
	text_line(t, 0, INK_PLAIN, "%s", g->hosts.label);
	for (size_t i = 0; i < g->n_forecasts; i++)
		print_forecast(g, t, &g->hosts.subjects[i], &g->forecasts[i]);
	for (size_t i = 0; i < g->repo.n_rulings; i++)
		cached += g->repo.rulings[i]->cached;
	text_line(t, 0, INK_PLAIN, "%zu kernels judged, %zu of them ruled before", g->repo.n_rulings, cached);
}

/* --- json ------------------------------------------------------------------------------------- */

static struct json_object *json_steps(const struct update_plan *plan)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < plan->n_steps; i++) {
		struct json_object *o = json_new_object();

		repo_json_put(o, "name", plan->steps[i].package->name);
		repo_json_put(o, "version", plan->steps[i].package->version);
		repo_json_put(o, "arch", plan->steps[i].package->arch);
		repo_json_put(o, "replaces", plan->steps[i].replaces);
		json_append(list, o);
	}
	return list;
}

static struct json_object *json_texts(char *const *texts)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; texts && texts[i]; i++) {
		_cleanup_(freep) char *good = text_utf8(texts[i]);

		json_append(list, json_new_string(good));
	}
	return list;
}

static struct json_object *json_kernels(const struct gate_repo *g, const struct forecast *f)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < f->n_kernels; i++) {
		const struct forecast_kernel *k = &f->kernels[i];
		const struct repo_ruling *it = NULL;
		struct json_object *o;

		for (size_t j = 0; j < g->repo.n_rulings; j++)
			if (g->repo.rulings[j]->ruling == k->ruling)
				it = g->repo.rulings[j];
		o = repo_json_kernel(&k->kernel, it);
		json_add(o, "wanted", json_new_boolean(k->wanted));
		json_add(o, "left", json_new_boolean(k->left));
		json_append(list, o);
	}
	return list;
}

static struct json_object *json_kept(const struct gate_repo *g, const struct forecast *f)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < f->n_kept; i++) {
		struct json_object *o = json_new_object();

		repo_json_put(o, "name", f->kept[i].package->name);
		repo_json_put(o, "has", f->kept[i].has);
		repo_json_put(o, "newer", f->kept[i].package->version);
		json_add(o, "held", json_new_boolean(gate_hosts_holds(&g->hosts, f->kept[i].package->name)));
		json_add(o, "why", json_texts(f->kept[i].why));
		json_append(list, o);
	}
	return list;
}

static struct json_object *json_forecast(const struct gate_repo *g, const struct gate_subject *s, const struct forecast *f)
{
	struct json_object *o = json_new_object();

	repo_json_put(o, "subject", s->meta ? s->meta->name : NULL);
	repo_json_put(o, "has", s->old.name);
	json_add(o, "kernels", json_kernels(g, f));
	json_add(o, "kept", json_kept(g, f));
	json_add(o, "problems", json_texts(f->wanted.problems));
	json_add(o, "update", json_steps(&f->wanted));
	json_add(o, "removed", json_texts(f->wanted.removed));
	if (!gate_report_all_allowed(f))
		json_add(o, "instead", json_steps(&f->left));
	repo_json_put(o, "newest_allowed", f->newest.kernel.name); /* left out where all is allowed */
	return o;
}

struct json_object *gate_report_json(const void *ctx)
{
	const struct gate_repo *g = ctx;
	struct json_object *o = repo_json_head(&g->repo, "gate", g->exit), *list = json_new_array();

	repo_json_put(o, "host", g->hosts.label);
	for (size_t i = 0; i < g->n_forecasts; i++)
		json_append(list, json_forecast(g, &g->hosts.subjects[i], &g->forecasts[i]));
	json_add(o, "updates", list);
	return o;
}
