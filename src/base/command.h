/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BASE_COMMAND_H
#define HVCOMPAT_BASE_COMMAND_H

#include <stdbool.h>

#include "base/error.h"

/* Runs other programs (make, patch, dpkg-deb, rpmbuild, gpgv), and keeps what they say. */

struct command {
	const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
	const char *dir;         /* working directory; NULL: the caller's */
	const char *const *env;  /* "NAME=VALUE" on top of the environment, NULL-terminated; NULL: none */
	int log;                 /* gets a copy of what it writes to stdout and stderr; -1: none */
	/* Called for each line of its output, without the newline, cut at 4095 bytes; NULL: nobody listens. */
	void (*line)(void *ctx, const char *line);
	void *ctx;
};

/*
 * Runs it to its end, with stdin closed. A SIGINT, SIGTERM or SIGHUP that comes meanwhile is passed on to its
 * whole process group, which is waited for; all of the group is gone when this returns, and the signals do again
 * what they did before. Returns 0; -ENOENT: there is no such program; -EINTR: a signal stopped us, and so it does every
 * later command: the caller cleans up and ends; -ECHILD: it failed, `err` says with what status. The caller names the
 * step and the remedy.
 */
int command_run(const struct command *c, struct error *err);

/* From here on such a signal no longer ends this process, also between commands. */
void command_listen(void);

/* Whether a signal has come since the start, so that a build stops between two commands as well. */
bool command_interrupted(void);

#endif
