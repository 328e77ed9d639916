/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_UPDATE_H
#define HVCOMPAT_PKG_UPDATE_H

#include "pkg/index.h"

/*
 * What an update would install, as libsolv says: on a host that has older packages, from the indexes of today.
 * libsolv runs in a process without rights; one that dies, hangs or says nonsense is an error (cannot judge), never a plan.
 */

/* The host that is updated. One of the first three is set. */
struct update_host {
	const struct index *status; /* dpkg: index_open_status() */
	const char *rpm_root;       /* rpm: a root with its database */
	/* A made-up host: these packages, NULL-terminated. What nothing in the indexes provides is taken to be on it,
	 * unless it is wanted in one version exactly: then it belongs to the package that wants it. */
	const struct index_package *const *has;
	/* Provides of packages of which several versions stand side by side (dnf.conf(5), installonlypkgs); NULL-terminated;
	 * NULL: there are none. */
	const char *const *installonly;
	bool recommends; /* Debian: what is new brings what it recommends (apt.conf(5), APT::Install-Recommends); of rpm it always does */
};

enum update_how { UPDATE_NEW, UPDATE_UPGRADE, UPDATE_DOWNGRADE, UPDATE_REINSTALL };

struct update_step {
	const struct index *index;
	const struct index_package *package; /* borrowed from the index */
	enum update_how how;
	char *replaces; /* the version that goes, owned; NULL: it is new, or stays beside */
};

struct update_plan {
	struct update_step *steps; /* owned; empty: nothing to update */
	size_t n_steps;
	struct update_step *kept;  /* what is newer than the host's, and is not installed all the same */
	size_t n_kept;
	char **removed;            /* "name version", of the host; owned, NULL-terminated, never NULL */
	char **problems;           /* why there is no plan, in libsolv's words, made harmless; empty: there is one */
};
void update_plan_done(struct update_plan *plan);

struct update;

/*
 * Starts libsolv, loads the host and the indexes, which must outlive it and be of one family. `arch` is the host's, in the
 * distro's spelling (index_arch()). Returns 0 or a negative errno: -EBADMSG a database that cannot be read, or an index
 * that libsolv reads otherwise than we do; -ENODATA a host without packages; -ECHILD the process failed.
 */
int update_start(const struct index *const *indexes, size_t n_indexes, const struct update_host *host, const char *arch,
		 struct update **ret, struct error *err);
struct update *update_free(struct update *u);
DEFINE_CLEANUP(struct update *, update_free)

/* The packages that the host has, as "name version arch"; owned by `u`, NULL-terminated. */
const char *const *update_installed(const struct update *u);

/*
 * An update of these names (NULL-terminated) and of what that takes; NULL: of all. What was blocked stays away. `ret` is
 * overwritten; give it back with update_plan_done().
 */
int update_solve(struct update *u, const char *const *only, struct update_plan *ret, struct error *err);

/* Forbids a package in every solve after this. */
int update_block(struct update *u, const struct index_package *package, struct error *err);

/* Whether the host could install exactly this package, with what it takes; nothing is remembered. */
int update_try(struct update *u, const struct index_package *package, struct update_plan *ret, struct error *err);

#endif
