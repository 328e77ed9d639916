/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_BOOT_FILES_H
#define HVCOMPAT_KERNEL_BOOT_FILES_H

#include "kernel/kernel.h"
#include "base/wire.h"

/* What booting a packaged kernel takes: its image as it is stored, and drivers with all that they depend on. */

struct boot_module {
	char *name;    /* as modprobe would show it: '_' for '-' */
	char *depends; /* names, separated by ','; "" for none */
	char **aliases;
	size_t n_aliases;
	uint8_t *bytes; /* unpacked */
	size_t size;
};

struct boot_files {
	uint8_t *image;
	size_t image_size;
	bool bare; /* the image is the ELF file that was packed into it */
	struct boot_module *modules;
	size_t n_modules;
};
struct boot_files *boot_files_free(struct boot_files *f);
DEFINE_CLEANUP(struct boot_files *, boot_files_free)

/* Bound on all of it together. */
#define BOOT_FILES_MAX ((size_t)256 << 20)

/*
 * Reads them. Of `drivers` those count that the kernel has as modules: one without a file may be built in. With `bare`,
 * the image is unpacked. -ENOENT: there is no image; -EBADMSG: something is corrupt; -E2BIG: passes the bound.
 */
int kernel_boot_files(struct kernel *k, const struct strings *drivers, bool bare, struct boot_files **ret,
		      struct error *err);

/* Between the process that reads and this one; private to this room. */
void wire_boot_files(struct wire *w, struct boot_files *f);

#endif
