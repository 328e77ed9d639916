/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_VDSO_H
#define HVCOMPAT_KERNEL_VDSO_H

#include "kernel/elfimage.h"
#include "kernel/image.h"

/*
 * The exported symbols of one vDSO image, read through its dynamic segment (ELF gABI chapter 5, and "Symbol
 * Versioning" of the LSB). Returns 0 with an owned array; -EBADMSG when `bytes` are not a sound shared
 * object.
 */
int vdso_read(const uint8_t *bytes, size_t n, struct vdso_symbol **ret, size_t *ret_n, struct error *err);

/* Whether an ELF shared object of that kind begins here: `bits` as image_vdso() takes them. */
bool vdso_begins(const uint8_t *bytes, size_t n, unsigned bits);

#endif
