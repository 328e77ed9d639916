/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made images in every container and codec, read through the room's own door. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "kernel/image_internal.h"
#include "tests/lib/image_maker.h"

#include <elf.h>
#include <errno.h>

#define N 1500
#define PIECE (64u << 10)

static const enum codec all[] = { CODEC_GZIP, CODEC_BZIP2, CODEC_LZMA, CODEC_XZ,
				  CODEC_LZO,  CODEC_LZ4,   CODEC_ZSTD };
static struct made_symbol *symbols;
static struct image_plan plan;
static struct image_places at;
static struct buf elf;

static int setup(void **state)
{
	static const struct made_symbol special[] = { { "wanted", 't', 0 }, { "table_of_things", 'd', 0 } };

	(void)state;
	symbols = make_symbols(64, true, true, special, ARRAY_SIZE(special), N);
	plan = (struct image_plan){
		.bits = 64,
		.machine = EM_X86_64,
		.layout = 3,
		.encoding = 'C',
		.symbols = symbols,
		.n_symbols = N,
	};
	make_elf(&plan, &elf, &at);
	return 0;
}

/* Feeds all of it; 1 when the image said "enough" before the end. */
static int feed(struct image *im, const struct buf *file, size_t piece, struct error *err)
{
	int rc;

	for (size_t p = 0; p < file->len; p += piece) {
		rc = image_feed(im, (uint8_t *)file->text + p, file->len - p < piece ? file->len - p : piece,
				err);
		if (rc != 0)
			return rc;
	}
	return image_end(im, err);
}

static struct image *read_image(const struct buf *file, enum image_extent extent, int expected)
{
	struct image *im = image_new(extent);
	struct error err = { 0 };
	int rc = feed(im, file, PIECE, &err);

	if (rc != expected)
		fail_msg("%d instead of %d: %s", rc, expected, err.text);
	return im;
}

static void check_contents(const struct image *im)
{
	static const char *const texts[] = {
		MADE_TEXT_INSIDE, "read-only data: %s", MADE_TEXT_BEHIND, "nowhere", "re", ""
	};
	struct image_symbol wanted[] = { { .name = "wanted" }, { .name = "nobody" }, { .name = "_text" } };
	bool found[ARRAY_SIZE(texts)];
	ssize_t size;
	size_t room;
	int code;

	assert_int_equal(image_symbols(im, wanted, ARRAY_SIZE(wanted), NULL), 0);
	assert_int_equal(wanted[0].n, 1);
	assert_int_equal(wanted[1].n, 0);
	assert_int_equal(wanted[2].address, made_base(64));
	assert_int_equal(image_symbol_count(im), N);
	assert_true(image_lists_data(im));
	assert_int_equal(image_strings(im, texts, ARRAY_SIZE(texts), found, NULL), 0);
	assert_true(found[0] && found[1] && !found[2] && !found[3] && found[4] && found[5]);
	assert_string_equal((const char *)image_note(im, MADE_NOTE_OWNER, MADE_NOTE_TYPE, &size), MADE_NOTE);
	assert_int_equal(size, sizeof(MADE_NOTE));
	assert_null(image_note(im, MADE_NOTE_OWNER, MADE_NOTE_TYPE + 1, &size));
	assert_int_equal(size, 0);
	assert_null(image_note(im, "Mad", MADE_NOTE_TYPE, &size));
	assert_memory_equal(image_memory(im, made_base(64) + at.rodata - MADE_TEXT, &room, &code),
			    MADE_TEXT_INSIDE, 20);
	assert_null(image_memory(im, made_base(64) - 1, &room, &code));
	assert_int_equal(code, -ENOENT);
	assert_null(image_memory(im, made_base(64) + at.end - MADE_TEXT, &room, &code)); /* .bss */
	assert_int_equal(code, -ENOENT);
}

static void check_kernel(const struct image *im, const char *codec)
{
	assert_string_equal(image_codec(im), codec);
	assert_string_equal(image_release(im), "6.66.6-made");
	assert_string_equal(image_arch(im), "x86_64");
	assert_int_equal(image_bits(im), 64);
	assert_false(image_big_endian(im));
	check_contents(im);
}

/* What lies behind the notes is there in a whole image, and said to be not there yet in the other. */
static void check_extent(const struct image *im, bool whole)
{
	uint64_t behind = made_base(64) + at.end - MADE_TEXT - 16;
	size_t room;
	int code;
	const uint8_t *p = image_memory(im, behind, &room, &code);

	if (whole) {
		assert_memory_equal(p, elf.text + at.end - 16, 16);
		assert_int_equal(room, 16);
	} else {
		assert_null(p);
		assert_int_equal(code, -EAGAIN);
	}
}

