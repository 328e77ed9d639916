/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The side that asks. Nothing that comes from the worker is believed before it is checked. */
#include "base/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status.h"

struct worker {
	pid_t pid; /* 0: it has ended */
	int fd;
	unsigned refs;
	uint64_t asked, answered; /* the first is what it was started for */
	char *what; /* as in the task */
	const char *done;
	unsigned seconds;
};

struct worker *worker_ref(struct worker *w)
{
	w->refs++;
	return w;
}

/* Ends the process; returns how it ended. */
static int end(struct worker *w, bool force)
{
	int status = 0;

	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	if (w->pid > 0) {
		if (force)
			kill(w->pid, SIGKILL);
		while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	w->pid = 0;
	return status;
}

struct worker *worker_unref(struct worker *w)
{
	if (!w || --w->refs > 0)
		return NULL;
	/* It waits for a request, or its answer is no longer wanted. */
	end(w, true);
	free(w->what);
	free(w);
	return NULL;
}

void worker_end(struct worker *w)
{
	end(w, true);
}

static int worker_died(struct worker *w, struct error *err)
{
	int status = end(w, false);

	if (WIFSIGNALED(status))
		return error_set(err, ECHILD, "%s: the process that %s was ended by signal %d (%s): it cannot be judged. "
				 "If memory and time were enough, the file is made to harm its readers; tell us",
				 w->what, w->done, WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILED)
		return error_set(err, ECHILD, "%s: the process that %s gave up, for lack of memory: it cannot be judged",
				 w->what, w->done);
	return error_set(err, ECHILD, "%s: the process that %s broke off without an answer (status %d): it cannot be judged",
			 w->what, w->done, WEXITSTATUS(status));
}

int worker_nonsense(struct worker *w, struct error *err)
{
	end(w, true);
	return error_set(err, ECHILD, "%s: the process that %s answered nonsense: it cannot be judged. The file is made "
			 "to harm its readers; tell us", w->what, w->done);
}

static int worker_slow(struct worker *w, struct error *err)
{
	end(w, true);
	return error_set(err, ETIMEDOUT, "%s: the process that %s took more than %u seconds: it cannot be judged", w->what,
			 w->done, w->seconds);
}

static bool send_all(int fd, const void *bytes, size_t n)
{
	for (const char *at = bytes; n > 0;) {
		ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		at += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* 1: all there; 0: it has ended; -1: it is late. */
static int receive_all(int fd, void *bytes, size_t n, unsigned seconds)
{
	for (char *at = bytes; n > 0;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int ready = poll(&p, 1, (int)seconds * 1000);
		ssize_t got;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0)
			return -1;
		got = recv(fd, at, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return 0;
		at += got;
		n -= (size_t)got;
	}
	return 1;
}

uint8_t *worker_answer_within(struct worker *w, size_t most, struct wire *wire, struct error *err)
{
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct error said = { 0 };
	uint64_t n;
	int r = receive_all(w->fd, &n, sizeof(n), w->seconds);

	w->answered++;
	if (r > 0 && n > most) {
		worker_nonsense(w, err);
		return NULL;
	}
	if (r > 0) {
		bytes = xmalloc((size_t)n);
		r = receive_all(w->fd, bytes, (size_t)n, w->seconds);
	}
	if (r <= 0) {
		r < 0 ? worker_slow(w, err) : worker_died(w, err);
		return NULL;
	}
	*wire = (struct wire){ .in = bytes, .left = (size_t)n };
	wire_error(wire, &said);
	if (wire->bad || (said.code && !said.text[0])) {
		worker_nonsense(w, err);
		return NULL;
	}
	if (said.code) {
		error_set(err, said.code, "%s", said.text);
		return NULL;
	}
	return TAKE_PTR(bytes);
}

uint8_t *worker_answer(struct worker *w, struct wire *wire, struct error *err)
{
	return worker_answer_within(w, WORKER_MESSAGE_MAX, wire, err);
}

int worker_ask(struct worker *w, const struct buf *request, struct error *err)
{
	uint64_t n = request->len;

	if (w->pid == 0)
		return error_set(err, ECHILD, "%s: the process that %s has ended: it cannot be judged", w->what, w->done);
	if (!send_all(w->fd, &n, sizeof(n)) || !send_all(w->fd, request->text, request->len))
		return worker_died(w, err);
	w->asked++;
	return 0;
}

uint64_t worker_awaited(const struct worker *w)
{
	return w->pid > 0 && w->answered < w->asked ? w->asked : 0;
}

/* Never 0 to 2: where one of these is closed, what is meant for it would go to the worker. */
static bool socket_pair(int ends[2])
{
	int low[2], code;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, low) < 0)
		return false;
	ends[0] = fcntl(low[0], F_DUPFD_CLOEXEC, 3);
	ends[1] = fcntl(low[1], F_DUPFD_CLOEXEC, 3);
	code = errno;
	close(low[0]);
	close(low[1]);
	if (ends[0] >= 0 && ends[1] >= 0)
		return true;
	for (size_t i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	errno = code;
	return false;
}

struct worker *worker_at(const struct worker_task *task, int fd, pid_t pid)
{
	struct worker *w = xcalloc(1, sizeof(*w));

	*w = (struct worker){ .pid = pid, .fd = fd, .refs = 1, .asked = 1, .what = xstrdup(task->what), .done = task->done,
			      .seconds = task->seconds };
	return w;
}

int worker_start(const struct worker_task *task, struct worker **ret, struct error *err)
{
	int ends[2];
	pid_t pid;

	if (!socket_pair(ends))
		return error_set(err, errno, "%s: no socket to a process of its own: %s", task->what, strerror(errno));
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		task->serve(ends[1], task->ctx);
		_exit(0);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return error_set(err, errno, "%s: no process of its own: %s", task->what, strerror(errno));
	}
	*ret = worker_at(task, ends[0], pid);
	return 0;
}
