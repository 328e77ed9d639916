/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/xz.h"
#include "pkg/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <lzma.h>

/* The index is small and its parts stand apart: header, footer, index. */
#define INDEX_PIECE ((size_t)16 << 10)

static const char *lzma_reason(lzma_ret r)
{
	switch (r) {
	case LZMA_FORMAT_ERROR:
		return "not in the .xz format";
	case LZMA_OPTIONS_ERROR:
		return "uses filters or options that liblzma does not know";
	case LZMA_DATA_ERROR:
		return "corrupt";
	case LZMA_BUF_ERROR:
		return "truncated";
	case LZMA_MEMLIMIT_ERROR:
		return "wants more memory than is allowed";
	case LZMA_MEM_ERROR:
		return "no memory";
	default:
		return "liblzma refuses it";
	}
}

static int lzma_errno(lzma_ret r)
{
	switch (r) {
	case LZMA_MEMLIMIT_ERROR:
		return E2BIG;
	case LZMA_OPTIONS_ERROR:
		return EOPNOTSUPP;
	case LZMA_MEM_ERROR:
		return ENOMEM;
	default:
		return EBADMSG;
	}
}

static int index_run(lzma_stream *s, const struct region *r, struct error *err)
{
	uint8_t piece[INDEX_PIECE];
	uint64_t off = 0;
	lzma_ret code;
	int n;

	for (;;) {
		if (s->avail_in == 0 && off < r->size) {
			s->avail_in = r->size - off < sizeof(piece) ? (size_t)(r->size - off) : sizeof(piece);
			s->next_in = piece;
			n = region_read(r, off, piece, s->avail_in, err);
			if (n < 0)
				return n;
			off += s->avail_in;
		}
		code = lzma_code(s, LZMA_RUN);
		if (code == LZMA_SEEK_NEEDED) {
			off = s->seek_pos;
			s->avail_in = 0;
		} else if (code == LZMA_STREAM_END) {
			return 0;
		} else if (code != LZMA_OK) {
			return error_set(err, lzma_errno(code),
					 "%s: index at its end: %s; the file may be truncated", r->what,
					 lzma_reason(code));
		}
	}
}

static int index_copy(const lzma_index *from, struct xz_index *ret, struct error *err)
{
	struct xz_index x = *ret;
	lzma_index_iter i;
	uint64_t n = lzma_index_block_count(from);

	if (n > PKG_XZ_BLOCKS)
		return error_set(err, E2BIG, "%s: has %" PRIu64 " blocks, %" PRIu64 " are allowed",
				 x.region.what, n, PKG_XZ_BLOCKS);
	if (n == 0)
		return error_set(err, EBADMSG, "%s: has no blocks, so it unpacks to nothing", x.region.what);
	x.blocks = xcalloc(n, sizeof(*x.blocks));
	x.total = lzma_index_uncompressed_size(from);
	lzma_index_iter_init(&i, from);
	while (x.n < n && !lzma_index_iter_next(&i, LZMA_INDEX_ITER_BLOCK))
		x.blocks[x.n++] = (struct xz_block){
			.in = i.block.compressed_file_offset,
			.unpadded = i.block.unpadded_size,
			.out = i.block.uncompressed_file_offset,
			.size = i.block.uncompressed_size,
			.check = (int)i.stream.flags->check,
		};
	*ret = x;
	return 0;
}

int xz_index_read(const struct region *r, struct xz_index *ret, struct error *err)
{
	lzma_stream s = LZMA_STREAM_INIT;
	struct xz_index x = { .region = *r };
	lzma_index *index = NULL;
	lzma_ret code;
	int n;

	code = lzma_file_info_decoder(&s, &index, PKG_XZ_INDEX_MEMORY, r->size);
	if (code != LZMA_OK)
		return error_set(err, lzma_errno(code), "%s: %s", r->what, lzma_reason(code));
	n = index_run(&s, r, err);
	lzma_end(&s);
	if (n < 0)
		return n;
	n = index_copy(index, &x, err);
	lzma_index_end(index, NULL);
	if (n < 0)
		return n;
	*ret = x;
	return 0;
}

void xz_index_done(struct xz_index *x)
{
	free(x->blocks);
	*x = (struct xz_index){ 0 };
}

struct xz_source {
	struct source source;
	const struct xz_index *index;
	struct xz_index own; /* of a stream that has its index to itself */
	size_t block;	     /* the block being decoded; index->n behind the last */
	bool checks;
	bool in_block;	  /* the decoder is set up for it */
	uint64_t in;	  /* offset in the region of the next byte to fetch */
	uint64_t in_left; /* bytes of the block not fetched yet */
	lzma_stream lzma;
	lzma_block head; /* must live as long as the decoder */
	uint8_t piece[PKG_PIECE];
	uint8_t out[PKG_DECODED_PIECE];
};

static int block_error(const struct xz_source *x, lzma_ret code, struct error *err)
{
	const struct xz_block *b = &x->index->blocks[x->block];

	return error_set(err, lzma_errno(code), "%s: block %zu at offset %" PRIu64 ": %s", x->source.what,
			 x->block + 1, b->in, lzma_reason(code));
}

