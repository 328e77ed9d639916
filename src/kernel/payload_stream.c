/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formats whose libraries stream by themselves: gzip, bzip2, lzma, xz, zstd. */
#define ZSTD_STATIC_LINKING_ONLY /* for two parameters only; the functions are the stable ones */
#include "kernel/payload.h"

#include <bzlib.h>
#include <errno.h>
#include <lzma.h>
#include <sys/mman.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/*
 * The largest dictionary that the kernel's build makes is 128 MiB (scripts/xz_wrap.sh since 6.12; zstd -22);
 * liblzma touches no more of it than it writes.
 */
#define DICTIONARY_MAX (128u << 20)
#define LZMA_MEMORY_MAX (DICTIONARY_MAX + (8u << 20))
#define ZSTD_WINDOW_LOG_MAX 27
/* zstd cannot be told to stop at a byte of output, so it is given little input at a time. */
#define ZSTD_STEP (32u << 10)

static int corrupt(const struct payload *p, const char *why, struct error *err)
{
	return error_set(err, EBADMSG, "%s payload: corrupt behind %zu unpacked bytes (%s)", p->ops->name,
			 p->out->size, why);
}

static int no_memory(const struct payload *p, struct error *err)
{
	return error_set(err, ENOMEM, "%s payload: no memory for the decoder", p->ops->name);
}

/* Libraries count in unsigned int. */
static unsigned at_most(size_t n)
{
	return n < (1u << 30) ? (unsigned)n : 1u << 30;
}

static int gzip_start(struct payload *p, struct error *err)
{
	z_stream *z = xcalloc(1, sizeof(*z));

	if (inflateInit2(z, MAX_WBITS + 16) != Z_OK) {
		free(z);
		return no_memory(p, err);
	}
	if (!p->verify)
		inflateValidate(z, 0);
	p->state = z;
	return 0;
}

static int gzip_step(struct payload *p, struct span *in, size_t stop, struct error *err)
{
	z_stream *z = p->state;
	unsigned room = at_most(payload_room(p, stop));
	int rc;

	z->next_in = (Bytef *)in->bytes;
	z->avail_in = at_most(in->n);
	z->next_out = p->out->bytes + p->out->size;
	z->avail_out = room;
	rc = inflate(z, Z_NO_FLUSH);
	span_take(in, (size_t)(z->next_in - in->bytes));
	p->out->size += room - z->avail_out;
	if (rc == Z_STREAM_END)
		return 1;
	return rc == Z_OK || rc == Z_BUF_ERROR ? 0 : corrupt(p, z->msg ? z->msg : "inflate", err);
}

static void gzip_finish(struct payload *p)
{
	inflateEnd(p->state);
	free(p->state);
}

const struct codec_ops codec_gzip = {
	.name = "gzip",
	.magic = "\x1f\x8b",
	.magic_size = 2,
	.start = gzip_start,
	.step = gzip_step,
	.finish = gzip_finish,
};

static int bzip2_start(struct payload *p, struct error *err)
{
	bz_stream *z = xcalloc(1, sizeof(*z));

	if (BZ2_bzDecompressInit(z, 0, 0) != BZ_OK) {
		free(z);
		return no_memory(p, err);
	}
	p->state = z;
	return 0;
}

static int bzip2_step(struct payload *p, struct span *in, size_t stop, struct error *err)
{
	bz_stream *z = p->state;
	unsigned room = at_most(payload_room(p, stop)), had = at_most(in->n);
	int rc;

	z->next_in = (char *)in->bytes;
	z->avail_in = had;
	z->next_out = (char *)p->out->bytes + p->out->size;
	z->avail_out = room;
	rc = BZ2_bzDecompress(z);
	span_take(in, had - z->avail_in);
	p->out->size += room - z->avail_out;
	if (rc == BZ_STREAM_END)
		return 1;
	return rc == BZ_OK ? 0 : corrupt(p, rc == BZ_MEM_ERROR ? "no memory" : "block", err);
}

static void bzip2_finish(struct payload *p)
{
	BZ2_bzDecompressEnd(p->state);
	free(p->state);
}

const struct codec_ops codec_bzip2 = {
	.name = "bzip2",
	.magic = "BZh",
	.magic_size = 3,
	.start = bzip2_start,
	.step = bzip2_step,
	.finish = bzip2_finish,
};

#define HUGE_PAGE ((size_t)2 << 20)

/* A dictionary is written from end to end: in large pages that costs the machine less. */
static void *lzma_memory(void *ctx, size_t count, size_t size)
{
	void *p;

	(void)ctx;
	if (size > 0 && count > SIZE_MAX / size)
		return NULL;
	size *= count;
	if (size < 2 * HUGE_PAGE)
		return malloc(size);
	if (posix_memalign(&p, HUGE_PAGE, size) != 0)
		return NULL;
	(void)madvise(p, size, MADV_HUGEPAGE);
	return p;
}

