/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_PROVE_H
#define HVCOMPAT_PROVE_PROVE_H

#include "prove/assemble.h"

/* The room "prove": boots a packaged kernel by recipes, several side by side, and makes a record of each boot. */

struct prove_options {
	struct assemble_options assemble;
	const struct recipe_list *all;  /* whose drivers the initrd holds */
	const struct knowledge *knowledge;
	const char *init, *init32;      /* as kit_make() takes them */
	const char *records;            /* directory to write records to; NULL: none */
	bool resume;                    /* take boots that are recorded there, and decide, instead of booting again */
	unsigned seconds;               /* in the place of the recipes' time limits; 0: these */
	unsigned jobs;                  /* boots side by side, from 1 */
	/* Called with the number of boots that ended, that are to be, and the one that began or ended just now. */
	void (*progress)(void *ctx, size_t ended, size_t all, const struct recipe *r, const struct record *record);
	void *ctx;
};

struct proven { /* one boot that was recorded */
	const struct recipe *recipe;
	struct record *record;
	char *path; /* of its file; NULL: it was not to be written */
};
struct proven_list {
	struct proven *proven; /* in the order of their end; of one recipe, oldest first */
	size_t count;
};
void proven_list_done(struct proven_list *list);

/*
 * Boots it by each of the recipes; `facts` are the kernel's, with digests. What a boot did is in its record, whatever it
 * did; an error means that not all could be tried: -ENOENT (a program, a file, the init is missing), -ENOSPC and the like,
 * -EINTR (a signal came). Then, too, `ret` has what ended before. All that was started is gone, and so is every file but
 * the records, however this ends.
 */
int prove(struct kernel *kernel, const struct facts *facts, const struct recipe *const *recipes, size_t n,
	  const struct prove_options *o, struct proven_list *ret, struct error *err);

/*
 * The last record among `list` that a boot by this recipe, with this init and this program (SHA-256; NULL: any), would only
 * repeat. NULL: there is none.
 */
const struct record *prove_known(const struct record_list *list, const struct recipe *r, const char *init, const char *program);

/* Where a program is, by $PATH. Owned. -ENOENT names the packages to install. */
int prove_find_program(const struct recipe *r, char **ret, struct error *err);

#endif
