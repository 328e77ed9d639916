/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_REGION_H
#define HVCOMPAT_PKG_REGION_H

#include "base/error.h"
#include "base/util.h"

/* A part of an open file: a member of an ar, the payload behind a header. */
struct region {
	int fd;		  /* borrowed */
	uint64_t at;	  /* offset of its first byte in the file */
	uint64_t size;	  /* bytes; at + size is within the file as it was when opened */
	const char *what; /* its name in messages; borrowed */
};

/*
 * Copies exactly `n` bytes at `off` of the region. Every byte read of a package passes here, so that no claim
 * of a file leads outside of it: -EBADMSG where it would, or where the file shrank meanwhile.
 */
int region_read(const struct region *r, uint64_t off, void *buf, size_t n, struct error *err);

/* The part [off, off + size) of a region, with a name of its own; -EBADMSG tells how many bytes are missing.
 */
int region_part(const struct region *r, uint64_t off, uint64_t size, const char *what, struct region *ret,
		struct error *err);

#endif
