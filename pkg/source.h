/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_SOURCE_H
#define HVCOMPAT_PKG_SOURCE_H

#include "pkg/region.h"

#define SOURCE_SIZE_UNKNOWN UINT64_MAX

enum compression {
	COMPRESSION_NONE,
	COMPRESSION_GZIP,
	COMPRESSION_BZIP2,
	COMPRESSION_LZMA, /* the format before .xz */
	COMPRESSION_XZ,
	COMPRESSION_ZSTD,
};

/* Decoded bytes in order, from whatever decoder. Embedded first in the decoder's own structure. */
struct source {
	/*
	 * The next bytes, borrowed until the next call: 1 and at least one byte; 0 at the end; negative
	 * errno.
	 */
	int (*next)(struct source *s, const uint8_t **ret, size_t *ret_n, struct error *err);
	void (*close)(struct source *s); /* frees the structure as well */
	const char *what;		 /* in messages; borrowed */
	uint64_t pos;			 /* offset of the next byte in the decoded stream */
	uint64_t total;			 /* decoded size of the stream, or SOURCE_SIZE_UNKNOWN */
	uint64_t limit;			 /* decoded bytes beyond which it is refused with -E2BIG */
	const uint8_t *at;		 /* bytes decoded, not taken yet */
	size_t left;
};

/* What `packed` bytes may unpack to (pkg/limits.h), where no more than `limit` are taken of anything. */
uint64_t source_bound(uint64_t packed, uint64_t limit);

/*
 * A source over a whole compressed region, which must outlive it. `limit`, and the region's own size, bound what it may
 * unpack to. Checksums inside gzip, bzip2 and zstd are checked where the end is reached, those of xz only with `checks`.
 */
int source_open(const struct region *r, enum compression c, uint64_t limit, bool checks, struct source **ret,
		struct error *err);
struct source *source_free(struct source *s);
DEFINE_CLEANUP(struct source *, source_free)

/* Makes sure that s->at and s->left hold bytes: 1; 0 at the end of the stream; negative errno. */
int source_more(struct source *s, struct error *err);

/* Takes `n` of the bytes that source_more() made sure of. */
void source_take(struct source *s, size_t n);

/* Exactly `n` bytes. `part` names them should the stream end before: -EBADMSG, "truncated". */
int source_exact(struct source *s, void *buf, size_t n, const char *part, struct error *err);
int source_skip(struct source *s, uint64_t n, const char *part, struct error *err);

/* Everything that is left, for the sake of the checksums at the end. */
int source_drain(struct source *s, struct error *err);

/*
 * Whether `size` more bytes, claimed by `path`, can be in the stream: else -E2BIG (its limit), -EBADMSG (its
 * size).
 */
int source_holds(const struct source *s, uint64_t size, const char *path, struct error *err);

/* The sentence of a stream that ends inside `part`, with `missing` bytes to go. */
int source_truncated(const struct source *s, const char *part, uint64_t missing, struct error *err);

#endif
