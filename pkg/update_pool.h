/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_UPDATE_POOL_H
#define HVCOMPAT_PKG_UPDATE_POOL_H

#include "pkg/libsolv.h"
#include "pkg/update_private.h"

/* libsolv's side of an update, in the worker. Private to pkg/update*.c. */
struct update_pool {
	Pool *pool;
	Repo *host;
	Repo **repos; /* one for each index; a package stands in it as in the index */
	size_t n_repos;
	Queue standing; /* jobs of every solve: what is held, what may stand side by side, what was blocked */
	Id assumed;     /* of a made-up host: the solvable that provides what nothing else does; 0: none */
	bool recommends; /* struct update_host's */
	unsigned *priorities; /* parallel to repos; owned */
	bool *blocked;     /* by solvable: the caller forbade it */
	bool *passed_over; /* by solvable: it counts for less than another of its name, as of the last update_candidates() */
};

/*
 * Of .deb: which versions of each name apt considers (apt_preferences(5)): of those that are no older than what is installed the ones
 * with the highest priority. All others become jobs that forbid them. Of what is left apt takes the newest or none; so does the
 * solver, but that it takes the next where the newest cannot be installed, which is told as kept back.
 */
void update_candidates(struct update_pool *p, Queue *jobs);

/* Loads host and indexes. What was loaded is to be given back also where that failed: a worker does so by its end. */
int update_load(struct update_pool *p, const struct update_task *t, struct error *err);
void update_pool_done(struct update_pool *p);

/* Answers a request. false: it was none. */
bool update_answer(struct update_pool *p, struct wire *request, struct wire *answer);

void update_job(Queue *jobs, Id how, Id what);

#endif
