/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gate --repo for pipelines: a group for each update, a case for each kernel that it brings and for what stays behind. */
#include "cmd/gate_report.h"

static void add_texts(struct ruled_case *c, enum id_kind id, char *const *texts, const char *otherwise)
{
	for (size_t i = 0; texts[i]; i++)
		ruled_add_plain(c, id, texts[i]);
	if (!texts[0])
		ruled_add_plain(c, id, otherwise);
}

/* What an administrator holds is told, and no doubt. */
static void add_kept(const struct gate_repo *g, struct ruled_group *group, const struct forecast *f)
{
	for (size_t i = 0; i < f->n_kept; i++) {
		const struct forecast_kept *k = &f->kept[i];
		bool held = gate_hosts_holds(&g->hosts, k->package->name);
		struct ruled_case *c = ruled_add_case(group, xasprintf("%s %s", k->package->name, k->has), k->package->version,
						      held ? ANSWER_SKIP : ANSWER_ERROR, "kept back");

		if (held)
			ruled_add_plain(c, ID_HELD, "it is on hold");
		else
			add_texts(c, ID_KEPT_BACK, k->why, "it is not installed, and libsolv does not say why");
	}
	if (f->wanted.problems[0])
		add_texts(ruled_add_case(group, xstrdup("update"), NULL, ANSWER_ERROR, "undecided"), ID_NO_UPDATE, f->wanted.problems, "");
}

static void add_notes(const struct gate_repo *g, struct ruled_group *group, const struct forecast *f)
{
	for (size_t i = 0; i < f->n_kernels; i++)
		if (f->kernels[i].left)
			strings_add(&group->notes,
				    xasprintf("without what is not allowed, the update brings %s", f->kernels[i].kernel.name));
	strings_add(&group->notes,
		    xasprintf("newest allowed: %s", f->newest.kernel.name ? f->newest.kernel.name : "none in these repositories"));
	for (size_t i = 0; i < f->n_kernels; i++) {
		_cleanup_(strings_done) struct strings lines = { 0 };

		if (!f->kernels[i].wanted || f->kernels[i].ruling->result == RULING_ALLOWED)
			continue;
		gate_report_keep(g, f, &f->kernels[i], &lines);
		strings_add(&group->notes, xasprintf("to keep hosts from %s:", f->kernels[i].kernel.name));
		for (size_t j = 0; j < lines.n; j++)
			strings_add(&group->notes, xstrdup(lines.items[j]));
	}
}

static void add_update(const struct gate_repo *g, struct ruled *r, const struct gate_subject *s, const struct forecast *f)
{
	struct ruled_group *group = ruled_add_group(r, s->meta ? xasprintf("%s %s, with %s", s->meta->name, s->meta->version, s->old.name)
							       : xstrdup(g->hosts.label));

	for (size_t i = 0; i < f->n_kernels; i++)
		if (f->kernels[i].wanted)
			repo_add_case(group, &f->kernels[i].kernel, f->kernels[i].ruling);
	add_kept(g, group, f);
	if (group->n_cases == 0)
		ruled_add_case(group, xstrdup("the update brings no kernel"), NULL, ANSWER_PASS, "allowed");
	if (!gate_report_all_allowed(f))
		add_notes(g, group, f);
}

void gate_report_ruled(const void *ctx, struct ruled *r)
{
	const struct gate_repo *g = ctx;

	r->exit = g->exit;
	for (size_t i = 0; i < g->n_forecasts; i++)
		add_update(g, r, &g->hosts.subjects[i], &g->forecasts[i]);
}