static void test_bzimage(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct buf packed = { 0 }, file;
		struct image *im;
		size_t payload;

		pack(all[i], &elf, &packed);
		make_bzimage(all[i], &packed, elf.len, "6.66.6-made (someone) #1", &file, &payload);
		im = read_image(&file, IMAGE_TO_NOTES, 1);
		check_kernel(im, codec_name(all[i]));
		if (all[i] != CODEC_LZ4 && all[i] != CODEC_ZSTD &&
		    all[i] != CODEC_LZO) /* these end with a block */
			check_extent(im, false);
		image_free(im);
		im = read_image(&file, IMAGE_WHOLE, 0);
		check_kernel(im, codec_name(all[i]));
		check_extent(im, true);
		image_free(im);
		buf_done(&file);
		buf_done(&packed);
	}
}

static void test_pieces_of_any_size(void **state)
{
	static const size_t pieces[] = { 1, 61, 4096, 1u << 20 };
	struct buf packed = { 0 }, file;
	size_t payload;

	(void)state;
	pack(CODEC_ZSTD, &elf, &packed);
	make_bzimage(CODEC_ZSTD, &packed, elf.len, "6.66.6-made ", &file, &payload);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		struct image *im = image_new(IMAGE_WHOLE);

		assert_int_equal(feed(im, &file, pieces[i], NULL), 0);
		check_kernel(im, "zstd");
		image_free(im);
	}
	buf_done(&file);
	buf_done(&packed);
}

static void test_bare_elf(void **state)
{
	struct image *im = read_image(&elf, IMAGE_TO_NOTES, 1);

	(void)state;
	check_kernel(im, "none");
	check_extent(im, false);
	image_free(im);
	im = read_image(&elf, IMAGE_WHOLE, 0);
	check_kernel(im, "none");
	check_extent(im, true);
	image_free(im);
}

static void test_packed_elf(void **state)
{
	struct buf packed = { 0 };
	struct image *im;

	(void)state;
	pack(CODEC_XZ, &elf, &packed);
	im = read_image(&packed, IMAGE_WHOLE, 0);
	check_kernel(im, "xz");
	image_free(im);
	buf_done(&packed);
}

static void test_32_big(void **state)
{
	struct image_plan other = plan;
	struct image_symbol wanted = { .name = "func_77" };
	struct image_places places;
	struct image *im;
	struct buf file;
	ssize_t size;

	(void)state;
	other.bits = 32;
	other.big = true;
	other.machine = EM_386;
	other.encoding = 'B';
	other.symbols = make_symbols(32, false, false, NULL, 0, N);
	make_elf(&other, &file, &places);
	im = read_image(&file, IMAGE_WHOLE, 0);
	assert_string_equal(image_arch(im), "i686");
	assert_int_equal(image_bits(im), 32);
	assert_true(image_big_endian(im));
	assert_int_equal(image_symbols(im, &wanted, 1, NULL), 0);
	assert_int_equal(wanted.address, made_base(32) + 77 * 16);
	assert_false(image_lists_data(im));
	assert_string_equal((const char *)image_note(im, MADE_NOTE_OWNER, MADE_NOTE_TYPE, &size), MADE_NOTE);
	image_free(im);
	buf_done(&file);
	free_symbols((struct made_symbol *)other.symbols, N);
}

static void test_release(void **state)
{
	static const struct {
		const char *version;
		const char *release;
	} cases[] = {
		{ "5.4.0-made (x@y) #1 SMP", "5.4.0-made" },
		/* None of these is a release: the banner is asked instead. */
		{ "", "6.66.6-made" },
		{ "5.4\x01.0 ", "5.4" },
		{ "no number", "6.66.6-made" },
		{ "1234567890123456789012345678901234567890123456789012345678901234567890 ", "6.66.6-made" },
	};
	struct buf packed = { 0 };

	(void)state;
	pack(CODEC_LZ4, &elf, &packed);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct image *im;
		struct buf file;
		size_t payload;

		make_bzimage(CODEC_LZ4, &packed, elf.len, cases[i].version, &file, &payload);
		im = read_image(&file, IMAGE_TO_NOTES, 1);
		assert_string_equal(image_release(im), cases[i].release);
		image_free(im);
		buf_done(&file);
	}
	buf_done(&packed);
}

/* The memory of the made ELF with an arm64 header in front; its last two symbols tell where its notes are. */
static struct buf make_flat(char encoding, struct image_places *places)
{
	struct image_plan flat = { .bits = 64,
				   .machine = EM_AARCH64,
				   .layout = encoding == 'D' ? 4 : 3,
				   .encoding = encoding,
				   .n_symbols = N };
	struct made_symbol *own = make_symbols(64, false, true, NULL, 0, N);
	struct buf whole, out = { 0 };

