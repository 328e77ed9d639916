/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images that are cut off, that lie about themselves, or that unpack to too much; and seeded damage anywhere.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "kernel/image_internal.h"
#include "tests/lib/image_maker.h"

#include <elf.h>
#include <errno.h>
#include <zlib.h>

#define N 1500
#define PIECE (64u << 10)

static struct made_symbol *symbols;
static struct image_places at;
static struct buf elf;

static int setup(void **state)
{
	struct image_plan plan = {
		.bits = 64, .machine = EM_X86_64, .layout = 4, .encoding = 'D', .n_symbols = N
	};

	(void)state;
	plan.symbols = symbols = make_symbols(64, false, true, NULL, 0, N);
	make_elf(&plan, &elf, &at);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free_symbols(symbols, N);
	buf_done(&elf);
	return 0;
}

static int read_bytes(struct image *im, const char *bytes, size_t n, struct error *err)
{
	for (size_t p = 0; p < n; p += PIECE) {
		int rc = image_feed(im, (const uint8_t *)bytes + p, n - p < PIECE ? n - p : PIECE, err);

		if (rc != 0)
			return rc;
	}
	return image_end(im, err);
}

static int outcome(const char *bytes, size_t n, enum image_extent extent)
{
	_cleanup_(image_freep) struct image *im = image_new(extent);
	struct error err = { 0 };
	int rc = read_bytes(im, bytes, n, &err);

	assert_true(rc >= 0 || err.text[0] != '\0'); /* every failure has its sentence */
	assert_true(rc >= 0 || image_end(im, NULL) == rc || image_end(im, NULL) < 0);
	return rc;
}

static struct buf bzimage(enum codec codec, size_t *ret_payload)
{
	struct buf packed = { 0 }, file;

	pack(codec, &elf, &packed);
	make_bzimage(codec, &packed, elf.len, "6.66.6-made ", &file, ret_payload);
	buf_done(&packed);
	return file;
}

static void test_truncated_elf(void **state)
{
	const size_t edges[] = { 1,	    4,	       15,	     63,       64,	 100,
				 64 + 112,  MADE_TEXT, at.rodata,    at.count, at.names, at.markers,
				 at.tokens, at.index,  at.addresses, at.seqs,  at.notes };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(edges); i++)
		for (int more = -1; more <= 1; more++) {
			if (outcome(elf.text, edges[i] + (size_t)more, IMAGE_TO_NOTES) != -EBADMSG)
				fail_msg("cut at %zu%+d", edges[i], more);
			assert_int_equal(outcome(elf.text, edges[i] + (size_t)more, IMAGE_WHOLE), -EBADMSG);
		}
	assert_int_equal(outcome(elf.text, at.notes_end - 1, IMAGE_TO_NOTES), -EBADMSG);
	assert_true(outcome(elf.text, at.notes_end, IMAGE_TO_NOTES) >= 0);
	assert_int_equal(outcome(elf.text, at.end - 1, IMAGE_WHOLE), -EBADMSG);
	assert_int_equal(outcome(elf.text, at.end, IMAGE_WHOLE), 0);
}

static void test_truncated_bzimage(void **state)
{
	static const enum codec codecs[] = { CODEC_GZIP, CODEC_XZ, CODEC_LZ4, CODEC_LZO, CODEC_ZSTD };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++) {
		size_t payload, end;
		struct buf file = bzimage(codecs[i], &payload);

		end = payload + (size_t)load_uint((uint8_t *)file.text + 0x24c, 4, false);
		for (size_t n = 0x300; n < end; n += n + 40 < payload ? 211 : end / 37)
			assert_int_equal(outcome(file.text, n, IMAGE_WHOLE), -EBADMSG);
		for (size_t n = payload - 2; n < payload + 70; n++)
			assert_int_equal(outcome(file.text, n, IMAGE_TO_NOTES), -EBADMSG);
		for (size_t n = end - 6; n < end; n++)
			assert_int_equal(outcome(file.text, n, IMAGE_WHOLE), -EBADMSG);
		assert_int_equal(outcome(file.text, end, IMAGE_WHOLE), 0);
		buf_done(&file);
	}
}

static void test_not_a_kernel(void **state)
{
	struct buf text = { 0 };

	(void)state;
	assert_int_equal(outcome("", 0, IMAGE_TO_NOTES), -EBADMSG);
	assert_int_equal(outcome("x", 1, IMAGE_TO_NOTES), -EBADMSG);
	for (unsigned i = 0; i < 1000; i++)
		buf_addf(&text, "CONFIG_THING_%u=y\n", i);
	assert_int_equal(outcome(text.text, text.len, IMAGE_TO_NOTES), -EBADMSG);
	buf_done(&text);
}

