/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/command.h"
#include "build/package_parts.h"

#include <errno.h>

/* The last line that says something is what people look for first. */
struct listener {
	const struct package_job *job;
	char last[240];
};

static void hear(void *ctx, const char *line)
{
	struct listener *l = ctx;
	const char *text = line + strspn(line, " \t");

	if (*text)
		snprintf(l->last, sizeof(l->last), "%s", text);
	if (l->job->line)
		l->job->line(l->job->ctx, line);
}

int package_run(const struct package_job *job, const char *const *argv, const char *const *env,
		const char *step, const char *package, struct error *err)
{
	struct listener l = { .job = job };
	struct command c = { .argv = argv, .env = env, .log = job->log, .line = hear, .ctx = &l };
	struct error cause = { 0 };
	int r = command_run(&c, &cause);

	if (r == 0)
		return 0;
	if (r == -EINTR)
		return error_set(err, r, "%s: %s", step, cause.text);
	if (r == -ENOENT)
		return error_set(err, r, "%s: %s; install the package %s", step, cause.text, package);
	return error_set(err, r, "%s: %s%s%s", step, cause.text, l.last[0] ? ": " : "", l.last);
}