	free((char *)own[N - 2].name);
	free((char *)own[N - 1].name);
	own[N - 2] = (struct made_symbol){ xstrdup("__start_notes"), 'r', made_base(64) + (1 << 20) };
	own[N - 1] = (struct made_symbol){ xstrdup("__stop_notes"), 'r', made_base(64) + (2 << 20) };
	flat.symbols = own;
	make_elf(&flat, &whole, places);
	buf_done(&whole);
	own[N - 2].address = made_base(64) + places->notes - MADE_TEXT;
	own[N - 1].address = made_base(64) + places->notes_end - MADE_TEXT;
	make_elf(&flat, &whole, places); /* of the same shape, now that this is known */
	buf_add(&out, whole.text + MADE_TEXT, whole.len - MADE_TEXT);
	memcpy(out.text, "MZ@\xfa", 4);
	memcpy(out.text + 0x38, "ARM\x64", 4);
	buf_done(&whole);
	free_symbols(own, N);
	return out;
}

static void check_flat(const struct buf *file, const char *codec, uint64_t base,
		       const struct image_places *places)
{
	/* A stream that has ended is enough; a bare Image ends with its file. */
	struct image *im = read_image(file, IMAGE_TO_NOTES, streq(codec, "none") ? 0 : 1);
	struct image_symbol wanted = { .name = "func_77" };
	size_t room;
	ssize_t size;
	int code;

	assert_string_equal(image_codec(im), codec);
	assert_string_equal(image_arch(im), "aarch64");
	assert_string_equal(image_release(im), "6.66.6-made");
	assert_int_equal(image_symbols(im, &wanted, 1, NULL), 0);
	assert_int_equal(wanted.address, base + 77 * 16);
	assert_memory_equal(image_memory(im, base + places->rodata - MADE_TEXT, &room, &code),
			    MADE_TEXT_INSIDE, 20);
	assert_null(image_memory(im, base + places->end, &room, &code));
	assert_int_equal(code, -ENOENT);
	assert_string_equal((const char *)image_note(im, MADE_NOTE_OWNER, MADE_NOTE_TYPE, &size), MADE_NOTE);
	image_free(im);
}

static void test_arm64(void **state)
{
	(void)state;
	for (const char *encoding = "ABD"; *encoding; encoding++) {
		/* Distances alone do not tell the base: addresses then count from the image's first byte. */
		uint64_t base = *encoding == 'D' ? 0 : made_base(64);
		struct buf packed = { 0 }, boot;
		struct image_places places;
		struct buf file = make_flat(*encoding, &places);

		check_flat(&file, "none", base, &places);
		pack(CODEC_GZIP, &file, &packed);
		check_flat(&packed, "gzip", base, &places);
		make_zboot(&packed, &boot);
		check_flat(&boot, "gzip", base, &places);
		buf_done(&boot);
		buf_done(&packed);
		buf_done(&file);
	}
}

/* A position-independent Image: zero where the base belongs, and a relocation that says what it is. */
static void test_arm64_relocated(void **state)
{
	const uint64_t base = 0xffff800010000000u, text = base + 0x10000;
	struct image_places places;
	struct buf file = make_flat('B', &places);
	struct image_symbol wanted = { .name = "func_77" };
	struct image *im;
	size_t room;
	int code;

	(void)state;
	set_uint(&file, places.base - MADE_TEXT, 0, 8, false);
	put_align(&file, 8);
	for (unsigned i = 0; i < 20; i++) {
		bool this = i == 7;

		put_uint(&file, base + (this ? places.base - MADE_TEXT : 0x1008 + 24 * i), 8, false);
		put_uint(&file, 0x403, 8, false);
		put_uint(&file, this ? text : base + 0x2000 + i, 8, false);
	}
	im = read_image(&file, IMAGE_WHOLE, 0);
	assert_int_equal(image_symbols(im, &wanted, 1, NULL), 0);
	assert_int_equal(wanted.address, text + 77 * 16);
	assert_memory_equal(image_memory(im, base + places.rodata - MADE_TEXT, &room, &code),
			    MADE_TEXT_INSIDE, 20);
	image_free(im);
	buf_done(&file);
}