/* One field of a sound image changed. */
static void check_field(const struct buf *file, size_t field, uint64_t value, unsigned size, int expected)
{
	struct buf copy = { 0 };
	int rc;

	buf_add(&copy, file->text, file->len);
	set_uint(&copy, field, value, size, false);
	rc = outcome(copy.text, copy.len, IMAGE_WHOLE);
	if (rc != expected)
		fail_msg("field 0x%zx = 0x%llx: %d instead of %d", field, (unsigned long long)value, rc,
			 expected);
	buf_done(&copy);
}

static void test_lying_setup(void **state)
{
	size_t payload;
	struct buf file = bzimage(CODEC_XZ, &payload);
	uint64_t length = load_uint((uint8_t *)file.text + 0x24c, 4, false);

	(void)state;
	check_field(&file, 0x206, 0x207, 2, -EBADMSG);	    /* protocol */
	check_field(&file, 0x248, 0xffffffff, 4, -EBADMSG); /* payload_offset */
	check_field(&file, 0x248, 0, 4, -EBADMSG);
	check_field(&file, 0x24c, 0, 4, -EBADMSG); /* payload_length */
	check_field(&file, 0x24c, 3, 4, -EBADMSG);
	check_field(&file, 0x24c, length - 1, 4, -EBADMSG);
	check_field(&file, 0x24c, length + 1, 4, -EBADMSG);
	check_field(&file, 0x24c, length + 4000, 4, -EBADMSG);
	check_field(&file, 0x24c, 0xffffffff, 4, -EBADMSG);
	check_field(&file, 0x1f1, 255, 1, -EBADMSG); /* setup_sects */
	check_field(&file, 0x1f1, 0, 1, -EBADMSG);
	check_field(&file, payload, 0, 4, -EBADMSG);			    /* magic of the payload */
	check_field(&file, payload + length - 4, elf.len + 1, 4, -EBADMSG); /* the appended length */
	check_field(&file, payload + length - 4, elf.len, 4, 0);
	buf_done(&file);
}

static void test_lying_elf(void **state)
{
	(void)state;
	check_field(&elf, 4, 3, 1, -EBADMSG);	    /* class */
	check_field(&elf, 5, 0, 1, -EBADMSG);	    /* byte order */
	check_field(&elf, 56, 0, 2, -EBADMSG);	    /* e_phnum */
	check_field(&elf, 56, 0xffff, 2, -EBADMSG); /* PN_XNUM */
	check_field(&elf, 56, 65, 2, -EBADMSG);
	check_field(&elf, 54, 1, 2, -EBADMSG);		/* e_phentsize */
	check_field(&elf, 32, UINT64_MAX, 8, -EBADMSG); /* e_phoff */
	check_field(&elf, 32, 0xfffff, 8, -EBADMSG);
	check_field(&elf, 64 + 8, UINT64_MAX - 100, 8, -EBADMSG);  /* p_offset */
	check_field(&elf, 64 + 16, UINT64_MAX - 100, 8, -EBADMSG); /* p_vaddr */
	check_field(&elf, 64 + 32, 1ull << 40, 8, -EBADMSG);	   /* p_filesz */
	check_field(&elf, 64 + 56 + 8, 1ull << 40, 8, -EBADMSG);   /* p_offset of the notes */
	check_field(&elf, 64 + 56 + 32, 1ull << 30, 8, -EBADMSG);
}

static void test_lying_notes(void **state)
{
	static const uint32_t sizes[] = { 0x7fffffff, 0xffffffff, 0xfffffff0, 1000 };

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		_cleanup_(image_freep) struct image *im = image_new(IMAGE_TO_NOTES);
		struct buf copy = { 0 };
		ssize_t size = 0;

		buf_add(&copy, elf.text, elf.len);
		set_uint(&copy, at.notes + 4 * (i % 2), sizes[i / 2], 4, false);
		assert_int_equal(read_bytes(im, copy.text, copy.len, NULL), 1);
		assert_null(image_note(im, MADE_NOTE_OWNER, MADE_NOTE_TYPE, &size));
		assert_int_equal(size, -1);
		buf_done(&copy);
	}
}

/* 513 MiB of zeros behind a believable header, in two megabytes. */
static void test_bomb(void **state)
{
	z_stream z = { 0 };
	_cleanup_(freep) uint8_t *zeros = xcalloc(1, 1 << 20), *packed = xmalloc(4 << 20);

	(void)state;
	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = packed;
	z.avail_out = 4 << 20;
	for (unsigned i = 0; i < 514; i++) {
		z.next_in = i ? zeros : (uint8_t *)elf.text;
		z.avail_in = i ? 1 << 20 : MADE_TEXT;
		deflate(&z, i == 513 ? Z_FINISH : Z_NO_FLUSH);
	}
	assert_true(z.avail_out > 0 && z.total_in > IMAGE_UNPACKED_MAX);
	assert_int_equal(outcome((char *)packed, z.total_out, IMAGE_WHOLE), -E2BIG);
	deflateEnd(&z);
}

