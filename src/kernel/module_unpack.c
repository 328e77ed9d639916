/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/module_unpack.h"

#include <errno.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#define FIRST_ROOM (64u << 10)

/* More than `xz -9e` needs to unpack, less than hurts. */
#define XZ_MEMORY (128u << 20)

static const uint8_t xz_magic[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };
static const uint8_t zstd_magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
static const uint8_t gzip_magic[] = { 0x1f, 0x8b };

struct output {
	uint8_t *data;
	size_t size, room, limit;
};

static bool begins(const uint8_t *bytes, size_t n, const uint8_t *magic, size_t m)
{
	return n >= m && memcmp(bytes, magic, m) == 0;
}

#define BEGINS(bytes, n, magic) begins((bytes), (n), (magic), sizeof(magic))

bool unpack_is_packed(const uint8_t *bytes, size_t n)
{
	return BEGINS(bytes, n, xz_magic) || BEGINS(bytes, n, zstd_magic) || BEGINS(bytes, n, gzip_magic);
}

/* Doubles the room; to one byte beyond the limit, so that a file of exactly `limit` bytes passes. */
static int grow(struct output *out, struct error *err)
{
	if (out->size > out->limit)
		return error_set(err, E2BIG, "unpacks to more than %zu bytes", out->limit);
	if (out->size < out->room)
		return 0;
	out->room = out->room ? 2 * out->room : FIRST_ROOM;
	if (out->room > out->limit + 1)
		out->room = out->limit + 1;
	out->data = xreallocarray(out->data, out->room, 1);
	return 0;
}

static int unpack_xz(const uint8_t *bytes, size_t n, struct output *out, struct error *err)
{
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret lr = lzma_stream_decoder(&s, XZ_MEMORY, LZMA_CONCATENATED);
	int r = 0;

	s.next_in = bytes;
	s.avail_in = n;
	while (lr == LZMA_OK) {
		r = grow(out, err);
		if (r < 0)
			break;
		s.next_out = out->data + out->size;
		s.avail_out = out->room - out->size;
		lr = lzma_code(&s, LZMA_FINISH);
		out->size = out->room - s.avail_out;
	}
	lzma_end(&s);
	if (r == 0 && lr == LZMA_MEMLIMIT_ERROR)
		return error_set(err, E2BIG, "xz: needs more than %u MiB to unpack", XZ_MEMORY >> 20);
	if (r == 0 && lr != LZMA_STREAM_END)
		return error_set(err, EBADMSG, "xz: truncated or corrupt (liblzma says %d)", lr);
	return r;
}

static int unpack_zstd(const uint8_t *bytes, size_t n, struct output *out, struct error *err)
{
	ZSTD_DCtx *ctx = ZSTD_createDCtx();
	ZSTD_inBuffer in = { bytes, n, 0 };
	size_t left = 1;
	int r = 0;

	while (ctx && (in.pos < in.size || left > 0)) {
		ZSTD_outBuffer to;
		size_t before = out->size, used = in.pos;

		r = grow(out, err);
		if (r < 0)
			break;
		to = (ZSTD_outBuffer){ out->data, out->room, out->size };
		left = ZSTD_decompressStream(ctx, &to, &in);
		out->size = to.pos;
		if (ZSTD_isError(left)) {
			r = error_set(err, EBADMSG, "zstd: %s", ZSTD_getErrorName(left));
			break;
		}
		if (left > 0 && used == in.pos && before == out->size) {
			r = error_set(err, EBADMSG, "zstd: truncated");
			break;
		}
	}
	ZSTD_freeDCtx(ctx);
	return ctx ? r : error_set(err, ENOMEM, "zstd: no memory");
}

static int unpack_gzip(const uint8_t *bytes, size_t n, struct output *out, struct error *err)
{
	z_stream z = { .next_in = (Bytef *)bytes, .avail_in = (uInt)n };
	int zr, r = 0;

	if (n > UINT32_MAX)
		return error_set(err, E2BIG, "gzip: a file of %zu bytes", n);
	zr = inflateInit2(&z, 15 + 16);
	while (zr == Z_OK) {
		r = grow(out, err);
		if (r < 0)
			break;
		z.next_out = out->data + out->size;
		z.avail_out = (uInt)(out->room - out->size);
		zr = inflate(&z, Z_NO_FLUSH);
		out->size = out->room - z.avail_out;
		/* gzip files may be strung together. */
		if (zr == Z_STREAM_END && z.avail_in > 0)
			zr = inflateReset(&z);
	}
	inflateEnd(&z);
	if (r == 0 && zr != Z_STREAM_END)
		return error_set(err, EBADMSG, "gzip: truncated or corrupt (zlib says %d)", zr);
	return r;
}

int unpack(const uint8_t *bytes, size_t n, size_t limit, uint8_t **ret, size_t *ret_n, struct error *err)
{
	struct output out = { .limit = limit };
	int r;

	if (BEGINS(bytes, n, xz_magic))
		r = unpack_xz(bytes, n, &out, err);
	else if (BEGINS(bytes, n, zstd_magic))
		r = unpack_zstd(bytes, n, &out, err);
	else if (BEGINS(bytes, n, gzip_magic))
		r = unpack_gzip(bytes, n, &out, err);
	else
		r = error_set(err, EBADMSG, "neither xz, zstd nor gzip");
	if (r == 0 && out.size > limit)
		r = error_set(err, E2BIG, "unpacks to more than %zu bytes", limit);
	if (r < 0) {
		free(out.data);
		return r;
	}
	*ret = out.data;
	*ret_n = out.size;
	return 0;
}
