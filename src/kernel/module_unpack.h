/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_MODULE_UNPACK_H
#define HVCOMPAT_KERNEL_MODULE_UNPACK_H

#include "base/error.h"
#include "base/util.h"

/* Whether the bytes begin like an xz, zstd or gzip file. */
bool unpack_is_packed(const uint8_t *bytes, size_t n);

/*
 * Unpacks a whole xz, zstd or gzip file in memory into *ret (malloc'ed), checksums checked. What the file
 * says of its own size is not believed: the result grows as it comes. -EBADMSG: corrupt or truncated; -E2BIG:
 * more than `limit` bytes.
 */
int unpack(const uint8_t *bytes, size_t n, size_t limit, uint8_t **ret, size_t *ret_n, struct error *err);

#endif
