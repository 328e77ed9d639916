/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_GATE_TRANSACTION_H
#define HVCOMPAT_GATE_TRANSACTION_H

#include "base/error.h"
#include "base/util.h"

/*
 * The packages that a package manager is about to install, and which of them are (a part of) a kernel. What a package
 * is called tells nothing here: only what is in it does.
 */

struct transaction_package {
	char *path;            /* as given */
	char *name, *version;  /* what the package says of itself; NULL until transaction_open() */
	char *arch;
	const char *family;    /* "deb" or "rpm" */
	struct strings requires;
	char *release;         /* of the kernel that it is a part of; NULL: it is none */
	bool image, config, modules; /* holds that of it */
	char *link;            /* path below the transaction's own directory: without a comma, ends in .deb or .rpm */
};
void transaction_package_done(struct transaction_package *p);

struct transaction {
	struct transaction_package *packages; /* owned */
	size_t count;
	char *allow;   /* what the front end was told that may be lost; NULL: nothing */
	char *command; /* the front end's command line, if it tells; NULL */
	char *dir;     /* private directory of links; NULL until one is needed */
};
void transaction_done(struct transaction *t);

void transaction_add(struct transaction *t, const char *path);

/* Reads paths, one a line. -E2BIG beyond any honest transaction. */
int transaction_read_paths(struct transaction *t, FILE *in, struct error *err);

/*
 * Reads what apt hands to a hook of protocol 3: configuration, an empty line, one line for each package. Anything
 * else is -EBADMSG: protocol 1 is what apt falls back to without a word where it is configured wrongly, and in it no
 * line would look like a package.
 */
int transaction_read_apt(struct transaction *t, FILE *in, struct error *err);

/*
 * Opens every package, each in a process without rights (base/worker.h), and tells which are parts of kernels. The caller
 * has no other thread. One that cannot be opened is left out of the transaction after `skipped` was called with the reason.
 */
int transaction_open(struct transaction *t, void (*skipped)(void *ctx, const char *why), void *ctx, struct error *err);

/* The releases of all kernels in it, each once. Borrowed strings, array to be freed. Returns their number. */
size_t transaction_releases(const struct transaction *t, const char ***ret);

/*
 * The KERNEL argument (kernel_open()) for one release: its packages in the transaction, and what is installed of it
 * below `root` where the packages alone would not be whole. NULL: there is no image of it, so nothing that could be
 * booted. Owned. -EINTR: a signal came meanwhile.
 */
int transaction_kernel(const struct transaction *t, const char *release, const char *root, char **ret,
		       struct error *err);

/*
 * Marks (in `ret`, `count` elements) the packages of that release, and those that depend on one marked, directly or
 * through others: all that has to stay away with the kernel.
 */
void transaction_dependents(const struct transaction *t, const char *release, bool *ret);

#endif
