/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_GATE_FORECAST_H
#define HVCOMPAT_GATE_FORECAST_H

#include "gate/packaging.h"
#include "gate/ruling.h"
#include "pkg/update.h"

/*
 * Which kernels an update would install, whether each may be, and what would be installed if those that may not stay away:
 * solve, judge, block, and solve again, until all that is left is allowed.
 */

/* Judges a kernel: that the update would have these packages of it. The ruling is borrowed, and lives as long as the judge. */
typedef const struct ruling *(*forecast_judge)(void *ctx, const struct index_kernel *kernel);

struct forecast_kernel {
	struct index_kernel kernel;  /* owned; with those packages only that the host would have */
	const struct ruling *ruling; /* borrowed */
	bool wanted;                 /* the update would install it */
	bool left;                   /* it does when what is not allowed stays away */
};

/* What is newer than the host's, and would not be installed. */
struct forecast_kept {
	const struct index_package *package; /* borrowed */
	char *has;                           /* the host's version; owned */
	char **why;                          /* libsolv's words; owned, NULL-terminated; empty: nothing that libsolv knows */
};

struct forecast {
	const char *subject;             /* name that was updated; NULL: all of the host. Borrowed. */
	struct forecast_kernel *kernels; /* in the order in which they were judged */
	size_t n_kernels;
	/* Where something wanted is not allowed: the newest that is, and could be installed, of the same kind; name NULL: none. */
	struct forecast_kernel newest;
	struct forecast_kept *kept;
	size_t n_kept;
	struct update_plan wanted;       /* before anything was blocked */
	struct update_plan left;         /* after everything was */
};
void forecast_done(struct forecast *f);

struct forecast_means {
	struct update *update;
	const struct packaging_list *packaging;
	const struct index_kernels *kernels; /* of all indexes of the update */
	forecast_judge judge;
	/* Judges several side by side, so that `judge` knows them. */
	void (*judge_all)(void *ctx, const struct index_kernel *const *kernels, size_t n);
	void *ctx;
};

/* Adds what an update of a subject would bring of kernels, before anything is judged; to be judged by forecast_judge_all(). */
int forecast_brings(const struct forecast_means *m, const char *subject, struct index_kernels *kernels, struct error *err);
void forecast_judge_all(const struct forecast_means *m, const struct index_kernels *kernels);

/*
 * `subject` is the name to be updated, NULL: all. Returns 0 or a negative errno. That there is no plan at all is no error:
 * wanted.problems tell why, and no kernel is there.
 */
int forecast(const struct forecast_means *m, const char *subject, struct forecast *ret, struct error *err);

/*
 * The packages of one kernel that come with a package: what a host has that had it installed. Of the kernel with the most
 * of them; its name is NULL where there is none.
 */
void forecast_part(const struct forecast_means *m, const struct update_plan *plan, struct index_kernel *ret);

#endif