/* An EFI stub kernel has a PE header that says where its file ends. */
static void test_arm64_truncated(void **state)
{
	struct image_places places;
	struct buf file = make_flat('B', &places);

	(void)state;
	set_uint(&file, 0x3c, 0x40, 4, false);
	memcpy(file.text + 0x40, "PE\0\0", 4);
	set_uint(&file, 0x40 + 6, 1, 2, false);
	set_uint(&file, 0x40 + 20, 0, 2, false);
	set_uint(&file, 0x40 + 24 + 16, file.len - 0x1000, 4, false);
	set_uint(&file, 0x40 + 24 + 20, 0x1000, 4, false);
	image_free(read_image(&file, IMAGE_TO_NOTES, 0));
	file.len--;
	image_free(read_image(&file, IMAGE_TO_NOTES, -EBADMSG));
	buf_done(&file);
}

static void test_ikconfig(void **state)
{
	static const char config[] = "CONFIG_A=y\n# CONFIG_B is not set\n";
	struct buf in = { 0 }, packed = { 0 }, extra = { 0 }, file;
	struct image_plan with = plan;
	struct image_places places;
	struct error err = { 0 };
	struct image *im = read_image(&elf, IMAGE_TO_NOTES, 1);
	size_t size = 0;
	char *text = NULL;

	(void)state;
	assert_int_equal(image_ikconfig(im, &text, &size, NULL), -ENODATA);
	image_free(im);
	buf_add(&in, config, sizeof(config) - 1);
	pack(CODEC_GZIP, &in, &packed);
	buf_add(&extra, "IKCFG_ST", 8);
	buf_add(&extra, packed.text, packed.len);
	buf_add(&extra, "IKCFG_ED", 8);
	with.extra = (uint8_t *)extra.text;
	with.extra_size = extra.len;
	make_elf(&with, &file, &places);
	im = read_image(&file, IMAGE_TO_NOTES, 1);
	assert_int_equal(image_ikconfig(im, &text, &size, &err), 0);
	assert_int_equal(size, sizeof(config) - 1);
	assert_string_equal(text, config);
	free(text);
	image_free(im);
	file.text[places.extra + 8 + packed.len / 2] ^= 0x55;
	im = read_image(&file, IMAGE_TO_NOTES, 1);
	assert_int_equal(image_ikconfig(im, &text, &size, &err), -EBADMSG);
	image_free(im);
	buf_done(&file);
	buf_done(&extra);
	buf_done(&packed);
	buf_done(&in);
}

/* Texts of any length at any place relative to the stride, and none that is not there. */
static void test_strings(void **state)
{
	char text[32];
	const char *one = text;
	bool found;
	struct image *im = read_image(&elf, IMAGE_TO_NOTES, 1);

	(void)state;
	for (size_t from = 0; from < sizeof(MADE_TEXT_INSIDE) - 1; from++)
		for (size_t n = 1; n < sizeof(text) && from + n < sizeof(MADE_TEXT_INSIDE); n++) {
			snprintf(text, n + 1, "%s", &MADE_TEXT_INSIDE[from]);
			assert_int_equal(image_strings(im, &one, 1, &found, NULL), 0);
			assert_true(found);
			if (n < 8)
				continue;
			text[n - 1] ^= 1;
			assert_int_equal(image_strings(im, &one, 1, &found, NULL), 0);
			assert_false(found);
		}
	image_free(im);
}

static void test_unread(void **state)
{
	struct image *im = image_new(IMAGE_TO_NOTES);
	struct image_symbol wanted = { .name = "x" };
	const char *text = "x";
	bool found;
	ssize_t size;
	size_t room;
	int code;

	(void)state;
	assert_string_equal(image_codec(im), "none");
	assert_null(image_release(im));
	assert_null(image_arch(im));
	assert_null(image_note(im, "Xen", 1, &size));
	assert_int_equal(size, -1);
	assert_int_equal(image_symbols(im, &wanted, 1, NULL), -ENODATA);
	assert_int_equal(image_strings(im, &text, 1, &found, NULL), -ENODATA);
	assert_null(image_memory(im, 0, &room, &code));
	image_free(im);
	assert_null(image_free(NULL));
}

static int teardown(void **state)
{
	(void)state;
	free_symbols(symbols, N);
	buf_done(&elf);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bzimage),	 cmocka_unit_test(test_pieces_of_any_size),
		cmocka_unit_test(test_bare_elf), cmocka_unit_test(test_packed_elf),
		cmocka_unit_test(test_32_big),	 cmocka_unit_test(test_release),
		cmocka_unit_test(test_arm64),	 cmocka_unit_test(test_arm64_relocated),
		cmocka_unit_test(test_arm64_truncated), cmocka_unit_test(test_ikconfig), cmocka_unit_test(test_strings),
		cmocka_unit_test(test_unread),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
