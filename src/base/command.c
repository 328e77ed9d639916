/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/command.h"
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#define LINE_MAX_BYTES 4096

static const int stops[] = { SIGINT, SIGTERM, SIGHUP };

static volatile sig_atomic_t stopped, group;
static bool kept; /* the handlers stay between commands */

bool command_interrupted(void)
{
	return stopped != 0;
}

static void pass_on(int number)
{
	stopped = number;
	if (group > 0)
		kill(-(pid_t)group, number);
}

/* What is ignored stays so. `before`: what was there. */
static void catch_signals(struct sigaction before[ARRAY_SIZE(stops)])
{
	struct sigaction action = { .sa_handler = pass_on };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(stops); i++)
		if (sigaction(stops[i], NULL, &before[i]) == 0 && before[i].sa_handler != SIG_IGN)
			sigaction(stops[i], &action, NULL);
}

static void restore_signals(const struct sigaction before[ARRAY_SIZE(stops)])
{
	for (size_t i = 0; !kept && i < ARRAY_SIZE(stops); i++)
		sigaction(stops[i], &before[i], NULL);
}

void command_listen(void)
{
	struct sigaction before[ARRAY_SIZE(stops)];

	kept = true;
	catch_signals(before);
}

static char **environment(const char *const *more)
{
	size_t n = 0, m = 0;
	char **env;

	while (environ[n])
		n++;
	while (more && more[m])
		m++;
	env = xcalloc(n + m + 1, sizeof(*env));
	/* Of two settings of one name, programs see the first. */
	for (size_t i = 0; i < m; i++)
		env[i] = (char *)more[i];
	for (size_t i = 0; i < n; i++)
		env[m + i] = environ[i];
	return env;
}

static int start(const struct command *c, int out, pid_t *ret)
{
	_cleanup_(freep) char **env = environment(c->env);
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int r;

	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGXFSZ);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	if (c->dir)
		posix_spawn_file_actions_addchdir_np(&files, c->dir);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	r = posix_spawnp(ret, c->argv[0], &files, &attributes, (char *const *)c->argv, env);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return -r;
}

struct lines {
	char text[LINE_MAX_BYTES];
	size_t n;
};

static void say_line(const struct command *c, struct lines *l)
{
	l->text[l->n] = '\0';
	if (c->line)
		c->line(c->ctx, l->text);
	l->n = 0;
}

static void take(const struct command *c, struct lines *l, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			say_line(c, l);
		else if (l->n < sizeof(l->text) - 1)
			l->text[l->n++] = bytes[i];
	}
}

/* A log that cannot be written is a full disk: the child is stopped, for it will fail in worse ways. */
static int log_write(const struct command *c, const char *bytes, size_t n, struct error *err)
{
	while (c->log >= 0 && n > 0) {
		ssize_t w = write(c->log, bytes, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return error_set(err, errno, "its log could not be written: %s", strerror(errno));
		bytes += w;
		n -= (size_t)w;
	}
	return 0;
}

static int listen(const struct command *c, int in, struct error *err)
{
	_cleanup_(freep) struct lines *l = xcalloc(1, sizeof(*l));
	char bytes[4096];
	int result = 0;

	for (;;) {
		ssize_t n = read(in, bytes, sizeof(bytes));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		take(c, l, bytes, (size_t)n);
		if (result == 0) {
			result = log_write(c, bytes, (size_t)n, err);
			if (result < 0)
				kill(-(pid_t)group, SIGTERM);
		}
	}
	if (l->n > 0)
		say_line(c, l);
	return result;
}

static int wait_for(pid_t pid, const char *name, struct error *err)
{
	siginfo_t ended;
	int status;

	/* While it is not reaped, its number is nobody else's: what it left behind in its group can be killed. */
	while (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_set(err, errno, "%s: cannot be waited for: %s", name, strerror(errno));
	if (stopped)
		return error_set(err, EINTR, "stopped by signal %d (%s)", (int)stopped, strsignal(stopped));
	if (WIFSIGNALED(status))
		return error_set(err, ECHILD, "%s was killed by signal %d (%s)", name, WTERMSIG(status),
				 strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		return error_set(err, ECHILD, "%s ended with status %d", name, WEXITSTATUS(status));
	return 0;
}

static int run(const struct command *c, struct error *err)
{
	int pipes[2], r, waited;
	pid_t pid;

	if (stopped)
		return error_set(err, EINTR, "stopped by signal %d (%s)", (int)stopped, strsignal(stopped));
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return error_set(err, errno, "no pipe for %s: %s", c->argv[0], strerror(errno));
	r = start(c, pipes[1], &pid);
	close(pipes[1]);
	if (r < 0) {
		close(pipes[0]);
		return error_set(err, r, "%s: could not be started: %s", c->argv[0], strerror(-r));
	}
	group = pid;
	if (stopped) /* came before there was a group to pass it on to */
		kill(-pid, stopped);
	r = listen(c, pipes[0], err);
	close(pipes[0]);
	waited = wait_for(pid, c->argv[0], err);
	group = 0;
	return r < 0 ? r : waited;
}

int command_run(const struct command *c, struct error *err)
{
	struct sigaction before[ARRAY_SIZE(stops)];
	int r;

	catch_signals(before);
	r = run(c, err);
	restore_signals(before);
	return r;
}
