/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_HOST_LOOK_H
#define HVCOMPAT_HOST_LOOK_H

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
};
void look_begin(struct look_at *l, const char *root);
void look_done(struct look_at *l);

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

/* Whether a trait holds; `base` is the hypervisor's first leaf, or 0. */
bool look_trait(const struct look_at *l, uint32_t base, const struct trait *t);
bool look_traits(const struct look_at *l, uint32_t base, const struct trait *list, unsigned count);

#endif
