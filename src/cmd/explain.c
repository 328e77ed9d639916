/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/common.h"
#include "cmd/output.h"
#include "cmd/verbs.h"
#include "report/explain.h"

/* An id that nobody knows is a failure, but the others are explained all the same. */
static enum exit_status explain_all(struct session *s, FILE *out)
{
	const struct options *o = s->options;
	struct text t = { .out = out, .columns = output_columns(o), .color = output_color(o) };
	enum exit_status status = EXIT_OK;

	for (size_t i = 0; i < o->n_args; i++) {
		struct error err = { 0 };

		if (i > 0)
			fputc('\n', out);
		if (explain(&t, s->knowledge, o->args[i], &err) < 0) {
			complain("%s", err.text);
			status = EXIT_FAILED;
		}
	}
	return status;
}

enum exit_status run_explain(struct options *o)
{
	_cleanup_(session_end) struct session s = { 0 };
	enum exit_status status;

	if (o->n_args == 0)
		return usage_error(o, "explain needs an ID");
	status = session_begin(&s, o);
	if (status == EXIT_OK)
		status = session_knowledge(&s);
	return status == EXIT_OK ? session_print(&s, explain_all) : status;
}
