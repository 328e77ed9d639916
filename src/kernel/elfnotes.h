/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_ELFNOTES_H
#define HVCOMPAT_KERNEL_ELFNOTES_H

#include "kernel/elfimage.h"

/*
 * Looks in the notes at [offset, offset + size) for the first of that owner and type (ELF gABI: three words
 * namesz, descsz, type; then name and contents, each padded to `align`, 4 or 8).
 * Returns 0 with its contents, borrowed; -ENOENT: not there; -EBADMSG: the notes do not fit their range.
 */
int elfnotes_find(const struct view *v, uint64_t offset, uint64_t size, unsigned align, const char *owner,
		  unsigned type, const uint8_t **ret, size_t *ret_size);

#endif
