/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/check_repo.h"
#include "cmd/common.h"
#include "cmd/verbs.h"

/* One decision for each kernel that could be read, parallel to the session's looks. */
struct decisions {
	struct decision **list;
	size_t n;
};

static void decisions_done(struct decisions *d)
{
	for (size_t i = 0; i < d->n; i++)
		decision_free(d->list[i]);
	free(d->list);
}

static enum exit_status decide_all(struct session *s, const struct kernel_list *kernels,
				   const struct policy *p, const struct report *report, struct decisions *d)
{
	_cleanup_(freep) bool *wanted = selected_wants(s->knowledge, report);
	enum exit_status status = EXIT_OK;

	for (size_t i = 0; i < kernels->count; i++) {
		struct look *look;
		enum exit_status one;

		session_look_ahead(s, &kernels->kernels[i], kernels->count - i, wanted, DEPTH_DEEP);
		one = session_look(s, kernels->kernels[i], wanted, DEPTH_DEEP, &look);

		if (one == EXIT_OK) {
			ARRAY_GROW(d->list, d->n);
			d->list[d->n] = decide(NULL, look->support, p, s->options->today);
			one = status_of_decision(d->list[d->n++]->result);
		}
		status = status_worse(status, one);
	}
	return status;
}

static enum exit_status check(struct session *s, struct kernel_list *kernels)
{
	const struct options *o = s->options;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(decisions_done) struct decisions decisions = { 0 };
	_cleanup_(freep) struct selection *selections = NULL;
	struct report report = { .exit = EXIT_OK };
	enum exit_status status;

	for (size_t i = 0; i < o->n_args; i++)
		report.exit = status_worse(report.exit, session_open(s, o->args[i], kernels));
	status = session_knowledge(s);
	if (status == EXIT_OK)
		status = session_policy(s, o->policy, &policy);
	if (status != EXIT_OK)
		return status;
	selections = policy_selections(policy, &report);
	report.exit = status_worse(report.exit, decide_all(s, kernels, policy, &report, &decisions));
	report.decisions = (const struct decision *const *)decisions.list;
	report.n_decisions = decisions.n;
	return session_report(s, &report);
}

enum exit_status run_check(struct options *o)
{
	_cleanup_(kernel_list_done) struct kernel_list kernels = { 0 };
	_cleanup_(session_end) struct session s = { 0 };
	enum exit_status status;

	if (!o->policy)
		return usage_error(o, "check needs --policy");
	if (o->n_repos > 0)
		return check_repos(o);
	if (o->n_args == 0)
		return usage_error(o, "check needs a kernel, or a repository (--repo)");
	status = session_begin(&s, o);
	return status == EXIT_OK ? check(&s, &kernels) : status;
}
