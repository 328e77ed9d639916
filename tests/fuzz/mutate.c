/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/image_maker.h"

#define UNPACKED_MAX ((size_t)1 << 20)

/* libFuzzer's; nobody calls it where there is none. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t max) __attribute__((weak));

bool mutate_careless(unsigned seed)
{
	return seed % 8 == 0;
}

size_t mutate_mended(uint8_t *bytes, size_t n, size_t max, unsigned seed, mend_fn mend)
{
	n = LLVMFuzzerMutate(bytes, n, max);
	if (mend && !mutate_careless(seed))
		mend(bytes, n);
	return n;
}

void mutate_buf(struct buf *part, size_t max, unsigned seed, mend_fn mend)
{
	/* A few bytes more each time: formats grow by pieces. */
	size_t room = part->len + 512 < max ? part->len + 512 : max;
	uint8_t *bytes = xmalloc(room > part->len ? room : part->len + 1);
	size_t n = part->len;

	if (n > 0)
		memcpy(bytes, part->text, n);
	if (room > 0 && n <= room)
		n = mutate_mended(bytes, n, room, seed, mend);
	part->len = 0;
	buf_add(part, (char *)bytes, n);
	free(bytes);
}

bool mutate_unpack(enum codec codec, const uint8_t *bytes, size_t n, struct buf *ret)
{
	struct flat out = { 0 };
	struct payload *p = NULL;
	struct span in = { .bytes = bytes, .n = n };
	struct error err = { 0 };
	bool done;

	if (flat_init(&out, UNPACKED_MAX, &err) < 0)
		return false;
	done = payload_new(codec, false, &out, &p, &err) == 0 && payload_feed(p, &in, SIZE_MAX, &err) >= 0 && out.size > 0;
	if (done)
		buf_add(ret, (char *)out.bytes, out.size);
	payload_free(p);
	flat_done(&out);
	return done;
}

void mutate_packed(struct buf *part, size_t max, unsigned seed, mend_fn mend)
{
	enum codec codec = codec_detect((uint8_t *)part->text, part->len);
	struct buf inner = { 0 };

	if (codec == CODEC_NONE || seed % 16 == 1 || !mutate_unpack(codec, (uint8_t *)part->text, part->len, &inner)) {
		mutate_buf(part, max, seed, codec == CODEC_NONE ? mend : codec == CODEC_XZ ? mend_xz : NULL);
	} else {
		mutate_buf(&inner, UNPACKED_MAX, seed, mend);
		part->len = 0;
		pack(codec, &inner, part);
	}
	buf_done(&inner);
}

size_t mutate_result(const struct buf *from, uint8_t *bytes, size_t n, size_t max)
{
	if (from->len == 0 || from->len > max)
		return n;
	memcpy(bytes, from->text, from->len);
	return from->len;
}

size_t mutate_inside(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	struct buf whole = { 0 };

	if (n == 0 || seed % 4 == 0)
		return mutate_mended(bytes, n, max, seed, NULL);
	buf_add(&whole, (char *)bytes, n);
	mutate_packed(&whole, max, seed, NULL);
	n = mutate_result(&whole, bytes, n, max);
	buf_done(&whole);
	return n;
}
