/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each codec: packed by its library, unpacked by ours, in pieces, cut off, damaged, and past the bound. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/lib/image_maker.h"

#include <errno.h>

static const enum codec all[] = { CODEC_GZIP, CODEC_BZIP2, CODEC_LZMA, CODEC_XZ,
				  CODEC_LZO,  CODEC_LZ4,   CODEC_ZSTD };

/* 700 KB that compress to about half: three lzo blocks, and more than one block of zstd and bzip2. */
static struct buf sample(void)
{
	struct buf b = { 0 };
	uint32_t noise = 7;

	while (b.len < 700000) {
		noise = noise * 1664525 + 1013904223;
		put_uint(&b, noise >> 8, 3, false);
		put_zeros(&b, 4);
	}
	return b;
}

/* A copy of the sample as packed once: packing it takes longer than all tests together. */
static struct buf packed_sample(enum codec codec)
{
	static struct buf kept[CODEC_ZSTD + 1];
	struct buf copy = { 0 };

	if (!kept[codec].text) {
		struct buf in = sample();

		pack(codec, &in, &kept[codec]);
		buf_done(&in);
	}
	buf_add(&copy, kept[codec].text, kept[codec].len);
	return copy;
}

/* Returns what the last call returned, `flat` filled. */
static int unpack(enum codec codec, bool verify, size_t bound, const char *bytes, size_t n, size_t piece,
		  struct flat *flat)
{
	_cleanup_(payload_freep) struct payload *p = NULL;
	int rc;

	assert_int_equal(flat_init(flat, bound, NULL), 0);
	assert_int_equal(payload_new(codec, verify, flat, &p, NULL), 0);
	for (size_t at = 0; at < n; at += piece) {
		struct span in = { (const uint8_t *)bytes + at, n - at < piece ? n - at : piece };

		rc = payload_feed(p, &in, SIZE_MAX, NULL);
		if (rc < 0)
			return rc;
		if (rc > 0)
			break;
	}
	return payload_end(p, NULL);
}

static void test_detect(void **state)
{
	struct buf in = sample();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct buf packed = packed_sample(all[i]);

		assert_int_equal(codec_detect((uint8_t *)packed.text, CODEC_MAGIC_MAX), all[i]);
		assert_int_equal(codec_detect((uint8_t *)packed.text, 1), CODEC_NONE);
		buf_done(&packed);
	}
	assert_int_equal(codec_detect((uint8_t *)in.text, CODEC_MAGIC_MAX), CODEC_NONE);
	assert_string_equal(codec_name(CODEC_XZ), "xz");
	assert_string_equal(codec_name(CODEC_NONE), "none");
	buf_done(&in);
}

static void test_pieces(void **state)
{
	static const size_t pieces[] = { 13, 4096, SIZE_MAX / 2 };
	struct buf in = sample();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		for (size_t j = 0; j < ARRAY_SIZE(pieces); j++) {
			struct buf packed = packed_sample(all[i]);
			struct flat flat = { 0 };

			assert_int_equal(
				unpack(all[i], j == 1, 1 << 20, packed.text, packed.len, pieces[j], &flat),
				0);
			assert_int_equal(flat.size, in.len);
			assert_memory_equal(flat.bytes, in.text, in.len);
			flat_done(&flat);
			buf_done(&packed);
		}
	buf_done(&in);
}

static void test_stop(void **state)
{
	struct buf in = sample();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		_cleanup_(payload_freep) struct payload *p = NULL;
		struct buf packed = packed_sample(all[i]);
		struct flat flat = { 0 };
		struct span span;

		span = (struct span){ (uint8_t *)packed.text, packed.len };
		assert_int_equal(flat_init(&flat, 1 << 20, NULL), 0);
		assert_int_equal(payload_new(all[i], false, &flat, &p, NULL), 0);
		assert_int_equal(payload_feed(p, &span, 1000, NULL), 0);
		assert_true(flat.size >= 1000);
		assert_true(flat.size < in.len || all[i] == CODEC_LZ4);
		/* All that was held back comes out afterwards. */
		assert_true(payload_feed(p, &span, SIZE_MAX, NULL) >= 0);
		assert_int_equal(payload_end(p, NULL), 0);
		assert_int_equal(flat.size, in.len);
		assert_memory_equal(flat.bytes, in.text, in.len);
		flat_done(&flat);
		buf_done(&packed);
	}
	buf_done(&in);
}

