/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BASE_WORKER_H
#define HVCOMPAT_BASE_WORKER_H

#include "base/wire.h"

#include <sys/types.h>

/*
 * A process that looks at foreign bytes for this one: it gives up its rights, does what it was started for, says so, and
 * answers requests until nobody asks any more. One that dies, hangs or talks nonsense is an error, never an answer.
 * Requests and answers are wires; an answer begins with an error (wire_error()).
 */
struct worker;

struct worker_task {
	const char *what;     /* what it looks at, for messages; copied */
	const char *done;     /* "read it": after "the process that"; static */
	unsigned seconds;     /* limit for one answer */
	/* In the new process: worker_confine(), the first worker_reply(), then worker_next() until it ends. Never returns. */
	void (*serve)(int fd, const void *ctx);
	const void *ctx;      /* inherited by fork */
};

/* Returns 0 or a negative errno. The worker has one reference. */
int worker_start(const struct worker_task *task, struct worker **ret, struct error *err);
/* One that is there: it answers at the other end of `fd`, which is taken over; `pid` is this process's child, 0: no child. */
struct worker *worker_at(const struct worker_task *task, int fd, pid_t pid);
struct worker *worker_ref(struct worker *w);
/* The last one ends the process. Returns NULL. */
struct worker *worker_unref(struct worker *w);

/* Ends the process now. Nothing more can be asked. */
void worker_end(struct worker *w);

/* Sends a request. 0, or -ECHILD. */
int worker_ask(struct worker *w, const struct buf *request, struct error *err);

/* The number of the last request, when its answer may still come; 0: none is awaited. No two have one number. */
uint64_t worker_awaited(const struct worker *w);

/*
 * Receives the next answer: its bytes, owned, and in `wire` a wire over them that stands behind the error. NULL: the
 * worker said that it failed (`err` is its error), or it did fail (-ECHILD, -ETIMEDOUT).
 */
uint8_t *worker_answer(struct worker *w, struct wire *wire, struct error *err);
/* The same of an answer of up to `most` bytes, where that is not WORKER_MESSAGE_MAX. */
uint8_t *worker_answer_within(struct worker *w, size_t most, struct wire *wire, struct error *err);

/* To be said when an answer does not add up; ends the process. Returns -ECHILD. */
int worker_nonsense(struct worker *w, struct error *err);

/* --- in the worker ---------------------------------------------------------------------------- */

#define WORKER_MESSAGE_MAX ((size_t)64 << 20)

/* Gives up all rights but to read below `paths` (NULL-terminated; one may name a descriptor in /proc/self/fd). */
int worker_confine(int fd, const char *const *paths, struct error *err);

/* Begins the answer anew with `err`, which may be none. */
void worker_say(struct wire *answer, struct error *err);

/* Sends what was said and empties it. Ends the process when nobody listens. */
void worker_reply(int fd, struct buf *said);

/* Waits for a request. Its bytes, owned; NULL: there will be none. */
uint8_t *worker_next(int fd, struct wire *request);

#endif
