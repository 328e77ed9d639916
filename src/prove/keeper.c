/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/fs.h"
#include "base/scratch.h"

#define GROUPS_MAX 1024

struct word {
	pid_t group;
	int add;
};

/* Its own side. Nothing but the directory, the groups and the pipe is of interest to it. */
static void keep(int in, const char *dir)
{
	static pid_t groups[GROUPS_MAX];
	struct error err = { 0 };
	struct word w;
	ssize_t n;

	setsid();
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	/* Files of others must not be held open: who waits for their end would wait for ours. */
	close_range((unsigned)in + 1, ~0U, 0);
	for (int fd = 0; fd < in; fd++)
		if (fd != 2)
			close(fd);
	while ((n = read(in, &w, sizeof(w))) == sizeof(w) || (n < 0 && errno == EINTR)) {
		for (size_t i = 0; n > 0 && i < GROUPS_MAX; i++)
			if (groups[i] == (w.add ? 0 : w.group)) {
				groups[i] = w.add ? w.group : 0;
				break;
			}
	}
	for (size_t i = 0; i < GROUPS_MAX; i++)
		if (groups[i] > 0)
			kill(-groups[i], SIGKILL);
	_exit(fs_remove(dir, &err) < 0 ? 1 : 0);
}

int keeper_start(struct keeper *ret, struct error *err)
{
	const char *top = getenv("TMPDIR");
	_cleanup_(freep) char *dir = xasprintf("%s/hvcompat-prove.XXXXXX", top && *top ? top : "/tmp");
	int pipes[2];
	pid_t pid;

	if (!mkdtemp(dir))
		return error_set(err, errno, "%s: no private directory can be made: %m; $TMPDIR names another place", dir);
	if (pipe2(pipes, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		rmdir(dir);
		return error_set(err, errno, "no process that cleans up could be started: %m");
	}
	if (pid == 0) {
		close(pipes[1]);
		keep(pipes[0], dir);
	}
	close(pipes[0]);
	*ret = (struct keeper){ .dir = TAKE_PTR(dir), .pid = pid, .fd = pipes[1] };
	return 0;
}

static void tell(struct keeper *k, pid_t group, int add)
{
	struct word w = { .group = group, .add = add };

	/* A keeper that is gone can only have been killed: then there is nothing to be done about it. */
	if (write(k->fd, &w, sizeof(w)) < 0)
		return;
}

void keeper_has(struct keeper *k, pid_t group)
{
	tell(k, group, 1);
}

void keeper_lost(struct keeper *k, pid_t group)
{
	tell(k, group, 0);
}

void keeper_done(struct keeper *k)
{
	if (!k->dir)
		return;
	close(k->fd);
	while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
		;
	/* One that was killed, or met an error, has left it. */
	scratch_remove(TAKE_PTR(k->dir));
	*k = (struct keeper){ 0 };
}