/* Decodes a block's header and sets its decoder up; what the index says of it bounds what it may do. */
static lzma_ret block_setup(struct xz_source *x, const struct xz_block *b, uint8_t *header)
{
	lzma_filter filters[LZMA_FILTERS_MAX + 1];
	lzma_ret code;

	x->head.filters = filters;
	code = lzma_block_header_decode(&x->head, NULL, header);
	if (code != LZMA_OK)
		return code;
	x->head.ignore_check = !x->checks;
	code = lzma_block_compressed_size(&x->head, b->unpadded);
	if (code == LZMA_OK && x->head.uncompressed_size != LZMA_VLI_UNKNOWN &&
	    x->head.uncompressed_size != b->size)
		code = LZMA_DATA_ERROR;
	if (code == LZMA_OK && lzma_raw_decoder_memusage(filters) > PKG_XZ_BLOCK_MEMORY)
		code = LZMA_MEMLIMIT_ERROR;
	x->head.uncompressed_size = b->size;
	if (code == LZMA_OK)
		code = lzma_block_decoder(&x->lzma, &x->head);
	lzma_filters_free(filters, NULL);
	x->head.filters = NULL;
	return code;
}

static int block_begin(struct xz_source *x, struct error *err)
{
	const struct xz_block *b = &x->index->blocks[x->block];
	uint8_t header[LZMA_BLOCK_HEADER_SIZE_MAX];
	lzma_ret code;
	int r;

	r = region_read(&x->index->region, b->in, header, 1, err);
	if (r < 0)
		return r;
	x->head = (lzma_block){ .version = 1, .check = (lzma_check)b->check };
	x->head.header_size = lzma_block_header_size_decode(header[0]);
	if (header[0] == 0 || x->head.header_size > b->unpadded)
		return block_error(x, LZMA_DATA_ERROR, err);
	r = region_read(&x->index->region, b->in, header, x->head.header_size, err);
	if (r < 0)
		return r;
	code = block_setup(x, b, header);
	if (code != LZMA_OK)
		return block_error(x, code, err);
	x->in = b->in + x->head.header_size;
	x->in_left = ((b->unpadded + 3) & ~(uint64_t)3) - x->head.header_size;
	x->lzma.avail_in = 0;
	x->in_block = true;
	return 0;
}

static int block_fetch(struct xz_source *x, struct error *err)
{
	size_t n = x->in_left < sizeof(x->piece) ? (size_t)x->in_left : sizeof(x->piece);
	int r = region_read(&x->index->region, x->in, x->piece, n, err);

	if (r < 0)
		return r;
	x->lzma.next_in = x->piece;
	x->lzma.avail_in = n;
	x->in += n;
	x->in_left -= n;
	return 0;
}

static int xz_next(struct source *s, const uint8_t **ret, size_t *ret_n, struct error *err)
{
	struct xz_source *x = (struct xz_source *)s;
	lzma_ret code = LZMA_OK;
	int r;

	x->lzma.next_out = x->out;
	x->lzma.avail_out = sizeof(x->out);
	while (x->lzma.avail_out == sizeof(x->out)) {
		if (!x->in_block && x->block == x->index->n)
			return 0;
		if (!x->in_block && (r = block_begin(x, err)) < 0)
			return r;
		if (x->lzma.avail_in == 0 && x->in_left > 0 && (r = block_fetch(x, err)) < 0)
			return r;
		code = lzma_code(&x->lzma, x->in_left == 0 ? LZMA_FINISH : LZMA_RUN);
		if (code == LZMA_STREAM_END) {
			x->in_block = false;
			x->block++;
		} else if (code != LZMA_OK) {
			return block_error(x, code, err);
		}
	}
	*ret = x->out;
	*ret_n = sizeof(x->out) - x->lzma.avail_out;
	return 1;
}

static void xz_close(struct source *s)
{
	struct xz_source *x = (struct xz_source *)s;

	lzma_end(&x->lzma);
	xz_index_done(&x->own);
	free(x);
}

static struct xz_source *xz_source_new(const struct xz_index *index, size_t block, bool checks)
{
	/* Not zeroed as a whole: the buffers at its end are most of it. */
	struct xz_source *x = xmalloc(sizeof(*x));

	memset(x, 0, offsetof(struct xz_source, piece));
	x->source.next = xz_next;
	x->source.close = xz_close;
	x->source.what = index->region.what;
	x->source.limit = source_bound(index->region.size, PKG_UNPACKED_MAX);
	x->source.total = index->total;
	x->source.pos = index->blocks[block].out;
	x->index = index;
	x->block = block;
	x->checks = checks;
	return x;
}

int xz_source_open(const struct xz_index *x, size_t block, bool checks, struct source **ret,
		   struct error *err)
{
	if (block >= x->n)
		return error_set(err, EINVAL, "%s: has no block %zu", x->region.what, block + 1);
	*ret = &xz_source_new(x, block, checks)->source;
	return 0;
}

int xz_stream_open(const struct region *r, bool checks, struct source **ret, struct error *err)
{
	struct xz_index index = { 0 };
	struct xz_source *x;
	int n = xz_index_read(r, &index, err);

	if (n < 0)
		return n;
	x = xz_source_new(&index, 0, checks);
	x->own = index;
	x->index = &x->own;
	*ret = &x->source;
	return 0;
}

int xz_source_finish_block(struct source *s, struct error *err)
{
	struct xz_source *x = (struct xz_source *)s;
	size_t block = x->block;
	int r;

	while (x->in_block && x->block == block) {
		source_take(s, s->left);
		r = source_more(s, err);
		if (r <= 0)
			return r;
	}
	return 0;
}
