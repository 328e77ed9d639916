/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_INITRD_H
#define HVCOMPAT_PROVE_INITRD_H

#include "kernel/boot_files.h"
#include "prove/newc.h"

/*
 * The initrd of a boot, as a cpio archive (newc), the same bytes for the same input: the init, /dev/console, the empty
 * directories that it mounts on, /modules/NAME.ko, and /modules/index with a line "m NAME DEPENDS" for each module and
 * "a PATTERN NAME" for each of its aliases. `into` is the caller's: buf_done().
 */
void initrd_make(const struct boot_files *f, const uint8_t *init, size_t init_size, struct buf *into);

/* Its parts, for an initrd that has more: directories and console; modules with their index. */
void initrd_begin(struct newc *a);
void initrd_modules(struct newc *a, const struct boot_files *f);

#endif
