/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/source.h"
#include "pkg/gzip.h"
#include "pkg/libarchive.h"
#include "pkg/limits.h"
#include "pkg/xz.h"

#include <errno.h>
#include <inttypes.h>

struct source *source_free(struct source *s)
{
	if (s)
		s->close(s);
	return NULL;
}

void source_take(struct source *s, size_t n)
{
	s->at += n;
	s->left -= n;
	s->pos += n;
}

int source_more(struct source *s, struct error *err)
{
	int r;

	if (s->left > 0)
		return 1;
	r = s->next(s, &s->at, &s->left, err);
	if (r <= 0) {
		s->left = 0;
		return r;
	}
	if (s->pos > s->limit || s->left > s->limit - s->pos)
		return error_set(err, E2BIG, "%s: unpacks to more than %" PRIu64 " bytes", s->what, s->limit);
	return 1;
}

int source_truncated(const struct source *s, const char *part, uint64_t missing, struct error *err)
{
	return error_set(err, EBADMSG,
			 "%s: truncated: it ends at offset %" PRIu64 " (unpacked) inside %s, %" PRIu64
			 " bytes are missing",
			 s->what, s->pos, part, missing);
}

int source_holds(const struct source *s, uint64_t size, const char *path, struct error *err)
{
	if (s->total != SOURCE_SIZE_UNKNOWN && (s->pos > s->total || size > s->total - s->pos))
		return error_set(err, EBADMSG,
				 "%s: truncated or lying: %s claims %" PRIu64 " bytes, but %" PRIu64
				 " are left of the archive",
				 s->what, path, size, s->pos > s->total ? 0 : s->total - s->pos);
	if (s->pos > s->limit || size > s->limit - s->pos)
		return error_set(err, E2BIG, "%s: %s claims %" PRIu64 " bytes, the whole may have %" PRIu64,
				 s->what, path, size, s->limit);
	return 0;
}

int source_exact(struct source *s, void *buf, size_t n, const char *part, struct error *err)
{
	uint8_t *to = buf;
	size_t step;
	int r;

	for (; n > 0; n -= step, to += step) {
		r = source_more(s, err);
		if (r < 0)
			return r;
		if (r == 0)
			return source_truncated(s, part, n, err);
		step = n < s->left ? n : s->left;
		memcpy(to, s->at, step);
		source_take(s, step);
	}
	return 0;
}

int source_skip(struct source *s, uint64_t n, const char *part, struct error *err)
{
	size_t step;
	int r;

	for (; n > 0; n -= step) {
		r = source_more(s, err);
		if (r < 0)
			return r;
		if (r == 0)
			return source_truncated(s, part, n, err);
		step = n < s->left ? (size_t)n : s->left;
		source_take(s, step);
	}
	return 0;
}

int source_drain(struct source *s, struct error *err)
{
	int r;

	while ((r = source_more(s, err)) > 0)
		source_take(s, s->left);
	return r;
}

/* libarchive as a decoder: its raw format hands on what its filters unpacked, without a copy. */
struct filtered {
	struct source source;
	struct region region;
	struct archive *archive;
	uint64_t fed; /* bytes of the region that libarchive was given */
	struct error read_error;
	uint8_t piece[PKG_PIECE];
};

static la_ssize_t filtered_feed(struct archive *a, void *ctx, const void **ret)
{
	struct filtered *f = ctx;
	uint64_t left = f->region.size - f->fed;
	size_t n = left < sizeof(f->piece) ? (size_t)left : sizeof(f->piece);

	if (region_read(&f->region, f->fed, f->piece, n, &f->read_error) < 0) {
		libarchive.archive_set_error(a, -f->read_error.code, "%s", f->read_error.text);
		return -1;
	}
	f->fed += n;
	*ret = f->piece;
	return (la_ssize_t)n;
}

static void filtered_close(struct source *s)
{
	struct filtered *f = (struct filtered *)s;

	libarchive.archive_read_free(f->archive);
	free(f);
}

static int filtered_error(struct filtered *f, struct error *err)
{
	const char *why = libarchive.archive_error_string(f->archive);

	if (f->read_error.code)
		return error_set(err, f->read_error.code, "%s", f->read_error.text);
	return error_set(err, EBADMSG, "%s: corrupt or truncated near offset %" PRIu64 " of %" PRIu64 ": %s",
			 f->source.what, f->fed, f->region.size, why ? why : "the decoder gives no reason");
}

static int filtered_next(struct source *s, const uint8_t **ret, size_t *ret_n, struct error *err)
{
	struct filtered *f = (struct filtered *)s;
	const void *bytes;
	la_int64_t offset;
	size_t n = 0;
	int r;

	do
		r = libarchive.archive_read_data_block(f->archive, &bytes, &n, &offset);
	while (r == ARCHIVE_OK && n == 0);
	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK)
		return filtered_error(f, err);
	*ret = bytes;
	*ret_n = n;
	return 1;
}

