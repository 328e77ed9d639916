/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Formats whose libraries know single blocks only, so that the frame around them is read here:
 * lz4's legacy frame (lz4_Frame_format.md, "Legacy frame") and lzop's file (lzop-1.04, conf.h and lzop.c).
 */
#include "kernel/payload.h"

#include <errno.h>
#include <lz4.h>
#include <lzo/lzo1x.h>
#include <zlib.h>

/* Collects bytes that must lie in one piece, when they do not come so. */
struct gather {
	uint8_t *bytes;
	size_t have;
	size_t room;
};

/* The next `want` bytes in one piece, not yet taken; NULL when they have not all come (what came is kept). */
static const uint8_t *gather_peek(struct gather *g, struct span *in, size_t want)
{
	size_t n;

	if (g->have == 0 && in->n >= want)
		return in->bytes;
	if (g->have < want) {
		if (g->room < want) {
			g->bytes = xreallocarray(g->bytes, want, 1);
			g->room = want;
		}
		n = want - g->have < in->n ? want - g->have : in->n;
		memcpy(g->bytes + g->have, in->bytes, n);
		g->have += n;
		span_take(in, n);
	}
	return g->have >= want ? g->bytes : NULL;
}

/* Takes the `want` bytes that were peeked at last. */
static void gather_take(struct gather *g, struct span *in, size_t want)
{
	if (g->have == 0)
		span_take(in, want);
	g->have = 0;
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[3] | (uint32_t)p[2] << 8 | (uint32_t)p[1] << 16 | (uint32_t)p[0] << 24;
}

static int corrupt(const struct payload *p, const char *what, struct error *err)
{
	return error_set(err, EBADMSG, "%s payload: corrupt %s behind %zu unpacked bytes", p->ops->name, what,
			 p->out->size);
}

/* Room for a block of at most `most` bytes; a block that would pass the bound is told from a corrupt one. */
static ssize_t block_room(const struct payload *p, size_t most, struct error *err)
{
	size_t room = payload_room(p, SIZE_MAX);

	if (p->out->size >= p->out->bound)
		return error_set(err, E2BIG, "%s payload unpacks to more than %zu MiB: no kernel does",
				 p->ops->name, p->out->bound >> 20);
	return (ssize_t)(most < room ? most : room);
}

#define LZ4_LEGACY_MAGIC 0x184C2102u
#define LZ4_LEGACY_BLOCK (8u << 20) /* unpacked; only the last one is shorter */

struct lz4 {
	struct gather gather;
	uint32_t block; /* packed bytes of the block that comes; 0: its size comes first */
};

static int lz4_start(struct payload *p, struct error *err)
{
	(void)err;
	p->state = xcalloc(1, sizeof(struct lz4));
	return 0;
}

static int lz4_size(struct payload *p, struct span *in, struct error *err)
{
	struct lz4 *s = p->state;
	const uint8_t *at = gather_peek(&s->gather, in, 4);
	uint32_t size;

	if (!at)
		return 0;
	size = le32(at);
	gather_take(&s->gather, in, 4);
	if (size == LZ4_LEGACY_MAGIC) /* the first, or one more frame */
		return 0;
	if (size == 0 || size > (uint32_t)LZ4_COMPRESSBOUND(LZ4_LEGACY_BLOCK))
		return corrupt(p, "block size", err);
	s->block = size;
	return 0;
}

static int lz4_step(struct payload *p, struct span *in, size_t stop, struct error *err)
{
	struct lz4 *s = p->state;
	const uint8_t *at;
	ssize_t room;
	int n;

	(void)stop;
	if (s->block == 0)
		return lz4_size(p, in, err);
	at = gather_peek(&s->gather, in, s->block);
	if (!at)
		return 0;
	room = block_room(p, LZ4_LEGACY_BLOCK, err);
	if (room < 0)
		return (int)room;
	n = LZ4_decompress_safe((const char *)at, (char *)p->out->bytes + p->out->size, (int)s->block,
				(int)room);
	if (n <= 0)
		return room < (ssize_t)LZ4_LEGACY_BLOCK
			       ? error_set(err, E2BIG, "lz4 payload unpacks to more than %zu MiB",
					   p->out->bound >> 20)
			       : corrupt(p, "block", err);
	gather_take(&s->gather, in, s->block);
	s->block = 0;
	p->out->size += (size_t)n;
	return 0;
}

/* The format has no mark for its end. */
static bool lz4_may_end(const struct payload *p)
{
	const struct lz4 *s = p->state;

	return s->block == 0 && s->gather.have == 0 && p->out->size > 0;
}

static void lz4_finish(struct payload *p)
{
	struct lz4 *s = p->state;

	free(s->gather.bytes);
	free(s);
}

const struct codec_ops codec_lz4 = {
	.name = "lz4",
	.magic = "\x02\x21\x4c\x18",
	.magic_size = 4,
	.start = lz4_start,
	.step = lz4_step,
	.may_end = lz4_may_end,
	.finish = lz4_finish,
};

#define LZOP_MAGIC "\x89LZO\0\r\n\x1a\n"
#define LZOP_MAGIC_SIZE 9
#define LZOP_VERSION_LONG 0x0940 /* from here on the header has three more fields */
#define LZOP_BLOCK_MAX (64u << 20)
enum lzop_flags {
	LZOP_ADLER32_D = 0x1, /* of the unpacked block */
	LZOP_ADLER32_C = 0x2, /* of the packed block */
	LZOP_EXTRA = 0x40,
	LZOP_CRC32_D = 0x100,
	LZOP_CRC32_C = 0x200,
	LZOP_FILTER = 0x800,
};

