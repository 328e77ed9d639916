/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_UPDATE_H
#define HVCOMPAT_PKG_UPDATE_H

#include "pkg/index.h"

/*
 * What an update would install, as libsolv says: on a host that has the old kernel, from the indexes of today.
 * libsolv runs in a child with limits; one that dies, hangs or says nonsense is an error (cannot judge), never a plan.
 */

/* The host that is updated: an installed one, or one that has nothing but some packages of an older index. */
struct update_host {
	const char *root;                 /* with a dpkg or rpm database; NULL: a made-up host */
	const struct index *const *olds;  /* made-up host: where its packages are from; NULL-terminated */
	const char *const *names;         /* made-up host: it has the newest of each of these, NULL-terminated */
	const char *arch;                 /* "amd64", "x86_64"; NULL: this machine's */
};

enum update_how { UPDATE_NEW, UPDATE_UPGRADE, UPDATE_DOWNGRADE, UPDATE_REINSTALL };

struct update_step {
	const struct index *index;
	const struct index_package *package; /* borrowed from the index */
	enum update_how how;
	char *replaces; /* the version that goes, owned; NULL: it is new, or stays beside */
};

struct update_plan {
	struct update_step *steps; /* owned; by name, then version; empty: nothing to update */
	size_t n_steps;
	char **removed;            /* "name version", of the host; owned, NULL-terminated, never NULL */
	char **problems;           /* why there is no plan, in libsolv's words, made harmless; empty: there is one */
};
void update_plan_done(struct update_plan *plan);

struct update_options {
	/* Provides under which packages of one name stand side by side (rpm); NULL-terminated; NULL: dnf's default. */
	const char *const *multiversion;
	const char *const *only; /* update these names and what they need; NULL-terminated; NULL: all (installed host) */
	unsigned seconds;        /* limit for one answer; 0: 120 */
};

struct update;

/*
 * Starts the child, loads the host and the indexes. The indexes must outlive it, and be of one family. Holds (dpkg)
 * and what is not installed in full are heeded. Returns 0 or a negative errno: -EBADMSG a database that cannot be
 * read; -ENODATA a host without packages; -ECHILD the child failed.
 */
int update_start(const struct index *const *indexes, size_t n_indexes, const struct update_host *host,
		 const struct update_options *options, struct update **ret, struct error *err);
struct update *update_free(struct update *u);
DEFINE_CLEANUP(struct update *, update_free)

/* The packages that the host has, as "name version arch" lines; owned by `u`, NULL-terminated. */
const char *const *update_installed(const struct update *u);

/* Solves, with what was blocked so far. `ret` is overwritten; give it back with update_plan_done(). */
int update_solve(struct update *u, struct update_plan *ret, struct error *err);

/* Forbids these packages in every solve after this. */
int update_block(struct update *u, const struct index_package *const *packages, size_t n, struct error *err);

/* Whether the host could install exactly this package, with what it takes; forgets it afterwards. */
int update_try(struct update *u, const struct index_package *package, struct update_plan *ret, struct error *err);

#endif