static void lzma_memory_free(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

static const lzma_allocator lzma_huge = { lzma_memory, lzma_memory_free, NULL };

static int lzma_begin(struct payload *p, bool alone, struct error *err)
{
	lzma_stream *z = xcalloc(1, sizeof(*z));
	lzma_ret rc;

	z->allocator = &lzma_huge;
	if (alone)
		rc = lzma_alone_decoder(z, LZMA_MEMORY_MAX);
	else
		rc = lzma_stream_decoder(z, LZMA_MEMORY_MAX,
					 p->verify ? LZMA_TELL_UNSUPPORTED_CHECK : LZMA_IGNORE_CHECK);
	if (rc != LZMA_OK) {
		free(z);
		return no_memory(p, err);
	}
	p->state = z;
	return 0;
}

static int alone_start(struct payload *p, struct error *err)
{
	return lzma_begin(p, true, err);
}

static int xz_start(struct payload *p, struct error *err)
{
	return lzma_begin(p, false, err);
}

static int lzma_step(struct payload *p, struct span *in, size_t stop, struct error *err)
{
	lzma_stream *z = p->state;
	size_t room = payload_room(p, stop);
	lzma_ret rc;

	z->next_in = in->bytes;
	z->avail_in = in->n;
	z->next_out = p->out->bytes + p->out->size;
	z->avail_out = room;
	rc = lzma_code(z, LZMA_RUN);
	span_take(in, in->n - z->avail_in);
	p->out->size += room - z->avail_out;
	switch (rc) {
	case LZMA_STREAM_END:
		return 1;
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return 0;
	case LZMA_MEMLIMIT_ERROR:
		return error_set(err, E2BIG,
				 "%s payload: wants a dictionary of more than %u MiB: no kernel does",
				 p->ops->name, DICTIONARY_MAX >> 20);
	case LZMA_MEM_ERROR:
		return no_memory(p, err);
	case LZMA_UNSUPPORTED_CHECK:
		return corrupt(p, "checksum of an unknown kind", err);
	default:
		return corrupt(p, rc == LZMA_OPTIONS_ERROR ? "unknown filter" : "data", err);
	}
}

static void lzma_finish(struct payload *p)
{
	lzma_end(p->state);
	free(p->state);
}

const struct codec_ops codec_lzma = {
	.name = "lzma",
	.magic = "\x5d\0\0", /* lc=3 lp=0 pb=2, and a dictionary of a multiple of 64 KiB: all that `lzma`
				writes */
	.magic_size = 3,
	.start = alone_start,
	.step = lzma_step,
	.finish = lzma_finish,
};

const struct codec_ops codec_xz = {
	.name = "xz",
	.magic = "\xfd"
		 "7zXZ\0",
	.magic_size = 6,
	.start = xz_start,
	.step = lzma_step,
	.finish = lzma_finish,
};

/* The output buffer never moves, so the decoder can use it as its window and need none of its own. */
static int zstd_start(struct payload *p, struct error *err)
{
	ZSTD_DCtx *d = ZSTD_createDCtx();

	if (!d)
		return no_memory(p, err);
	p->state = d;
	if (ZSTD_isError(ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX)) ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(d, ZSTD_d_stableOutBuffer, 1)) ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(d, ZSTD_d_forceIgnoreChecksum,
						p->verify ? ZSTD_d_validateChecksum : ZSTD_d_ignoreChecksum)))
		return error_set(err, ENOTSUP, "libzstd %s lacks a parameter that 1.5 has",
				 ZSTD_versionString());
	return 0;
}

static int zstd_step(struct payload *p, struct span *in, size_t stop, struct error *err)
{
	ZSTD_inBuffer src = { .src = in->bytes, .size = in->n < ZSTD_STEP ? in->n : ZSTD_STEP };
	ZSTD_outBuffer dst = { .dst = p->out->bytes, .size = p->out->bound + 1, .pos = p->out->size };
	size_t rc = ZSTD_decompressStream(p->state, &dst, &src);

	(void)stop;
	span_take(in, src.pos);
	p->out->size = dst.pos;
	if (!ZSTD_isError(rc))
		return rc == 0;
	if (ZSTD_getErrorCode(rc) == ZSTD_error_dstSize_tooSmall ||
	    ZSTD_getErrorCode(rc) == ZSTD_error_frameParameter_windowTooLarge)
		return error_set(
			err, E2BIG,
			"zstd payload: unpacks to more than %zu MiB, or wants a window of more than %u MiB",
			p->out->bound >> 20, 1u << (ZSTD_WINDOW_LOG_MAX - 20));
	return corrupt(p, ZSTD_getErrorName(rc), err);
}

static void zstd_finish(struct payload *p)
{
	ZSTD_freeDCtx(p->state);
}

const struct codec_ops codec_zstd = {
	.name = "zstd",
	.magic = "\x28\xb5\x2f\xfd",
	.magic_size = 4,
	.start = zstd_start,
	.step = zstd_step,
	.finish = zstd_finish,
};