static void test_truncated(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct buf packed = packed_sample(all[i]);

		for (size_t n = 1; n < packed.len; n += n < 64 ? 7 : packed.len / 5) {
			struct flat flat = { 0 };

			if (unpack(all[i], false, 1 << 20, packed.text, n, 5000, &flat) != -EBADMSG)
				fail_msg("%s cut to %zu of %zu bytes", codec_name(all[i]), n, packed.len);
			flat_done(&flat);
		}
		buf_done(&packed);
	}
}

/* A checksum catches what decodes all the same. lz4's legacy frame and lzma have none. */
static void test_damaged(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct buf packed = packed_sample(all[i]);
		unsigned unseen = 0;

		for (size_t at = 60; at < packed.len; at += packed.len / 7) {
			struct flat flat = { 0 };
			int rc;

			packed.text[at] ^= 0x20;
			rc = unpack(all[i], true, 1 << 20, packed.text, packed.len, SIZE_MAX / 2, &flat);
			assert_true(rc == 0 || rc == -EBADMSG || rc == -E2BIG);
			unseen += rc == 0;
			packed.text[at] ^= 0x20;
			flat_done(&flat);
		}
		if (unseen && all[i] != CODEC_LZMA && all[i] != CODEC_LZ4)
			fail_msg("%s: %u of 8 flipped bits went unseen", codec_name(all[i]), unseen);
		buf_done(&packed);
	}
}

static void test_checksums_only_when_asked(void **state)
{
	struct buf packed = packed_sample(CODEC_GZIP);
	struct flat flat = { 0 };

	(void)state;
	packed.text[packed.len - 6] ^= 1; /* its CRC-32 */
	assert_int_equal(unpack(CODEC_GZIP, false, 1 << 20, packed.text, packed.len, 4096, &flat), 0);
	flat_done(&flat);
	assert_int_equal(unpack(CODEC_GZIP, true, 1 << 20, packed.text, packed.len, 4096, &flat), -EBADMSG);
	flat_done(&flat);
	buf_done(&packed);
	packed = packed_sample(CODEC_ZSTD);
	packed.text[packed.len - 2] ^= 1; /* its XXH64 */
	assert_int_equal(unpack(CODEC_ZSTD, false, 1 << 20, packed.text, packed.len, 4096, &flat), 0);
	flat_done(&flat);
	assert_int_equal(unpack(CODEC_ZSTD, true, 1 << 20, packed.text, packed.len, 4096, &flat), -EBADMSG);
	flat_done(&flat);
	buf_done(&packed);
}

static void test_bound(void **state)
{
	struct buf in = sample();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct buf packed = packed_sample(all[i]);
		struct flat flat = { 0 };

		assert_int_equal(unpack(all[i], false, in.len, packed.text, packed.len, 4096, &flat), 0);
		flat_done(&flat);
		assert_int_equal(unpack(all[i], false, in.len - 1, packed.text, packed.len, 4096, &flat),
				 -E2BIG);
		assert_true(flat.size <= in.len);
		flat_done(&flat);
		buf_done(&packed);
	}
	buf_done(&in);
}

/* lzma alone says how large its dictionary is: one of 4 GiB is refused before memory is taken. */
static void test_dictionary(void **state)
{
	struct buf packed = packed_sample(CODEC_LZMA);
	struct flat flat = { 0 };

	(void)state;
	set_uint(&packed, 1, 0xc0000000, 4, false);
	assert_int_equal(unpack(CODEC_LZMA, false, 1 << 20, packed.text, packed.len, 4096, &flat), -E2BIG);
	flat_done(&flat);
	buf_done(&packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_detect),	cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_stop),	cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_damaged), cmocka_unit_test(test_checksums_only_when_asked),
		cmocka_unit_test(test_bound),	cmocka_unit_test(test_dictionary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
