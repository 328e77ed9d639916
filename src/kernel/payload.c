/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/payload.h"

#include <errno.h>
#include <sys/mman.h>

/* Large pages save 15 of the 50 ms that a zstd payload takes to 26 MB of output; they want this alignment. */
#define LARGE_PAGE (2u << 20)

int flat_init(struct flat *f, size_t bound, struct error *err)
{
	size_t reserved = bound + 2 * (size_t)LARGE_PAGE;
	void *map = mmap(NULL, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			 -1, 0);

	if (map == MAP_FAILED)
		return error_set(err, ENOMEM,
				 "cannot reserve %zu MiB of address space for the unpacked kernel",
				 reserved >> 20);
	/* Advice only: where it is not taken, small pages do. */
	(void)madvise(map, reserved, MADV_HUGEPAGE);
	*f = (struct flat){
		.bytes = (uint8_t *)(((uintptr_t)map + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1)),
		.bound = bound,
		.reserved = reserved,
		.map = map,
	};
	return 0;
}

void flat_done(struct flat *f)
{
	if (f->map)
		munmap(f->map, f->reserved);
	*f = (struct flat){ 0 };
}

static int none_step(struct payload *p, struct span *in, size_t stop, struct error *err)
{
	size_t room = payload_room(p, stop), n = in->n < room ? in->n : room;

	(void)err;
	memcpy(p->out->bytes + p->out->size, in->bytes, n);
	p->out->size += n;
	span_take(in, n);
	return 0;
}

static bool always(const struct payload *p)
{
	(void)p;
	return true;
}

static const struct codec_ops codec_none = { .name = "none", .step = none_step, .may_end = always };

static const struct codec_ops *const codecs[] = {
	[CODEC_NONE] = &codec_none, [CODEC_GZIP] = &codec_gzip, [CODEC_BZIP2] = &codec_bzip2,
	[CODEC_LZMA] = &codec_lzma, [CODEC_XZ] = &codec_xz,	[CODEC_LZO] = &codec_lzo,
	[CODEC_LZ4] = &codec_lz4,   [CODEC_ZSTD] = &codec_zstd,
};

enum codec codec_detect(const uint8_t *head, size_t n)
{
	for (size_t i = CODEC_NONE + 1; i < ARRAY_SIZE(codecs); i++)
		if (n >= codecs[i]->magic_size && memcmp(head, codecs[i]->magic, codecs[i]->magic_size) == 0)
			return (enum codec)i;
	return CODEC_NONE;
}

const char *codec_name(enum codec codec)
{
	return codecs[codec]->name;
}

int payload_new(enum codec codec, bool verify, struct flat *out, struct payload **ret, struct error *err)
{
	_cleanup_(payload_freep) struct payload *p = xcalloc(1, sizeof(*p));
	int rc;

	p->ops = codecs[codec];
	p->out = out;
	p->verify = verify;
	rc = p->ops->start ? p->ops->start(p, err) : 0;
	if (rc == 0)
		*ret = TAKE_PTR(p);
	return rc;
}

struct payload *payload_free(struct payload *p)
{
	if (!p)
		return NULL;
	if (p->ops->finish && p->state)
		p->ops->finish(p);
	free(p);
	return NULL;
}

static int too_big(const struct payload *p, struct error *err)
{
	return error_set(err, E2BIG, "%s payload unpacks to more than %zu MiB: no kernel does", p->ops->name,
			 p->out->bound >> 20);
}

int payload_feed(struct payload *p, struct span *in, size_t stop, struct error *err)
{
	while (!p->ended && (in->n > 0 || p->full) && p->out->size < stop) {
		size_t had = in->n, size = p->out->size;
		bool flushing = p->full;
		int rc = p->ops->step(p, in, stop, err);

		if (rc < 0)
			return rc;
		if (p->out->size > p->out->bound)
			return too_big(p, err);
		p->ended = rc > 0;
		p->full = p->out->size >= stop;
		if (!p->ended && !flushing && in->n == had && p->out->size == size)
			return error_set(err, EBADMSG,
					 "%s payload: corrupt at byte %zu of what it unpacks to",
					 p->ops->name, size);
	}
	return p->ended;
}

int payload_end(struct payload *p, struct error *err)
{
	struct span nothing = { .bytes = (const uint8_t *)"" };
	int rc = payload_feed(p, &nothing, SIZE_MAX, err);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (p->ops->may_end && p->ops->may_end(p))
		return 0;
	return error_set(err, EBADMSG, "%s payload: ends in its middle, behind %zu unpacked bytes",
			 p->ops->name, p->out->size);
}
