/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/common.h"
#include "cmd/gate_repo.h"
#include "cmd/verbs.h"

struct old_kernel {
	struct kernel *kernel; /* borrowed from gate.old_list */
	char *release;         /* owned; NULL where there is only one old kernel */
};

struct gate {
	struct session *session;
	struct kernel_list old_list;
	struct old_kernel *olds; /* the newest comes last */
	size_t n_olds;
	bool sorted;
	struct kernel_list news; /* one */
	struct kernel *new_kernel;
	struct policy *policy;
	struct selection *selections;
	bool *wanted; /* NULL: everything */
	struct decision *decision;
	struct report report;
};

/* In the order of their releases: numbers as numbers. */
static int by_release(const void *a, const void *b)
{
	const struct old_kernel *x = a, *y = b;

	return strverscmp(x->release, y->release);
}

/* The releases of the old kernels as they state them: a bare image has none in its path. */
static enum exit_status read_releases(struct gate *g)
{
	enum exit_status status = EXIT_OK;

	for (size_t i = 0; i < g->n_olds; i++)
		status = status_worse(status, session_release(g->session, g->olds[i].kernel, &g->olds[i].release));
	return status;
}

/* Of two with one release, one may be a part of the other: to compare with it would be to compare with nothing. */
static enum exit_status check_apart(const struct gate *g)
{
	for (size_t i = 1; i < g->n_olds; i++)
		if (by_release(&g->olds[i - 1], &g->olds[i]) == 0)
			return session_refuse(g->session, kernel_label(g->olds[i].kernel),
					      "is of the release %s, as %s is, and stands apart from it; join the packages of "
					      "one kernel with a comma, and give a kernel once",
					      g->olds[i].release, kernel_label(g->olds[i - 1].kernel));
	return EXIT_OK;
}

static enum exit_status sort_olds(struct gate *g)
{
	g->n_olds = g->old_list.count;
	g->olds = xcalloc(g->n_olds, sizeof(*g->olds));
	for (size_t i = 0; i < g->n_olds; i++)
		g->olds[i].kernel = g->old_list.kernels[i];
	g->sorted = g->n_olds < 2;
	if (g->sorted)
		return EXIT_OK;
	if (read_releases(g) != EXIT_OK)
		return EXIT_FAILED;
	qsort(g->olds, g->n_olds, sizeof(*g->olds), by_release);
	g->sorted = check_apart(g) == EXIT_OK;
	return g->sorted ? EXIT_OK : EXIT_FAILED;
}

static enum exit_status gate_open(struct gate *g)
{
	const struct options *o = g->session->options;
	enum exit_status status = EXIT_OK;

	session_open_ahead(g->session);
	for (size_t i = 0; i + 1 < o->n_args; i++)
		status = status_worse(status, session_open(g->session, o->args[i], &g->old_list));
	status = status_worse(status,
			      session_open_one(g->session, o->args[o->n_args - 1], &g->news, &g->new_kernel));
	return status_worse(status, sort_olds(g));
}

/*
 * `drops: block` asks about everything that the old kernel had; else only what is required needs to be read.
 */
static void gate_limit(struct gate *g)
{
	g->selections = policy_selections(g->policy, &g->report);
	g->report.limited = g->policy->drops == DROPS_REPORT;
	if (g->report.limited)
		g->wanted = selected_wants(g->session->knowledge, &g->report);
}

static enum exit_status gate_compare(struct gate *g)
{
	struct look *old_look = NULL, *new_look = NULL;
	struct kernel *both[] = { g->olds[g->n_olds - 1].kernel, g->new_kernel };
	enum exit_status status;

	session_look_ahead(g->session, both, 2, g->wanted, DEPTH_DEEP);
	status = session_look(g->session, both[0], g->wanted, DEPTH_DEEP, &old_look);
	status = status_worse(status,
			      session_look(g->session, g->new_kernel, g->wanted, DEPTH_DEEP, &new_look));
	if (!old_look || !new_look)
		return status;
	if (session_comparable(g->session, old_look, new_look) != EXIT_OK)
		return EXIT_FAILED;
	g->decision = decide(old_look->support, new_look->support, g->policy, g->session->options->today);
	g->report.decisions = (const struct decision *const *)&g->decision;
	g->report.n_decisions = 1;
	return status_of_decision(g->decision->result);
}

static bool is_allowed(const struct gate *g, const struct look *look)
{
	_cleanup_(decision_freep) struct decision *d =
		decide(NULL, look->support, g->policy, g->session->options->today);

	return d->result == DECISION_ALLOWED;
}

static const char *release_of(const struct look *look)
{
	return look->facts->release ? look->facts->release : kernel_label(look->kernel);
}

/* Looks at the old kernels from the newest on, and at no more of them than it takes. */
static enum exit_status gate_newest_allowed(struct gate *g)
{
	struct session *s = g->session;
	enum exit_status status = EXIT_OK;

	if (!g->decision)
		return EXIT_OK;
	if (g->decision->result == DECISION_ALLOWED) {
		g->report.newest_allowed = release_of(s->looks[1]);
		return EXIT_OK;
	}
	for (size_t i = g->n_olds; i-- > 0;) {
		struct look *look = s->looks[0];

		if (i + 1 < g->n_olds)
			status = status_worse(
				status, session_look(s, g->olds[i].kernel, g->wanted, DEPTH_DEEP, &look));
		if (status == EXIT_FAILED)
			return status;
		if (is_allowed(g, look)) {
			g->report.newest_allowed = release_of(look);
			return status;
		}
	}
	return status;
}

static enum exit_status gate(struct gate *g)
{
	struct session *s = g->session;

	g->report.exit = gate_open(g);
	if (session_knowledge(s) != EXIT_OK || session_policy(s, s->options->policy, &g->policy) != EXIT_OK)
		return EXIT_FAILED;
	gate_limit(g);
	if (g->new_kernel && g->n_olds > 0 && g->sorted) {
		g->report.exit = status_worse(g->report.exit, gate_compare(g));
		g->report.exit = status_worse(g->report.exit, gate_newest_allowed(g));
	}
	return session_report(s, &g->report);
}

static void gate_done(struct gate *g)
{
	decision_free(g->decision);
	free(g->wanted);
	free(g->selections);
	policy_free(g->policy);
	kernel_list_done(&g->news);
	for (size_t i = 0; i < g->n_olds; i++)
		free(g->olds[i].release);
	free(g->olds);
	kernel_list_done(&g->old_list);
}

enum exit_status run_gate(struct options *o)
{
	_cleanup_(session_end) struct session s = { 0 };
	_cleanup_(gate_done) struct gate g = { .session = &s };
	enum exit_status status;

	if (!o->policy)
		return usage_error(o, "gate needs --policy");
	if (o->n_repos > 0)
		return gate_repos(o);
	if (o->repo_old || o->installed)
		return usage_error(o, "gate takes --repo-old and --installed with --repo");
	if (o->n_args < 2)
		return usage_error(o, "gate needs two kernels at least: OLD… and NEW, which comes last");
	status = session_begin(&s, o);
	return status == EXIT_OK ? gate(&g) : status;
}
