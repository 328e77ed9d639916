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

	/* The newest is what the update is the update of; what it took away of an older one is past. */
	for (size_t i = 0; status == EXIT_OK && i < g->olds.count; i++) {
		struct look *look = NULL;

		status = session_look(s, g->olds.kernels[i], g->repo.wanted, DEPTH_DEEP, &look);
		if (look && (!newest || strverscmp(newest->facts->release, look->facts->release) < 0))
			newest = look;
	}
	if (newest)
		repo_compare(&g->repo, newest->support, NULL);
	return status;
}

static enum exit_status compare_old(struct gate_repo *g, const struct index_kernel *old)
{
	_cleanup_(buf_done) struct buf key = { 0 };
	struct error err = { 0 };
	_cleanup_(freep) char *arg = repo_files(&g->repo, old, &err);
	struct look *look = NULL;
	enum exit_status status;

	if (!arg) {
		complain("%s; policy %s asks what the old kernel had", err.text, g->repo.policy->name);
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < old->n_packages; i++)
		buf_addf(&key, "%s ", old->packages[i]->sha256);
	status = repo_look(&g->repo, arg, &g->olds, &look);
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

static enum exit_status gate_subject(struct gate_repo *g, const struct gate_subject *s)
{
	struct forecast_means m = { .update = g->hosts.update, .packaging = g->repo.packaging, .kernels = &g->repo.kernels,
				    .judge = judge, .ctx = g };
	struct error err = { 0 };
	enum exit_status status = compare_with(g, s);

	if (status != EXIT_OK)
		return status;
	if (forecast(&m, s->meta ? s->meta->name : NULL, &g->forecasts[g->n_forecasts], &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	return status_of(g, &g->forecasts[g->n_forecasts++]);
}

static enum exit_status gate_all(struct gate_repo *g, const struct options *o)
{
	enum exit_status status = repo_begin(&g->repo, o, true);

	if (status == EXIT_OK)
		status = gate_hosts_begin(&g->hosts, &g->repo);
	if (status != EXIT_OK)
		return status;
	g->forecasts = xcalloc(g->hosts.n_subjects, sizeof(*g->forecasts));
	for (size_t i = 0; i < g->hosts.n_subjects; i++) {
		status = gate_subject(g, &g->hosts.subjects[i]);
		g->exit = status_worse(g->exit, status);
		/* What comes next would be shown in its place. */
		if (status == EXIT_FAILED && g->n_forecasts == i)
			return status;
	}
	return status_worse(g->exit, repo_write(&g->repo, g, gate_report_text, gate_report_json));
}

enum exit_status gate_repos(struct options *o)
{
	_cleanup_(gate_repo_done) struct gate_repo g = { 0 };

	if (o->n_args > 0)
		return usage_error(o, "gate takes kernels or --repo, not both");
	if (o->repo_old && o->installed)
		return usage_error(o, "gate updates one host: the one of --repo-old, or that of --installed");
	if (o->format != REPORT_TEXT && o->format != REPORT_JSON)
		return usage_error(o, "gate --repo writes text or json");
	return gate_all(&g, o);
}
