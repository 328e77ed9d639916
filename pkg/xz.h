/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_XZ_H
#define HVCOMPAT_PKG_XZ_H

#include "pkg/source.h"

/*
 * The .xz format (https://tukaani.org/xz/xz-file-format.txt) keeps an index of its blocks at its end, and
 * each block can be decoded on its own.
 */
struct xz_block {
	uint64_t in;	   /* where its header begins in the region */
	uint64_t unpadded; /* bytes of header, data and check */
	uint64_t out;	   /* where its bytes begin in the decoded stream */
	uint64_t size;	   /* how many they are */
	int check;	   /* lzma_check of its stream */
};

struct xz_index {
	struct region region;
	struct xz_block *blocks;
	size_t n;
	uint64_t total; /* decoded size */
};

/*
 * Reads the index (and those of further streams in the same file). -EBADMSG, -E2BIG: xz_index_done() is not
 * needed.
 */
int xz_index_read(const struct region *r, struct xz_index *ret, struct error *err);
void xz_index_done(struct xz_index *x);

/*
 * A source that begins with the first byte of a block (its `pos` is that block's `out`) and goes on to the
 * end of the stream. `x` is borrowed. With `checks` the check of each block is computed and compared at its
 * end.
 */
int xz_source_open(const struct xz_index *x, size_t block, bool checks, struct source **ret,
		   struct error *err);

/* Reads on to the end of the block that the source is in, so that its check is seen. */
int xz_source_finish_block(struct source *s, struct error *err);

/* A source over all blocks, with an index of its own. */
int xz_stream_open(const struct region *r, bool checks, struct source **ret, struct error *err);

#endif
