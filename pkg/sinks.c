/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/format.h"

#include <errno.h>
#include <fcntl.h>

/* First allocation of a sink for a member of unknown size; it doubles from there. */
#define BYTES_FIRST ((size_t)64 << 10)

/*
 * How much memory a sink has that holds `size` bytes: the next doubling, so that it need not be kept
 * anywhere.
 */
static size_t bytes_room(size_t size, size_t limit)
{
	size_t room = BYTES_FIRST;

	if (size == 0)
		return 0;
	while (room < size && room < limit / 2)
		room *= 2;
	return room < size || room > limit ? limit : room;
}

static int bytes_take(void *ctx, const uint8_t *bytes, size_t n, struct error *err)
{
	struct member_bytes *b = ctx;
	size_t room;

	if (b->size > b->limit || n > b->limit - b->size)
		return error_set(err, E2BIG, "it is larger than the %zu bytes that are allowed", b->limit);
	room = bytes_room(b->size + n, b->limit);
	if (!b->data || room != bytes_room(b->size, b->limit))
		b->data = xreallocarray(b->data, room, 1);
	memcpy(b->data + b->size, bytes, n);
	b->size += n;
	return 0;
}

struct member_sink member_bytes_sink(struct member_bytes *bytes)
{
	return (struct member_sink){ .take = bytes_take, .ctx = bytes };
}

static int sha256_file(const struct package *p, struct hash *h, struct error *err)
{
	_cleanup_(freep) uint8_t *piece = xmalloc(PKG_DECODED_PIECE);
	uint64_t off = 0;
	size_t n;
	int r;

	while (off < p->file.size) {
		n = p->file.size - off < PKG_DECODED_PIECE ? (size_t)(p->file.size - off) : PKG_DECODED_PIECE;
		r = region_read(&p->file, off, piece, n, err);
		if (r < 0)
			return r;
		hash_add(h, piece, n);
		off += n;
	}
	return 0;
}

int package_sha256(const struct package *p, char ret[65], struct error *err)
{
	_cleanup_(hash_freep) struct hash *h = NULL;
	int r;

	if (p->info.format == PACKAGE_TREE)
		return error_set(err, EISDIR, "%s: a directory has no digest", p->info.path);
	r = hash_new(HASH_SHA256, &h, err);
	if (r < 0)
		return r;
	/* Read-ahead is off for members' sake, but here everything is read in order. */
	posix_fadvise(p->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	r = sha256_file(p, h, err);
	posix_fadvise(p->fd, 0, 0, POSIX_FADV_RANDOM);
	if (r < 0) {
		error_prefix(err, "%s", p->info.path);
		return r;
	}
	hash_hex(h, ret);
	return 0;
}
