/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_LOCATE_H
#define HVCOMPAT_PKG_LOCATE_H

#include "pkg/format.h"
#include "pkg/xz.h"

enum head_state {
	HEAD_UNKNOWN, /* not looked for yet */
	HEAD_FAR,     /* not within PKG_HEAD_CAP of the block's beginning */
	HEAD_NONE,    /* the block has none at all, or could not be decoded */
	HEAD_KNOWN,
};

/* The first tar header in a block that is of a listed file. */
struct head {
	enum head_state state;
	size_t member;	 /* the file */
	uint64_t offset; /* of the header in the decoded stream */
};

/*
 * Finds the block that a file should be in, for archives in the order of path_order(). What it says is a
 * guess to start at: only finding the file there proves it.
 */
struct locator {
	struct ahead *ahead; /* the first block, perhaps; or NULL */
	const struct package *package;
	const struct xz_index *index;
	struct head *heads; /* one a block; index->n of them */
};

/* Number of the block with the last known head at or before the member; block 0 begins the archive. */
size_t locate(struct locator *l, size_t member);

/* The block that holds a decoded offset. */
size_t locate_offset(const struct xz_index *x, uint64_t offset);

#endif