/* Asks everything that can be asked; whatever the answer, it must be one of those that the header names. */
static void ask_everything(const struct image *im)
{
	static const char *const texts[] = { "a message", "x", "nowhere at all" };
	struct image_symbol wanted[] = { { .name = "func_700" }, { .name = "_text" }, { .name = "nobody" } };
	bool found[ARRAY_SIZE(texts)];
	struct vdso_symbol *vdso = NULL;
	size_t room = 0, n = 0;
	ssize_t size;
	char *text = NULL;
	int rc, code;

	image_release(im);
	image_arch(im);
	image_note(im, MADE_NOTE_OWNER, MADE_NOTE_TYPE, &size);
	rc = image_symbols(im, wanted, ARRAY_SIZE(wanted), NULL);
	assert_true(rc == 0 || rc == -ENODATA || rc == -EBADMSG);
	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(wanted); i++) {
		const uint8_t *p = image_memory(im, wanted[i].address, &room, &code);

		for (size_t j = 0; p && j < room && j < 64; j++)
			code += p[j];
	}
	assert_int_equal(image_strings(im, texts, ARRAY_SIZE(texts), found, NULL), 0);
	rc = image_vdso(im, 64, &vdso, &n, NULL);
	assert_true(rc == 0 || rc == -ENOENT || rc == -EAGAIN || rc == -ENODATA);
	if (rc == 0)
		vdso_symbols_free(vdso, n);
	if (image_ikconfig(im, &text, &room, NULL) == 0)
		free(text);
}

/* A few flips in places that matter, out of a fixed seed: the same damage in every run. */
static void damage(struct buf *b, uint32_t *seed, size_t from, size_t to)
{
	for (unsigned flips = 0; flips < 3; flips++) {
		*seed = *seed * 1664525 + 1013904223;
		b->text[from + (*seed >> 8) % (to - from)] ^= (char)(1u << (*seed >> 5 & 7));
	}
}

static void test_damaged_elf(void **state)
{
	const struct {
		size_t from, to;
	} parts[] = { { 0, 200 },
		      { at.count, at.count + 64 },
		      { at.names, at.markers },
		      { at.markers, at.tokens },
		      { at.tokens, at.addresses },
		      { at.addresses, at.seqs },
		      { at.seqs, at.notes },
		      { at.notes, at.notes_end } };
	uint32_t seed = 42;

	(void)state;
	for (unsigned round = 0; round < 800; round++) {
		_cleanup_(image_freep) struct image *im = image_new(round & 1 ? IMAGE_WHOLE : IMAGE_TO_NOTES);
		struct buf copy = { 0 };

		buf_add(&copy, elf.text, elf.len);
		damage(&copy, &seed, parts[round % ARRAY_SIZE(parts)].from,
		       parts[round % ARRAY_SIZE(parts)].to);
		if (read_bytes(im, copy.text, copy.len, NULL) >= 0)
			ask_everything(im);
		buf_done(&copy);
	}
}

static void test_damaged_bzimage(void **state)
{
	static const enum codec codecs[] = { CODEC_GZIP, CODEC_BZIP2, CODEC_LZMA, CODEC_XZ,
					     CODEC_LZO,	 CODEC_LZ4,   CODEC_ZSTD };
	uint32_t seed = 4711;

	(void)state;
	for (unsigned round = 0; round < 42 * ARRAY_SIZE(codecs); round++) {
		static struct buf files[ARRAY_SIZE(codecs)];
		static size_t payloads[ARRAY_SIZE(codecs)];
		size_t c = round % ARRAY_SIZE(codecs), away = round % 3 == 0 ? 64 : 30000;
		_cleanup_(image_freep) struct image *im = image_new(IMAGE_TO_NOTES);
		struct buf copy = { 0 };

		if (!files[c].text)
			files[c] = bzimage(codecs[c], &payloads[c]);
		buf_add(&copy, files[c].text, files[c].len);
		damage(&copy, &seed, round % 5 == 0 ? 0x1f0 : payloads[c], payloads[c] + away);
		if (read_bytes(im, copy.text, copy.len, NULL) >= 0)
			ask_everything(im);
		buf_done(&copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_truncated_elf),
		cmocka_unit_test(test_truncated_bzimage),
		cmocka_unit_test(test_not_a_kernel),
		cmocka_unit_test(test_lying_setup),
		cmocka_unit_test(test_lying_elf),
		cmocka_unit_test(test_lying_notes),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_damaged_elf),
		cmocka_unit_test(test_damaged_bzimage),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
