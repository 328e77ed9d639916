/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/confine.h"
#include "cmd/common.h"
#include "cmd/query_provides.h"
#include "cmd/verbs.h"

const struct option_def query_options[] = {
	{ "on", 0, "HOST[:VERSIONS][/MODE]", "only there; may be given several times", apply_on },
	{ "quick", 0, NULL, "read the config and the list of files only", apply_quick },
	{ "deep", 0, NULL, "read every module that matters, infer nothing", apply_deep },
	{ "verify", 0, NULL, "read everything to the end, check every checksum", apply_verify },
	{ "facts", 0, NULL, "show each fact that was read, and from where", apply_facts },
	BOOTS_OPTION,
	{ "provides", 0, "WHAT", "deb, rpm: Provides for its package; check: has the package these?", apply_provides,
	  "deb rpm check" },
	{ NULL },
};

static void selections_free(struct selection *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		selection_done(&list[i]);
	free(list);
}

static enum exit_status parse_selections(const struct session *s, struct selection **ret)
{
	const struct options *o = s->options;
	struct selection *list = xcalloc(o->n_on, sizeof(*list));

	for (size_t i = 0; i < o->n_on; i++) {
		struct error err = { 0 };

		if (selection_parse(s->knowledge, o->on[i], &list[i], &err) < 0) {
			selections_free(list, i);
			return usage_error(o, "--on %s: %s", o->on[i], err.text);
		}
	}
	*ret = list;
	return EXIT_OK;
}

static bool selected(const struct selection *s, const struct verdict *v)
{
	return s->host == v->host && s->versions[v->version] && s->modes[v->mode];
}

static enum exit_status status_of_verdict(enum status status)
{
	return status == STATUS_UNSUPPORTED ? EXIT_BLOCKED
	       : status == STATUS_UNKNOWN   ? EXIT_UNDECIDED
					    : EXIT_OK;
}

/* A place that does not exist on the kernel's architecture is one where it does not run. */
static enum exit_status status_on(const struct support *s, const struct selection *on)
{
	enum exit_status status = EXIT_OK;
	bool any = false;

	for (size_t i = 0; i < s->n_verdicts; i++) {
		if (!selected(on, &s->verdicts[i]))
			continue;
		any = true;
		status = status_worse(status, status_of_verdict(s->verdicts[i].status));
	}
	return any ? status : EXIT_BLOCKED;
}

static enum exit_status status_of_kernel(const struct support *s, const struct selection *on, size_t n)
{
	enum exit_status status = EXIT_OK;

	for (size_t i = 0; i < n; i++)
		status = status_worse(status, status_on(s, &on[i]));
	if (n > 0)
		return status;
	for (size_t i = 0; i < s->n_verdicts; i++)
		if (s->verdicts[i].status != STATUS_UNKNOWN)
			return EXIT_OK;
	return EXIT_UNDECIDED;
}

static enum exit_status look_at_all(struct session *s, const struct kernel_list *list,
				    const struct selection *on)
{
	const struct options *o = s->options;
	enum depth depth = o->has_depth ? o->depth : o->n_on > 0 ? DEPTH_DEEP : DEPTH_NORMAL;
	_cleanup_(freep) bool *wanted = xcalloc(s->knowledge->wants.count, sizeof(bool));
	enum exit_status status = EXIT_OK;

	selection_wants(s->knowledge, on, o->n_on, o->facts, wanted);
	for (size_t i = 0; i < list->count; i++) {
		struct look *look;
		enum exit_status one;

		session_look_ahead(s, &list->kernels[i], list->count - i, wanted, depth);
		one = session_look(s, list->kernels[i], wanted, depth, &look);

		if (one == EXIT_OK)
			one = status_of_kernel(look->support, on, o->n_on);
		status = status_worse(status, one);
	}
	return status;
}

/* Once, not for each kernel; what is missing by its name. */
static void say_confined(void)
{
	unsigned layers = confine_layers();
	_cleanup_(freep) char *there = confine_text(layers), *missing = confine_text(CONFINE_ALL & ~layers);

	complain("reading is confined by %s%s%s", there, *missing ? "; this machine lacks " : "", missing);
}

static enum exit_status query(struct session *s, struct kernel_list *list)
{
	const struct options *o = s->options;
	struct report report = { .exit = EXIT_OK };
	struct selection *on = NULL;
	enum exit_status status;

	if (o->verbose)
		say_confined();
	if (o->n_args == 0)
		report.exit = session_open(s, NULL, list);
	for (size_t i = 0; i < o->n_args; i++)
		report.exit = status_worse(report.exit, session_open(s, o->args[i], list));
	status = session_knowledge(s);
	if (status == EXIT_OK && o->provides)
		return report.exit == EXIT_OK ? query_provides(s, list) : report.exit;
	if (status == EXIT_OK)
		status = parse_selections(s, &on);
	if (status != EXIT_OK)
		return status;
	report.exit = status_worse(report.exit, look_at_all(s, list, on));
	report.selection = on;
	report.n_selections = o->n_on;
	status = session_report(s, &report);
	selections_free(on, o->n_on);
	return status;
}

enum exit_status run_query(struct options *o)
{
	_cleanup_(kernel_list_done) struct kernel_list list = { 0 };
	_cleanup_(session_end) struct session s = { 0 };
	enum exit_status status;

	if (o->provides && (o->n_on > 0 || o->facts || o->has_depth || o->format != REPORT_TEXT))
		return usage_error(o, "--provides stands alone: it reads what it needs, and its answer has one form");
	/* Both tell what passed and what failed, which nothing can that nobody asked about. */
	if (o->n_on == 0 && (o->format == REPORT_JUNIT || o->format == REPORT_SARIF))
		return usage_error(o, "query in that format needs --on: what must the kernel run on?");
	status = session_begin(&s, o);
	return status == EXIT_OK ? query(&s, &list) : status;
}
