/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_PAYLOAD_H
#define HVCOMPAT_KERNEL_PAYLOAD_H

#include "base/error.h"
#include "base/util.h"

/*
 * The compressed part of a kernel image, decoded as it comes into one flat buffer. Which formats there are:
 * linux, scripts/Makefile.lib, cmd_{gzip,bzip2,lzma,xzkern,lzo,lz4,zstd22}.
 */

enum codec { CODEC_NONE, CODEC_GZIP, CODEC_BZIP2, CODEC_LZMA, CODEC_XZ, CODEC_LZO, CODEC_LZ4, CODEC_ZSTD };

/* Bytes that codec_detect() wants to see. */
#define CODEC_MAGIC_MAX 16

/* By the magic at the beginning of the stream; CODEC_NONE when it is none of them. */
enum codec codec_detect(const uint8_t *head, size_t n);

/* "gzip", "bzip2", "lzma", "xz", "lzo", "lz4", "zstd", "none". */
const char *codec_name(enum codec codec);

/* Reserved address space, of which only what was written takes memory. It never moves. */
struct flat {
	uint8_t *bytes;
	size_t size;	 /* bytes written */
	size_t bound;	 /* more than this is refused */
	size_t reserved; /* of the mapping */
	void *map;
};
int flat_init(struct flat *f, size_t bound, struct error *err);
void flat_done(struct flat *f);

/* Input that is still to be taken. */
struct span {
	const uint8_t *bytes;
	size_t n;
};
static inline void span_take(struct span *s, size_t n)
{
	s->bytes += n;
	s->n -= n;
}

struct payload;

/* `out` is borrowed. With `verify`, the checksums that the format has are checked. */
int payload_new(enum codec codec, bool verify, struct flat *out, struct payload **ret, struct error *err);
struct payload *payload_free(struct payload *p);
DEFINE_CLEANUP(struct payload *, payload_free)

/*
 * Decodes from `in` until that is used up or out->size has reached `stop` (some formats go a block further);
 * what was taken is taken off `in`. Returns 0; 1 at the end of the compressed stream; -EBADMSG: corrupt;
 * -E2BIG: passes the bound of `out`, or wants more memory than any kernel does.
 */
int payload_feed(struct payload *p, struct span *in, size_t stop, struct error *err);

/* No more input will come. 0 when the stream was complete, else -EBADMSG. */
int payload_end(struct payload *p, struct error *err);

/* How payload.c calls a format; the tables are in payload_stream.c and payload_block.c. */
struct codec_ops {
	const char *name;
	const char *magic;
	size_t magic_size;
	int (*start)(struct payload *p, struct error *err);
	/* One step: takes from `in`, writes to `out`. Returns as payload_feed() does. */
	int (*step)(struct payload *p, struct span *in, size_t stop, struct error *err);
	/* Whether the stream may end where it stands; NULL: only where step() returned 1. */
	bool (*may_end)(const struct payload *p);
	void (*finish)(struct payload *p);
};
struct payload {
	const struct codec_ops *ops;
	struct flat *out;
	void *state;
	bool verify;
	bool full; /* the last step ended because it had reached `stop`, so that more may come without input
		    */
	bool ended;
};
extern const struct codec_ops codec_gzip, codec_bzip2, codec_lzma, codec_xz, codec_zstd, codec_lzo, codec_lz4;

/* Where a step may write: up to `stop`, but no more than one byte past the bound, which is how passing it
 * shows. */
static inline size_t payload_room(const struct payload *p, size_t stop)
{
	size_t limit = stop < p->out->bound + 1 ? stop : p->out->bound + 1;

	return limit > p->out->size ? limit - p->out->size : 0;
}

#endif
