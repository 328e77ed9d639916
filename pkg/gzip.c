/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/gzip.h"
#include "pkg/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <zlib.h>

/* The largest window, and a header of gzip's: zlib.h, inflateInit2(). */
#define GZIP_WINDOW (MAX_WBITS + 16)

struct gzip {
	struct source source;
	struct region region;
	uint64_t fed; /* bytes of the region that zlib was given */
	z_stream z;
	bool ended;   /* between two members, or behind the last */
	uint8_t in[PKG_PIECE], out[PKG_PIECE];
};

static void gzip_close(struct source *s)
{
	struct gzip *g = (struct gzip *)s;

	inflateEnd(&g->z);
	free(g);
}

static int gzip_corrupt(const struct gzip *g, struct error *err)
{
	return error_set(err, EBADMSG, "%s: corrupt or truncated near offset %" PRIu64 " of %" PRIu64 ": %s", g->source.what,
			 g->fed - g->z.avail_in, g->region.size, g->z.msg ? g->z.msg : "it ends inside of a gzip stream");
}

static int gzip_feed(struct gzip *g, struct error *err)
{
	uint64_t left = g->region.size - g->fed;
	size_t n = left < sizeof(g->in) ? (size_t)left : sizeof(g->in);
	int r = region_read(&g->region, g->fed, g->in, n, err);

	if (r < 0)
		return r;
	g->fed += n;
	g->z.next_in = g->in;
	g->z.avail_in = (uInt)n;
	return 0;
}

/* Unpacks what there is room for, into the next member if one ends. 0, or a negative errno. */
static int gzip_step(struct gzip *g, struct error *err)
{
	int r;

	if (g->z.avail_in == 0 && (r = gzip_feed(g, err)) < 0)
		return r;
	if (g->z.avail_in == 0)
		return gzip_corrupt(g, err);
	if (g->ended && inflateReset(&g->z) != Z_OK)
		return gzip_corrupt(g, err);
	r = inflate(&g->z, Z_NO_FLUSH);
	g->ended = r == Z_STREAM_END;
	return r == Z_OK || g->ended ? 0 : gzip_corrupt(g, err);
}

static int gzip_next(struct source *s, const uint8_t **ret, size_t *ret_n, struct error *err)
{
	struct gzip *g = (struct gzip *)s;

	g->z.next_out = g->out;
	g->z.avail_out = sizeof(g->out);
	while (g->z.avail_out == sizeof(g->out)) {
		int r;

		if (g->ended && g->z.avail_in == 0 && g->fed == g->region.size)
			return 0;
		r = gzip_step(g, err);
		if (r < 0)
			return r;
	}
	*ret = g->out;
	*ret_n = sizeof(g->out) - g->z.avail_out;
	return 1;
}

int gzip_open(const struct region *r, struct source **ret, struct error *err)
{
	struct gzip *g;

	if (r->size == 0)
		return error_set(err, EBADMSG, "%s: truncated: it is empty", r->what);
	g = xcalloc(1, sizeof(*g));
	g->source.next = gzip_next;
	g->source.close = gzip_close;
	g->source.total = SOURCE_SIZE_UNKNOWN;
	g->source.what = r->what;
	g->region = *r;
	if (inflateInit2(&g->z, GZIP_WINDOW) != Z_OK) {
		free(g);
		return error_set(err, ENOMEM, "%s: no memory for a decoder", r->what);
	}
	*ret = &g->source;
	return 0;
}
