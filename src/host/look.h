/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_HOST_LOOK_H
#define HVCOMPAT_HOST_LOOK_H

#include <dirent.h>

#include "base/error.h"
#include "compat/knowledge.h"

/* Looking at a machine: files below a root, and CPUID. All of it may be hostile, and nothing has to be there. */

struct cpuid_row { /* of a file that stands for CPUID */
	uint32_t leaf, reg[4];
};

struct look_at {
	char *root;   /* without a slash at its end; "" is / */
	bool real;    /* ask the processor; else `rows` */
	struct cpuid_row *rows;
	size_t n_rows;
	struct error *trouble; /* the first look that failed for want of memory or descriptors, or on a bad disk: what it is about is not known */
};
void look_begin(struct look_at *l, const char *root);
void look_done(struct look_at *l);

/*
 * To be asked when something below the root could not be looked at, with its errno: whether that says nothing of the thing
 * itself. It is kept in `trouble`. What is not there, or may not be read, is no trouble.
 */
bool look_trouble(const struct look_at *l, const char *path, int code);

bool look_cpuid(const struct look_at *l, uint32_t leaf, uint32_t reg[4]);

/* Whether the processor says that a hypervisor is there: always false where there is no CPUID. */
bool look_hypervisor_bit(const struct look_at *l);

/* The first leaf of the hypervisor with that signature; 0: there is none. */
uint32_t look_signature(const struct look_at *l, const char *signature);

/* The n-th signature that is there, into `text`; 0: no more. */
uint32_t look_signature_at(const struct look_at *l, unsigned n, char text[13]);

/* The first line of a regular file, 4096 bytes at most; NULL: there is none. `path` begins with a slash. */
char *look_line(const struct look_at *l, const char *path);

/* All of it, up to `max` bytes (more is cut off); "" where there is none. */
char *look_text(const struct look_at *l, const char *path, size_t max);

/* A directory, by its whole name; NULL: there is none. Closed by the caller. */
DIR *look_dir(const struct look_at *l, const char *full);

/* Its next entry; NULL: no more. */
struct dirent *look_next(const struct look_at *l, DIR *d, const char *full);

/* Whether a trait holds; `base` is the hypervisor's first leaf, or 0. */
bool look_trait(const struct look_at *l, uint32_t base, const struct trait *t);
bool look_traits(const struct look_at *l, uint32_t base, const struct trait *list, unsigned count);

#endif
