/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_COMMON_H
#define HVCOMPAT_CMD_COMMON_H

#include <pthread.h>

#include "cmd/options.h"
#include "kernel/kernel.h"
#include "policy/decision.h"
#include "prove/record.h"

/* The steps that verbs share: knowledge, open, read, judge, report. A verb calls them in order. */

/* One kernel that was read and judged. */
struct look {
	struct kernel *kernel; /* borrowed from the list it was opened into */
	struct facts *facts;
	struct support *support;
	struct record_list records; /* of boots of it, which the support borrows from */
};

struct session {
	const struct options *options;
	char **dirs;
	struct knowledge *knowledge; /* NULL until session_knowledge() */
	struct look **looks;         /* what goes into the report, in this order; owned */
	size_t n_looks;
	struct report_error *errors; /* kernels that could not be read; strings owned */
	size_t n_errors;
	const char *boots;    /* where boots are on record; NULL: none is asked for; borrowed */
	bool some_unrecorded; /* kernels that are in no packages have no boots on record; unless set, they are refused then */
	/* private: */
	struct opening {
		const char *arg;
		struct kernel_opening *kernel; /* NULL: not begun, or taken */
	} openings[2];
	pthread_t thread;
	bool loading, loaded; /* on the thread; at all */
	int load_result;
	struct error load_error;
};

/*
 * Finds where the knowledge is. It is loaded on a thread of its own, while the first kernel is being opened, or else by
 * session_knowledge(). EXIT_FAILED was said.
 */
enum exit_status session_begin(struct session *s, const struct options *o);
enum exit_status session_knowledge(struct session *s);
void session_end(struct session *s);

/*
 * Begins to open the first two KERNEL arguments side by side, for verbs that will open both; first of all, and not with
 * --jobs 1. What comes of it is session_open()'s.
 */
void session_open_ahead(struct session *s);

/* Opens one KERNEL argument; NULL is the running kernel. A failure is said, and noted for the report. */
enum exit_status session_open(struct session *s, const char *arg, struct kernel_list *list);

/* The same where exactly one is wanted; `ret` borrows it from the list. */
enum exit_status session_open_one(struct session *s, const char *arg, struct kernel_list *list,
				  struct kernel **ret);

/*
 * Reads and judges, and notes the result in s->looks. `wanted` is parallel to the knowledge's wants; NULL:
 * all. `ret` (may be NULL) borrows the look.
 */
enum exit_status session_look(struct session *s, struct kernel *k, const bool *wanted, enum depth depth,
			      struct look **ret);

/*
 * Of kernels that will be looked at one after the other, in the same way: begins to read the first two side by side.
 * Not with --jobs 1, nor on one processor.
 */
void session_look_ahead(struct session *s, struct kernel *const *kernels, size_t n, const bool *wanted,
			enum depth depth);

/* Forgets the kernels that were looked at behind the first `keep`: where many are looked at one by one. Their looks are void. */
void session_forget(struct session *s, size_t keep);

/* What a kernel says its release is; owned. A failure, also where nothing tells, is said and noted. */
enum exit_status session_release(struct session *s, struct kernel *k, char **ret);

/* Says, and notes for the report, why a kernel will not do. Returns EXIT_FAILED. */
enum exit_status session_refuse(struct session *s, const char *kernel, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Whether one kernel can be the update of the other: of another architecture it is not. A failure is said and noted. */
enum exit_status session_comparable(struct session *s, const struct look *old_look, const struct look *new_look);

enum exit_status session_policy(struct session *s, const char *name, struct policy **ret);

/*
 * What the policy requires, as the selections that `r` is limited to. Returns their array, to be freed with
 * free(): the selections themselves are the policy's.
 */
struct selection *policy_selections(const struct policy *p, struct report *r);

/*
 * What must be read for the selections that `r` is limited to; with none of them, nothing. Owned by the
 * caller.
 */
bool *selected_wants(const struct knowledge *k, const struct report *r);

/*
 * Adds what is known here to `r` (knowledge, kernels, errors, how it shall look) and writes it. Returns
 * r->exit, or EXIT_FAILED when it could not be written.
 */
enum exit_status session_report(struct session *s, struct report *r);

/*
 * For verbs whose report is no struct report: calls `print` with the stream that the report goes to, and
 * commits it. Returns what `print` returned, or EXIT_FAILED when it could not be written.
 */
typedef enum exit_status (*session_print_fn)(struct session *s, FILE *out);
enum exit_status session_print(struct session *s, session_print_fn print);

/* The same, with what is to be printed. */
enum exit_status session_print_of(struct session *s, enum exit_status (*print)(struct session *s, FILE *out, const void *what),
				  const void *what);

/* Of two results the one that the process shall exit with: failed, blocked, undecided, fine. */
enum exit_status status_worse(enum exit_status a, enum exit_status b);

enum exit_status status_of_decision(enum decision_result result);

#endif
