/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_UPDATE_PRIVATE_H
#define HVCOMPAT_PKG_UPDATE_PRIVATE_H

#include "base/worker.h"
#include "pkg/update.h"

/* What the two sides of an update say to each other. Private to pkg/update*.c. */

enum update_request { UPDATE_SOLVE, UPDATE_BLOCK, UPDATE_TRY, UPDATE_REQUESTS };

/* Where a package stands: which index, which of its packages. */
struct update_place {
	uint64_t index, package;
};
void update_wire_place(struct wire *w, struct update_place *p);

struct update_task {
	const struct index *const *indexes;
	size_t n_indexes;
	const struct update_host *host;
	const char *rpm_copy; /* directory with var/lib/rpm that is ours; NULL: the host has none */
	const char *arch;
};

/* The plan that an answer holds, about packages of these indexes. false: it is nonsense. */
bool update_take_plan(const struct index *const *indexes, size_t n_indexes, struct wire *w, struct update_plan *ret);

/* In the worker (worker_task.serve). */
void update_serve(int fd, const void *task);

/* libsolv's functions are there from here on; before the fork, so that a missing library has a message. */
int update_library(enum index_family family, struct error *err);

/*
 * Copies the database of rpm below `root` to a directory of our own: librpm writes beside one that it reads. Returns the
 * directory, owned, to be removed. -ENOENT: there is none; -EBUSY: it is in use, or was left by a crash.
 */
int update_copy_rpmdb(const char *root, char **ret, struct error *err);

#endif
