/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_KIT_H
#define HVCOMPAT_PROVE_KIT_H

#include "kernel/boot_files.h"
#include "prove/recipe.h"

/* What all boots of one kernel have in common, as files in a directory, which boots link to. */
struct kit {
	char *dir;
	struct boot_files *files; /* image as stored, and modules */
	struct buf initrd;
	bool has_elf;             /* there is DIR/elf, the unpacked image */
	char init_sum[65], initrd_sum[65], kernel_sum[65];
};
void kit_done(struct kit *k);

/*
 * Reads image and drivers (of all interfaces that `all` has on trial, and of recipes; whichever the kernel has), and writes
 * DIR/kernel, DIR/initrd and, with `elf`, DIR/elf. `init` is the path of the init for the kernel's architecture, `init32`
 * (may be NULL) of one that it also runs as a 32-bit program.
 */
int kit_make(struct kernel *kernel, const struct recipe_list *all, const struct knowledge *k, const char *init,
	     const char *init32, bool elf, const char *dir, struct kit *ret, struct error *err);

#endif
