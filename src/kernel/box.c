/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The side that asks. Nothing that comes from the reader is believed before it is checked. */
#include "kernel/box.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/kernel_set.h"
#include "kernel/wire.h"

/* A kernel takes a second or two; its reader has no longer than this for one answer. */
#define ANSWER_SECONDS 600

struct box {
	pid_t pid; /* 0: it has ended */
	int fd;
	unsigned refs;
	char *what; /* what it was opened for, for messages */
};

struct box *box_ref(struct box *b)
{
	b->refs++;
	return b;
}

/* Ends the reader; returns how it ended. */
static int box_end(struct box *b, bool force)
{
	int status = 0;

	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
	if (b->pid > 0) {
		if (force)
			kill(b->pid, SIGKILL);
		while (waitpid(b->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	b->pid = 0;
	return status;
}

struct box *box_unref(struct box *b)
{
	if (!b || --b->refs > 0)
		return NULL;
	/* It waits for a request, or its answer is no longer wanted. */
	box_end(b, true);
	free(b->what);
	free(b);
	return NULL;
}

static int box_died(struct box *b, struct error *err)
{
	int status = box_end(b, false);

	if (WIFSIGNALED(status))
		return error_set(err, ECHILD, "%s: the process that read it was ended by signal %d (%s): it cannot be judged. "
				 "If memory and time were enough, the file is made to harm its readers; tell us",
				 b->what, WTERMSIG(status), strsignal(WTERMSIG(status)));
	return error_set(err, ECHILD, "%s: the process that read it gave up (status %d), for lack of memory: it cannot be "
			 "judged", b->what, WEXITSTATUS(status));
}

static int box_nonsense(struct box *b, struct error *err)
{
	box_end(b, true);
	return error_set(err, ECHILD, "%s: the process that read it answered nonsense: it cannot be judged. The file is made "
			 "to harm its readers; tell us", b->what);
}

static int box_slow(struct box *b, struct error *err)
{
	box_end(b, true);
	return error_set(err, ETIMEDOUT, "%s: it was not read within %d seconds", b->what, ANSWER_SECONDS);
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
static int receive_all(int fd, void *bytes, size_t n, int seconds)
{
	for (char *at = bytes; n > 0;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int ready = poll(&p, 1, seconds * 1000);
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

/* The next answer: its bytes (owned, NULL on failure) and, in `w`, a wire that begins behind its error. */
static uint8_t *answer(struct box *b, struct wire *w, struct error *err)
{
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct error said = { 0 };
	uint64_t n;
	int r = receive_all(b->fd, &n, sizeof(n), ANSWER_SECONDS);

	if (r > 0 && n > BOX_MESSAGE_MAX) {
		box_nonsense(b, err);
		return NULL;
	}
	if (r > 0) {
		bytes = xmalloc((size_t)n);
		r = receive_all(b->fd, bytes, (size_t)n, ANSWER_SECONDS);
	}
	if (r <= 0) {
		r < 0 ? box_slow(b, err) : box_died(b, err);
		return NULL;
	}
	*w = (struct wire){ .in = bytes, .left = (size_t)n };
	wire_error(w, &said);
	if (w->bad || (said.code && !said.text[0])) {
		box_nonsense(b, err);
		return NULL;
	}
	if (said.code) {
		error_set(err, said.code, "%s", said.text);
		return NULL;
	}
	return TAKE_PTR(bytes);
}

static int ask(struct box *b, const struct buf *request, struct error *err)
{
	uint64_t n = request->len;

	if (b->pid == 0)
		return error_set(err, ECHILD, "%s: the process that read it has ended", b->what);
	if (!send_all(b->fd, &n, sizeof(n)) || !send_all(b->fd, request->text, request->len))
		return box_died(b, err);
	return 0;
}

/* Never 0 to 2: where one of these is closed, what is meant for it would go to the reader. */
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

static int box_start(const char *arg, bool running, const struct kernel_options *options, struct box **ret,
		     struct error *err)
{
	int ends[2];
	struct box *b;
	pid_t pid;

	if (!socket_pair(ends))
		return error_set(err, errno, "%s: no socket for the process that shall read it: %s", arg, strerror(errno));
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		box_serve(ends[1], arg, running, options);
	}
	close(ends[1]);
	if (pid > 0 && options->started)
		options->started(options->ctx);
	if (pid < 0) {
		close(ends[0]);
		return error_set(err, errno, "%s: no process that could read it: %s", arg, strerror(errno));
	}
	b = xcalloc(1, sizeof(*b));
	*b = (struct box){ .pid = pid, .fd = ends[0], .refs = 1, .what = xstrdup(arg) };
	*ret = b;
	return 0;
}

/* The names of what was opened. */
static int take_kernels(struct box *b, struct wire *w, const struct kernel_options *options, struct kernel_list *list,
			struct error *err)
{
	size_t n = 0;

	wire_count(w, &n, 16);
	for (size_t i = 0; i < n; i++) {
		struct kernel *k = xcalloc(1, sizeof(*k));

		k->box = box_ref(b);
		k->id = i;
		k->options = *options;
		wire_text(w, &k->release);
		wire_text(w, &k->label);
		ARRAY_GROW(list->kernels, list->count);
		list->kernels[list->count++] = k;
		if (!k->label)
			w->bad = true;
	}
	return w->bad || w->left ? box_nonsense(b, err) : 0;
}

int box_open(const char *arg, bool running, const struct kernel_options *options, struct kernel_list *list,
	     struct error *err)
{
	struct kernel_list found = { 0 };
	struct box *b = NULL;
	struct wire w;
	_cleanup_(freep) uint8_t *bytes = NULL;
	int r = box_start(arg, running, options, &b, err);

	if (r < 0)
		return r;
	bytes = answer(b, &w, err);
	r = bytes ? take_kernels(b, &w, options, &found, err) : err->code;
	for (size_t i = 0; r == 0 && i < found.count; i++) {
		ARRAY_GROW(list->kernels, list->count);
		list->kernels[list->count++] = found.kernels[i];
	}
	if (r == 0)
		found.count = 0;
	kernel_list_done(&found);
	box_unref(b);
	return r;
}

static void request_begin(struct wire *w, struct buf *into, enum box_request what, size_t id)
{
	uint64_t head[] = { what, id };

	*w = (struct wire){ .out = into };
	wire_number(w, &head[0]);
	wire_number(w, &head[1]);
}

/* What a reader may not say: more, or deeper, than was asked. */
static bool facts_fit(const struct facts *f, const struct want_list *wants, enum depth depth)
{
	return f->count == wants->count && f->depth == depth;
}

int box_read(struct box *b, size_t id, const struct want_list *wants, enum depth depth, struct facts **ret,
	     struct error *err)
{
	_cleanup_(facts_freep) struct facts *f = NULL;
	_cleanup_(buf_done) struct buf request = { 0 };
	_cleanup_(freep) uint8_t *bytes = NULL;
	unsigned how = depth;
	struct wire w;
	int r;

	request_begin(&w, &request, BOX_READ, id);
	wire_enum(&w, &how, DEPTH_VERIFY);
	wire_wants(&w, (struct want_list *)wants); /* a wire that writes leaves it as it is */
	r = ask(b, &request, err);
	if (r < 0)
		return r;
	bytes = answer(b, &w, err);
	if (!bytes)
		return err->code;
	f = xcalloc(1, sizeof(*f));
	wire_facts(&w, f);
	if (w.bad || w.left || !facts_fit(f, wants, depth))
		return box_nonsense(b, err);
	*ret = TAKE_PTR(f);
	return 0;
}

static bool is_digest(const char *s)
{
	return s[0] == '\0' || (strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64);
}

static bool take_digests(struct facts *facts, const struct input *inputs, size_t n)
{
	if (n != facts->n_inputs)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!streq(inputs[i].path, facts->inputs[i].path) || !is_digest(inputs[i].sha256))
			return false;
		memcpy(facts->inputs[i].sha256, inputs[i].sha256, sizeof(inputs[i].sha256));
	}
	return true;
}

int box_digest(struct box *b, size_t id, struct facts *facts, struct error *err)
{
	_cleanup_(facts_freep) struct facts *said = xcalloc(1, sizeof(*said));
	_cleanup_(buf_done) struct buf request = { 0 };
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct wire w;
	int r;

	request_begin(&w, &request, BOX_DIGEST, id);
	wire_inputs(&w, &facts->inputs, &facts->n_inputs);
	r = ask(b, &request, err);
	if (r < 0)
		return r;
	bytes = answer(b, &w, err);
	if (!bytes)
		return err->code;
	wire_inputs(&w, &said->inputs, &said->n_inputs);
	return w.bad || w.left || !take_digests(facts, said->inputs, said->n_inputs) ? box_nonsense(b, err) : 0;
}
