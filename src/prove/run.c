/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#define POWER_OFF 20.0 /* seconds that a guest may take from its init's end */
#define LAST_WORDS 2.0 /* seconds that what comes behind a decisive line is waited for */

double run_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* In the child: nothing but what may be called between fork and exec. */
static void become(char *const *argv, const char *dir, int out, int complaints, int result, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY), code;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	if (getppid() == parent && chdir(dir) == 0 && dup2(null, 0) == 0 && dup2(out, 1) == 1 && dup2(complaints, 2) == 2)
		execvp(argv[0], argv);
	code = errno;
	if (write(result, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(127);
}

static void close_pair(int pair[2])
{
	closep(&pair[0]);
	closep(&pair[1]);
}

int run_start(char *const *argv, const char *dir, unsigned seconds, struct keeper *keeper, struct run *ret, struct error *err)
{
	int out[2] = { -1, -1 }, complaints[2] = { -1, -1 }, result[2] = { -1, -1 }, code = 0;
	pid_t parent = getpid(), pid = -1;

	if (pipe2(out, O_CLOEXEC) == 0 && pipe2(complaints, O_CLOEXEC) == 0 && pipe2(result, O_CLOEXEC) == 0)
		pid = fork();
	if (pid == 0)
		become(argv, dir, out[1], complaints[1], result[1], parent);
	if (pid < 0) {
		code = errno;
		close_pair(out);
		close_pair(complaints);
		close_pair(result);
		return error_set(err, code, "%s: cannot be started: %s", argv[0], strerror(code));
	}
	keeper_has(keeper, pid);
	close(out[1]);
	close(complaints[1]);
	close(result[1]);
	while (read(result[0], &code, sizeof(code)) < 0 && errno == EINTR)
		;
	close(result[0]);
	*ret = (struct run){ .pid = pid, .out = out[0], .complaints = complaints[0], .started = run_now() };
	fcntl(ret->out, F_SETFL, O_NONBLOCK);
	fcntl(ret->complaints, F_SETFL, O_NONBLOCK);
	ret->deadline = ret->started + seconds;
	ret->spoke = ret->started;
	if (code == 0)
		return 0;
	run_kill(ret, keeper);
	return error_set(err, code, "%s: cannot be started: %s", argv[0], strerror(code));
}

size_t run_poll(const struct run *r, struct pollfd *into)
{
	size_t n = 0;

	if (r->out >= 0)
		into[n++] = (struct pollfd){ .fd = r->out, .events = POLLIN };
	if (r->complaints >= 0)
		into[n++] = (struct pollfd){ .fd = r->complaints, .events = POLLIN };
	return n;
}

/* At most so much in one step: who floods the console must not keep others from being looked after. */
static void drain(struct run *r, int *fd, struct watch *w, void (*take)(struct watch *w, const char *bytes, size_t n))
{
	char bytes[16384];

	for (unsigned i = 0; i < 64 && *fd >= 0; i++) {
		ssize_t n = read(*fd, bytes, sizeof(bytes));

		if (n > 0) {
			take(w, bytes, (size_t)n);
			r->spoke = run_now();
			continue;
		}
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		close(*fd);
		*fd = -1;
	}
}

static void listen(struct run *r, struct watch *w)
{
	bool decided = watch_decided(w);

	drain(r, &r->out, w, watch_console);
	drain(r, &r->complaints, w, watch_complaint);
	if (!decided && watch_decided(w)) {
		double end = run_now() + (w->ended && w->begins == 1 ? POWER_OFF : LAST_WORDS);

		r->deadline = end < r->deadline ? end : r->deadline;
	}
}

static void reap(struct run *r, struct keeper *keeper, int *status)
{
	kill(-r->pid, SIGKILL);
	while (waitpid(r->pid, status, 0) < 0 && errno == EINTR)
		;
	keeper_lost(keeper, r->pid);
	r->pid = 0;
}

bool run_step(struct run *r, struct watch *w, struct keeper *keeper, int *status)
{
	siginfo_t ended = { 0 };

	listen(r, w);
	/* It is left unreaped until its group has been killed: so long its number is nobody else's. */
	waitid(P_PID, (id_t)r->pid, &ended, WEXITED | WNOHANG | WNOWAIT);
	if (ended.si_pid == 0 && run_now() < r->deadline)
		return false;
	r->expired = ended.si_pid == 0;
	reap(r, keeper, status);
	listen(r, w);
	closep(&r->out);
	closep(&r->complaints);
	return true;
}

void run_kill(struct run *r, struct keeper *keeper)
{
	int status;

	if (r->pid > 0)
		reap(r, keeper, &status);
	closep(&r->out);
	closep(&r->complaints);
	r->out = r->complaints = -1;
}
