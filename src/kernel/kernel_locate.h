/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_KERNEL_LOCATE_H
#define HVCOMPAT_KERNEL_KERNEL_LOCATE_H

#include "base/util.h"
#include "pkg/package.h"

/*
 * Where distros put the files of a kernel of release R (uname -r; it begins with a digit):
 *   boot/{vmlinuz,vmlinux,Image,bzImage}-R, boot/config-R
 *   [usr/]lib/modules/R/{vmlinuz,vmlinuz.unsigned,Image,vmlinux,config}
 *   [usr/]lib/modules/R/{modules.builtin,modules.builtin.modinfo}
 *   [usr/]lib/modules/R/… .ko[.xz|.zst|.gz]
 * and, for trees that are less than a root file system:
 *   R/…                        as under lib/modules
 *   kernel/…, modules.builtin… the directory R itself
 *   vmlinuz, bzImage, Image, vmlinux, config, .config, arch/X/boot/{bzImage,Image}   a build tree; no release
 */

/* One module file. */
struct module_ref {
	const char *base; /* its file name, borrowed from the member's path */
	uint64_t head;    /* the first bytes of the name, as a number that sorts as they do: most names differ there */
	size_t member;
	uint32_t length;  /* of the name without .ko and what follows */
	uint32_t rank;    /* of two with one name, depmod takes the lower one */
};

/* The kernel files that one package holds for one release. */
struct kernel_files {
	char *release; /* NULL: no path tells it */
	ssize_t image, config, builtin, builtin_modinfo; /* members; -1: none */
	struct module_ref *modules; /* sorted by name */
	size_t n_modules;
	unsigned image_rank, config_rank;
};
void kernel_files_done(struct kernel_files *f);

/*
 * Sorts the members of a package by release into an owned array of `*ret_n` (0: it holds no kernel files), in
 * no particular order. A package of one bare file has one, without a release, and is not looked into here.
 */
void locate_files(const struct package *p, struct kernel_files **ret, size_t *ret_n);

/* The release in a file name like "vmlinuz-6.1.0-50-amd64" or "config-…"; NULL when it is none. Borrowed. */
const char *locate_release_in_name(const char *base);

/* The module of that name ('-' and '_' are equal), or NULL. */
const struct module_ref *locate_module(const struct kernel_files *f, const char *name);

/* Whether `n` bytes are the name of the module `name`. */
bool locate_same_name(const char *s, size_t n, const char *name);

/* Whether a line of modules.builtin, or any path of a module file, is that of the module `name`. */
bool locate_is_module(const char *path, size_t length, const char *name);

#endif
