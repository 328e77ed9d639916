/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_GATE_LEARNED_H
#define HVCOMPAT_GATE_LEARNED_H

#include "base/error.h"
#include "base/util.h"

/*
 * What the host gate has refused, so that the next update passes these packages over instead of being refused as a
 * whole. It lies in var/lib/hvcompat below the root; solvers are told through feeds (gate/feeds.h).
 */

struct learned_entry { /* one package in one version */
	char *package, *version, *arch; /* names and versions hold nothing but what distros put there */
	char *family;  /* "deb" or "rpm" */
	char *kernel;  /* release of the kernel it belongs to, or depends on */
	char *finding; /* what was found, one sentence */
	char *lost;    /* "hyperv:2008r2;xen:4.2": what an override would have to name; LEARNED_KERNEL: it was not judged */
	char *policy;  /* its name */
	char *digest;  /* of the policies and the knowledge that it was judged by; "": they could not be read */
	char *when;    /* YYYY-MM-DDThh:mm:ssZ */
};

/* What may be lost with a kernel that cannot be judged: all of it. */
#define LEARNED_KERNEL "kernel"
/* For so long one that could not be judged is passed over: what was in the way may have gone since. */
#define LEARNED_UNJUDGED_DAYS 7

struct learned {
	struct learned_entry *entries;
	size_t count;
	int lock;   /* private: descriptor of the lock, held until learned_done() */
	char *root;
};
void learned_done(struct learned *l);

/*
 * Reads the list below `root` and holds its lock until learned_done(): nobody else changes it meanwhile. No list is
 * an empty one. One that is damaged is -EBADMSG, and `ret` is usable as an empty one all the same.
 */
int learned_load(const char *root, struct learned *ret, struct error *err);

/* Adds an entry of this moment in the place of one of the same package, version and architecture; copies it. */
void learned_add(struct learned *l, const struct learned_entry *entry);

/*
 * Forgets what was judged by other policies or another knowledge than `digest`, and what could not be judged, after
 * LEARNED_UNJUDGED_DAYS. Returns how many.
 */
size_t learned_drop_stale(struct learned *l, const char *digest);

/* Forgets a package, or (NULL) all, in that version, or (NULL) in all. Returns how many. */
size_t learned_drop(struct learned *l, const char *package, const char *version);

/* Whether that version of a package is in it. */
bool learned_has(const struct learned *l, const char *package, const char *version);

/* Whether there is a list at all. */
bool learned_any(const char *root);

/* Writes the list, and then every feed. */
int learned_store(struct learned *l, struct error *err);

/* Whether a name, and a version, are such that they can be written into the files of other programs. */
bool learned_name_good(const char *name);
bool learned_version_good(const char *version);

/* PATH below the root. Owned. */
char *state_path(const char *root, const char *path);

/* A line in the log of what was decided (var/lib/hvcompat/log) and in the system's. */
void state_log(const char *root, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