struct lzop {
	struct gather gather;
	bool header_read;
	uint32_t flags;
	bool in_block;
	uint32_t unpacked;
	uint32_t packed;
	uint32_t adler;
	uint32_t crc;
};

static int lzop_start(struct payload *p, struct error *err)
{
	(void)err;
	p->state = xcalloc(1, sizeof(struct lzop));
	return 0;
}

/* The file's header; its length depends on the version and on the name in it. */
static int lzop_header(struct payload *p, struct span *in, struct error *err)
{
	struct lzop *s = p->state;
	const uint8_t *at = gather_peek(&s->gather, in, LZOP_MAGIC_SIZE + 2);
	size_t to_method, to_name;
	bool is_long;

	if (!at)
		return 0;
	is_long = (at[LZOP_MAGIC_SIZE] << 8 | at[LZOP_MAGIC_SIZE + 1]) >= LZOP_VERSION_LONG;
	to_method = LZOP_MAGIC_SIZE + (is_long ? 6 : 4);
	to_name = to_method + (is_long ? 2 : 1) + 4 + (is_long ? 12 : 8);
	at = gather_peek(&s->gather, in, to_name + 1);
	if (!at)
		return 0;
	s->flags = be32(at + to_method + (is_long ? 2 : 1));
	if (memcmp(at, LZOP_MAGIC, LZOP_MAGIC_SIZE) != 0 || at[to_method] < 1 || at[to_method] > 3 ||
	    s->flags & (LZOP_FILTER | LZOP_EXTRA))
		return corrupt(p, "header, or one that no kernel's build writes,", err);
	to_name += 1 + at[to_name] + 4u; /* the name, and the header's checksum */
	if (!gather_peek(&s->gather, in, to_name))
		return 0;
	gather_take(&s->gather, in, to_name);
	s->header_read = true;
	return 0;
}

/* The words before a block: two sizes, checksums of the unpacked block, and of the packed one if it is
 * packed. */
static size_t lzop_words(const struct lzop *s, bool packed)
{
	size_t n = 2 + !!(s->flags & LZOP_ADLER32_D) + !!(s->flags & LZOP_CRC32_D);

	return packed ? n + !!(s->flags & LZOP_ADLER32_C) + !!(s->flags & LZOP_CRC32_C) : n;
}

static int lzop_block_header(struct payload *p, struct span *in, struct error *err)
{
	struct lzop *s = p->state;
	const uint8_t *at = gather_peek(&s->gather, in, 4);
	size_t size;

	if (!at)
		return 0;
	s->unpacked = be32(at);
	if (s->unpacked == 0) {
		gather_take(&s->gather, in, 4);
		return 1;
	}
	at = gather_peek(&s->gather, in, 8);
	if (!at)
		return 0;
	s->packed = be32(at + 4);
	if (s->unpacked > LZOP_BLOCK_MAX || s->packed == 0 || s->packed > s->unpacked)
		return corrupt(p, "block size", err);
	size = 4 * lzop_words(s, s->packed < s->unpacked);
	at = gather_peek(&s->gather, in, size);
	if (!at)
		return 0;
	s->adler = s->flags & LZOP_ADLER32_D ? be32(at + 8) : 0;
	s->crc = s->flags & LZOP_CRC32_D ? be32(at + (s->flags & LZOP_ADLER32_D ? 12 : 8)) : 0;
	gather_take(&s->gather, in, size);
	s->in_block = true;
	return 0;
}

static bool lzop_sums_fit(const struct lzop *s, const uint8_t *bytes)
{
	if (s->flags & LZOP_ADLER32_D && adler32(adler32(0, NULL, 0), bytes, s->unpacked) != s->adler)
		return false;
	return !(s->flags & LZOP_CRC32_D) || crc32(crc32(0, NULL, 0), bytes, s->unpacked) == s->crc;
}

static int lzop_step(struct payload *p, struct span *in, size_t stop, struct error *err)
{
	struct lzop *s = p->state;
	uint8_t *to = p->out->bytes + p->out->size;
	const uint8_t *at;
	ssize_t room;

	(void)stop;
	if (!s->in_block)
		return s->header_read ? lzop_block_header(p, in, err) : lzop_header(p, in, err);
	at = gather_peek(&s->gather, in, s->packed);
	if (!at)
		return 0;
	room = block_room(p, s->unpacked, err);
	if (room < 0)
		return (int)room;
	if ((size_t)room < s->unpacked)
		return error_set(err, E2BIG, "lzo payload unpacks to more than %zu MiB", p->out->bound >> 20);
	if (s->packed == s->unpacked) {
		memcpy(to, at, s->packed);
	} else {
		lzo_uint n = s->unpacked;

		if (lzo1x_decompress_safe(at, s->packed, to, &n, NULL) != LZO_E_OK || n != s->unpacked)
			return corrupt(p, "block", err);
	}
	if (p->verify && !lzop_sums_fit(s, to))
		return corrupt(p, "block (checksum)", err);
	gather_take(&s->gather, in, s->packed);
	s->in_block = false;
	p->out->size += s->unpacked;
	return 0;
}

static void lzop_finish(struct payload *p)
{
	struct lzop *s = p->state;

	free(s->gather.bytes);
	free(s);
}

const struct codec_ops codec_lzo = {
	.name = "lzo",
	.magic = LZOP_MAGIC,
	.magic_size = LZOP_MAGIC_SIZE,
	.start = lzop_start,
	.step = lzop_step,
	.finish = lzop_finish,
};