/* First bytes of each format; libarchive hands on undecoded what it does not recognise. */
static bool filtered_looks_right(const struct region *r, enum compression c)
{
	static const struct {
		enum compression c;
		const char *magic;
	} known[] = {
		{ COMPRESSION_BZIP2, "BZh" },
		{ COMPRESSION_LZMA, "\x5d" },
		{ COMPRESSION_ZSTD, "\x28\xb5\x2f\xfd" },
	};
	uint8_t head[4] = { 0 };

	if (region_read(r, 0, head, r->size < sizeof(head) ? (size_t)r->size : sizeof(head), NULL) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].c == c)
			return memcmp(head, known[i].magic, strlen(known[i].magic)) == 0;
	return true;
}

/* The format before .xz names a dictionary of up to 4 GiB in its bytes 1 to 4, which libarchive takes at once. */
static int filtered_bounded(const struct region *r, enum compression c, struct error *err)
{
	uint8_t head[5] = { 0 };
	uint64_t dictionary;
	int n;

	if (c != COMPRESSION_LZMA || r->size < sizeof(head))
		return 0;
	n = region_read(r, 0, head, sizeof(head), err);
	if (n < 0)
		return n;
	dictionary = head[1] | (uint64_t)head[2] << 8 | (uint64_t)head[3] << 16 | (uint64_t)head[4] << 24;
	if (dictionary > PKG_LZMA_DICTIONARY)
		return error_set(err, E2BIG, "%s: wants a dictionary of %" PRIu64 " bytes, %" PRIu64 " are allowed", r->what,
				 dictionary, PKG_LZMA_DICTIONARY);
	return 0;
}

/*
 * One layer of exactly that compression. "Supported" filters would be tried on their own output again and again, so
 * that layers which unpack to next to nothing could keep us busy for hours.
 */
static void filtered_support(struct archive *a, enum compression c)
{
	static const int filters[] = {
		[COMPRESSION_BZIP2] = ARCHIVE_FILTER_BZIP2,
		[COMPRESSION_LZMA] = ARCHIVE_FILTER_LZMA,
		[COMPRESSION_ZSTD] = ARCHIVE_FILTER_ZSTD,
	};

	libarchive.archive_read_support_format_raw(a);
	if ((size_t)c < ARRAY_SIZE(filters) && filters[c])
		libarchive.archive_read_append_filter(a, filters[c]);
}

static int filtered_open(const struct region *r, enum compression c, struct source **ret, struct error *err)
{
	_cleanup_(source_freep) struct source *s = NULL;
	struct filtered *f;
	struct archive_entry *entry;
	int n;

	if (r->size == 0)
		return error_set(err, EBADMSG, "%s: truncated: it is empty", r->what);
	if (!filtered_looks_right(r, c))
		return error_set(err, EBADMSG,
				 "%s: its first bytes are not of the compression that it is said to have",
				 r->what);
	n = filtered_bounded(r, c, err);
	if (n < 0)
		return n;
	if (libarchive_load(err) < 0)
		return -ENOENT;
	f = xcalloc(1, sizeof(*f));
	f->source.next = filtered_next;
	f->source.close = filtered_close;
	f->source.total = c == COMPRESSION_NONE ? r->size : SOURCE_SIZE_UNKNOWN;
	f->source.what = r->what;
	f->region = *r;
	f->archive = libarchive.archive_read_new();
	s = &f->source;
	if (!f->archive)
		return error_set(err, ENOMEM, "%s: no memory for a decoder", r->what);
	filtered_support(f->archive, c);
	if (libarchive.archive_read_open(f->archive, f, NULL, filtered_feed, NULL) != ARCHIVE_OK ||
	    libarchive.archive_read_next_header(f->archive, &entry) != ARCHIVE_OK)
		return filtered_error(f, err);
	*ret = TAKE_PTR(s);
	return 0;
}

uint64_t source_bound(uint64_t packed, uint64_t limit)
{
	uint64_t most = packed < PKG_UNPACKED_MAX ? packed * PKG_RATIO_MAX + PKG_RATIO_SLACK : UINT64_MAX;

	return most < limit ? most : limit;
}

int source_open(const struct region *r, enum compression c, uint64_t limit, bool checks, struct source **ret,
		struct error *err)
{
	struct source *s;
	int n;

	if (c == COMPRESSION_XZ)
		n = xz_stream_open(r, checks, &s, err);
	else if (c == COMPRESSION_GZIP)
		n = gzip_open(r, &s, err);
	else
		n = filtered_open(r, c, &s, err);
	if (n < 0)
		return n;
	s->limit = c == COMPRESSION_NONE ? limit : source_bound(r->size, limit);
	*ret = s;
	return 0;
}
