/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/gate_repo.h"

#include <errno.h>

#include "cmd/gate_report.h"

static void gate_repo_done(struct gate_repo *g)
{
	for (size_t i = 0; i < g->n_forecasts; i++)
		forecast_done(&g->forecasts[i]);
	free(g->forecasts);
	gate_hosts_done(&g->hosts);
	/* What was looked at borrows from what was opened. */
	session_forget(&g->repo.session, 0);
	kernel_list_done(&g->olds);
	repo_done(&g->repo);
}

/* --- what is compared with ---------------------------------------------------------------------- */

static enum exit_status compare_installed(struct gate_repo *g)
{
	const char *root = g->repo.options->installed ? g->repo.options->installed : "/";
	struct session *s = &g->repo.session;
	struct look *newest = NULL;
	enum exit_status status = session_open(s, root, &g->olds);

	/* The newest, which is the last, is what the update is the update of; what it took away of an older one is past. */
	if (status == EXIT_OK && g->olds.count > 0)
		status = session_look(s, g->olds.kernels[g->olds.count - 1], g->repo.wanted, DEPTH_DEEP, &newest);
	if (newest)
		repo_compare(&g->repo, newest->support, NULL);
	return status;
}

static enum exit_status compare_old(struct gate_repo *g, const struct index_kernel *old)
{
	_cleanup_(buf_done) struct buf key = { 0 };
	struct error err = { 0 };
	_cleanup_(repo_files_done) struct repo_files files;
	struct look *look = NULL;
	enum exit_status status;

	if (repo_files_find(&g->repo, old, &files, &err) < 0) {
		complain("%s; policy %s asks what the old kernel had", err.text, g->repo.policy->name);
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < old->n_packages; i++)
		buf_addf(&key, "%s ", old->packages[i]->sha256);
	status = repo_look_files(&g->repo, &files, &g->olds, &look);
	if (look)
		repo_compare(&g->repo, look->support, key.text);
	return status;
}

static enum exit_status compare_with(struct gate_repo *g, const struct gate_subject *s)
{
	if (g->repo.policy->drops == DROPS_REPORT)
		return EXIT_OK;
	return s->meta ? compare_old(g, &s->old) : compare_installed(g);
}

/* --- the verdict ------------------------------------------------------------------------------ */

static const struct ruling *judge(void *ctx, const struct index_kernel *kernel)
{
	struct gate_repo *g = ctx;

	return repo_rule(&g->repo, kernel)->ruling;
}

static void judge_all(void *ctx, const struct index_kernel *const *kernels, size_t n)
{
	struct gate_repo *g = ctx;

	repo_rule_all(&g->repo, kernels, n);
}

/* That a newer kernel stays out for a reason that nobody gave is no consent to it. */
static bool left_in_doubt(const struct gate_repo *g, const struct forecast *f)
{
	for (size_t i = 0; i < f->n_kept; i++)
		if (!gate_hosts_holds(&g->hosts, f->kept[i].package->name))
			return true;
	return f->wanted.problems[0] != NULL;
}

static enum exit_status status_of(const struct gate_repo *g, const struct forecast *f)
{
	enum exit_status status = left_in_doubt(g, f) ? EXIT_UNDECIDED : EXIT_OK;

	for (size_t i = 0; i < f->n_kernels; i++)
		if (f->kernels[i].wanted)
			status = status_worse(status, repo_status(f->kernels[i].ruling));
	return status;
}

static struct forecast_means means(struct gate_repo *g)
{
	return (struct forecast_means){ .update = g->hosts.update, .packaging = g->repo.packaging, .kernels = &g->repo.kernels,
					.judge = judge, .judge_all = judge_all, .ctx = g };
}

static const char *name_of(const struct gate_subject *s)
{
	return s->meta ? s->meta->name : NULL;
}

/*
 * What the updates of all subjects bring at first is judged side by side. Where each kernel is held against what it is the update of,
 * that is another one for each subject: then only those of one update are.
 */
static enum exit_status judge_ahead(struct gate_repo *g)
{
	struct forecast_means m = means(g);
	struct index_kernels all = { 0 };
	struct error err = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < g->hosts.n_subjects && g->repo.policy->drops == DROPS_REPORT; i++)
		r = forecast_brings(&m, name_of(&g->hosts.subjects[i]), &all, &err);
	if (r == 0)
		forecast_judge_all(&m, &all);
	index_kernels_done(&all);
	if (r < 0)
		complain("%s", err.text);
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static enum exit_status gate_subject(struct gate_repo *g, const struct gate_subject *s)
{
	struct forecast_means m = means(g);
	struct error err = { 0 };
	enum exit_status status = compare_with(g, s);

	if (status != EXIT_OK)
		return status;
	if (forecast(&m, name_of(s), &g->forecasts[g->n_forecasts], &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	return status_of(g, &g->forecasts[g->n_forecasts++]);
}

static enum exit_status gate_all(struct gate_repo *g, const struct options *o)
{
	static const struct repo_report how = { gate_report_text, gate_report_json, gate_report_ruled };
	enum exit_status status = repo_begin(&g->repo, o, true);

	if (status == EXIT_OK)
		status = gate_hosts_begin(&g->hosts, &g->repo);
	if (status != EXIT_OK)
		return status;
	g->forecasts = xcalloc(g->hosts.n_subjects, sizeof(*g->forecasts));
	status = judge_ahead(g);
	if (status != EXIT_OK)
		return status;
	for (size_t i = 0; i < g->hosts.n_subjects; i++) {
		status = gate_subject(g, &g->hosts.subjects[i]);
		g->exit = status_worse(g->exit, status);
		/* What comes next would be shown in its place. */
		if (status == EXIT_FAILED && g->n_forecasts == i)
			return status;
	}
	return status_worse(g->exit, repo_write(&g->repo, g, &how));
}

enum exit_status gate_repos(struct options *o)
{
	_cleanup_(gate_repo_done) struct gate_repo g = { 0 };

	if (o->n_args > 0)
		return usage_error(o, "gate takes kernels or --repo, not both");
	if (o->repo_old && o->installed)
		return usage_error(o, "gate updates one host: the one of --repo-old, or that of --installed");
	return gate_all(&g, o);
}
