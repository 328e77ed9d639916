/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_KERNEL_SET_H
#define HVCOMPAT_KERNEL_KERNEL_SET_H

#include "kernel/box.h"
#include "kernel/kernel.h"
#include "kernel/kernel_locate.h"
#include "pkg/package.h"

/* How the packages of one kernel are put together. Private to this room. */

/* One opened path. A tree may hold several kernels, which share it and must be read one after another. */
struct origin {
	struct package *package;
	unsigned refs;
};
struct origin *origin_ref(struct origin *s);
struct origin *origin_unref(struct origin *s);

/* What one opened path gives to one kernel. */
struct part {
	struct origin *origin;
	struct kernel_files files;
	bool required; /* something in the set pulls it in (or nothing tells) */
};

struct kernel {
	char *release; /* NULL: no path tells it */
	char *label;
	struct part *parts;
	size_t n_parts;
	struct origin **metas; /* packages of the set without files, which require some of `parts` */
	size_t n_metas;
	bool listed;  /* some part is more than a bare file, so that there is a list of modules */
	bool running; /* an image that may not be read is no failure */
	struct kernel_options options;
	struct worker *box; /* the process that has all of it; then nothing but its names is here. NULL: it is here */
	size_t id;       /* its number in the box */
	uint64_t ahead;  /* the reading that the box was asked for by kernel_read_ahead(); 0: none */
};

const struct package_info *part_info(const struct part *p);

/* What to call a package in a message or a fact: its name, else its path. */
const char *origin_name(const struct origin *s);

/* One opened path and the kernels' files found in it. */
struct opened {
	struct origin *origin;
	struct kernel_files *files;
	size_t n_files;
	bool meta; /* a package that has nothing but its dependencies */
};
struct opened_list {
	struct opened *items;
	size_t count;
};
void opened_list_done(struct opened_list *list);

/* Opens one path: a package, a bare file, a tree, or a directory of packages (then all of them). */
int origin_open(const char *path, const struct kernel_options *options, struct opened_list *list,
		struct error *err);

/*
 * A bare file or a directory, of which only `roots` are listed; `release` is what it is taken to be of where
 * its paths do not tell. A path that holds no kernel file adds nothing.
 */
int origin_open_tree(const char *path, const char *const *roots, const char *release,
		     const struct kernel_options *options, struct opened_list *list, struct error *err);

/*
 * Sorts what was opened into kernels by release (and architecture, and version where a package occurs twice),
 * and appends them in order of their releases. The contents of `opened` are used up. In a directory,
 * modules without an image or config of their release are passed over; what was named one by one never is.
 */
void kernels_group(struct opened_list *opened, const struct kernel_options *options, bool directory,
		   struct kernel_list *list);

/* Marks the parts of a kernel that nothing pulls in, by the meta packages among `opened`. */
void kernel_reach(struct kernel *k, const struct opened_list *opened);

#endif
