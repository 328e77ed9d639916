/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_NESTED_H
#define HVCOMPAT_PROVE_NESTED_H

#include "prove/recipe.h"

/* A guest that starts the kernel on trial as a guest of its own: its kernel, and an initrd with the tools. */

struct nested_inner { /* the kernel on trial; borrowed */
	const uint8_t *kernel, *initrd;
	size_t kernel_size, initrd_size;
	const char *append; /* its command line */
};

struct nested_outer {
	uint8_t *kernel;
	size_t kernel_size;
	struct buf initrd;
	char *append; /* its command line */
};
void nested_done(struct nested_outer *o);

/*
 * Makes the outer guest of a recipe that has one (r->nested) out of the packages in the directories `with`, all in one
 * of them (needs.h). Adds what took part to record->files. Errors as of needs_read() and kernel_boot_files(); -ENOENT:
 * there is no package of the outer kernel, either.
 */
int nested_make(const struct recipe *r, const char *const *with, const struct nested_inner *inner, struct nested_outer *ret,
		struct record *record, struct error *err);

#endif
