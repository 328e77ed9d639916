/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/common.h"
#include "cmd/verbs.h"

/* Kept, dropped, or a new doubt whether something was. */
static enum exit_status status_of_diff(const struct decision *d)
{
	enum exit_status status = EXIT_OK;

	for (size_t i = 0; i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];

		if (f->state != STATE_NEW)
			continue;
		if (f->kind == FINDING_DROPPED)
			return EXIT_BLOCKED;
		if (f->kind == FINDING_UNKNOWN || f->kind == FINDING_CONTRADICTION)
			status = EXIT_UNDECIDED;
	}
	return status;
}

static enum exit_status diff(struct session *s, struct kernel_list *list)
{
	_cleanup_(decision_freep) struct decision *decision = NULL;
	struct kernel *kernels[2] = { NULL };
	struct look *looks[2] = { NULL };
	struct report report = { .exit = EXIT_OK };

	session_open_ahead(s);
	for (size_t i = 0; i < 2; i++)
		report.exit = status_worse(report.exit,
					   session_open_one(s, s->options->args[i], list, &kernels[i]));
	if (session_knowledge(s) != EXIT_OK)
		return EXIT_FAILED;
	if (kernels[0] && kernels[1])
		session_look_ahead(s, kernels, 2, NULL, DEPTH_DEEP);
	for (size_t i = 0; i < 2; i++)
		if (kernels[i])
			report.exit = status_worse(report.exit,
						   session_look(s, kernels[i], NULL, DEPTH_DEEP, &looks[i]));
	if (!looks[0] || !looks[1])
		return session_report(s, &report);
	report.exit = status_worse(report.exit, session_comparable(s, looks[0], looks[1]));
	if (report.exit != EXIT_FAILED) {
		decision = decide(looks[0]->support, looks[1]->support, NULL, s->options->today);
		report.exit = status_worse(report.exit, status_of_diff(decision));
		report.decisions = (const struct decision *const *)&decision;
		report.n_decisions = 1;
	}
	return session_report(s, &report);
}

enum exit_status run_diff(struct options *o)
{
	_cleanup_(kernel_list_done) struct kernel_list list = { 0 };
	_cleanup_(session_end) struct session s = { 0 };
	enum exit_status status;

	if (o->n_args != 2)
		return usage_error(o, "diff compares two kernels, OLD and NEW");
	status = session_begin(&s, o);
	return status == EXIT_OK ? diff(&s, &list) : status;
}
