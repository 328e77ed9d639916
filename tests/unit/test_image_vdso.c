/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A shared object made by hand, found in a made kernel through its symbols or by its looks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "kernel/vdso.h"
#include "tests/lib/image_maker.h"

#include <elf.h>
#include <errno.h>

#define N 1500

/* Offsets of the parts, which are also their addresses. */
enum {
	DYNAMIC = 0x200,
	SYMBOLS = 0x400,
	STRINGS = 0x600,
	VERSIONS = 0x700,
	DEFINITIONS = 0x780,
	HASH = 0x800,
	END = 0x900
};

/* Offsets of the names in the string table: 1, 10, 17, 24, 34, 42 */
static const char strings[] = "\0say_time\0say_it\0hidden\0LINUX_2.6\0libmade\0weak_one";
enum { SAY_TIME = 1, SAY_IT = 10, HIDDEN = 17, LINUX_2_6 = 24, LIBMADE = 34, WEAK_ONE = 42 };

static void put_symbol(struct buf *b, bool wide, unsigned name, unsigned bind, unsigned section)
{
	put_uint(b, name, 4, false);
	if (!wide)
		put_zeros(b, 8);
	put_uint(b, bind << 4 | STT_FUNC, 1, false);
	put_zeros(b, 1);
	put_uint(b, section, 2, false);
	if (wide)
		put_zeros(b, 16);
}

static void put_to(struct buf *b, size_t offset)
{
	assert_true(b->len <= offset);
	put_zeros(b, offset - b->len);
}

static void put_tag(struct buf *b, unsigned word, unsigned tag, size_t value)
{
	put_uint(b, tag, word, false);
	put_uint(b, value, word, false);
}

static void put_segment(struct buf *b, bool wide, unsigned type, size_t offset, size_t size)
{
	unsigned word = wide ? 8 : 4;

	put_uint(b, type, 4, false);
	if (wide)
		put_uint(b, 5, 4, false);
	for (unsigned i = 0; i < 3; i++)
		put_uint(b, offset, word, false);
	put_uint(b, size, word, false);
	put_uint(b, size, word, false);
	if (!wide)
		put_uint(b, 5, 4, false);
	put_uint(b, 8, word, false);
}

static void put_definition(struct buf *b, unsigned flags, unsigned index, unsigned name, bool last)
{
	put_uint(b, 1, 2, false);
	put_uint(b, flags, 2, false);
	put_uint(b, index, 2, false);
	put_uint(b, 1, 2, false);
	put_uint(b, 0, 4, false);
	put_uint(b, 20, 4, false);
	put_uint(b, last ? 0 : 28, 4, false);
	put_uint(b, name, 4, false);
	put_uint(b, 0, 4, false);
}

/* Either kind of hash table; of the GNU one, only what tells the number of symbols: two buckets, chains of 3
 * and 2. */
static void put_hash(struct buf *b, bool wide, bool gnu)
{
	if (!gnu) {
		put_uint(b, 1, 4, false);
		put_uint(b, 6, 4, false);
		return;
	}
	put_uint(b, 2, 4, false);
	put_uint(b, 1, 4, false);
	put_uint(b, 1, 4, false);
	put_uint(b, 6, 4, false);
	put_zeros(b, wide ? 8 : 4);
	put_uint(b, 1, 4, false);
	put_uint(b, 4, 4, false);
	for (unsigned i = 0; i < 5; i++)
		put_uint(b, i == 2 || i == 4, 4, false);
}

static struct buf make_vdso(bool wide, unsigned machine, bool gnu)
{
	static const unsigned versions[] = { 0, 2, 2, 1, 2, 0x8002 };
	unsigned word = wide ? 8 : 4;
	struct buf b = { 0 };

	buf_add(&b, ELFMAG, SELFMAG);
	put_uint(&b, wide ? ELFCLASS64 : ELFCLASS32, 1, false);
	put_uint(&b, ELFDATA2LSB, 1, false);
	put_uint(&b, EV_CURRENT, 1, false);
	put_zeros(&b, 9);
	put_uint(&b, ET_DYN, 2, false);
	put_uint(&b, machine, 2, false);
	put_uint(&b, 1, 4, false);
	put_uint(&b, 0, word, false);
	put_uint(&b, wide ? 64 : 52, word, false);
	put_uint(&b, 0, word, false);
	put_zeros(&b, 6);
	put_uint(&b, wide ? 56 : 32, 2, false);
	put_uint(&b, 2, 2, false);
	put_zeros(&b, 6);
	put_segment(&b, wide, PT_LOAD, 0, END);
	put_segment(&b, wide, PT_DYNAMIC, DYNAMIC, 9 * 2 * word);
	put_to(&b, DYNAMIC);
	put_tag(&b, word, gnu ? DT_GNU_HASH : DT_HASH, HASH);
	put_tag(&b, word, DT_SYMTAB, SYMBOLS);
	put_tag(&b, word, DT_STRTAB, STRINGS);
	put_tag(&b, word, DT_STRSZ, sizeof(strings));
	put_tag(&b, word, DT_VERSYM, VERSIONS);
	put_tag(&b, word, DT_VERDEF, DEFINITIONS);
	put_tag(&b, word, DT_VERDEFNUM, 2);
	put_tag(&b, word, DT_NULL, 0);
	put_to(&b, SYMBOLS);
	put_symbol(&b, wide, 0, 0, 0);
	put_symbol(&b, wide, SAY_TIME, STB_GLOBAL, 3);
	put_symbol(&b, wide, LINUX_2_6, STB_GLOBAL, SHN_ABS);
	put_symbol(&b, wide, SAY_IT, STB_GLOBAL, 3);
	put_symbol(&b, wide, HIDDEN, STB_LOCAL, 3);
	put_symbol(&b, wide, WEAK_ONE, STB_WEAK, 3);
	put_to(&b, STRINGS);
	buf_add(&b, strings, sizeof(strings));
	put_to(&b, VERSIONS);
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++)
		put_uint(&b, versions[i], 2, false);
	put_to(&b, DEFINITIONS);
	put_definition(&b, VER_FLG_BASE, 1, LIBMADE, false);
	put_definition(&b, 0, 2, LINUX_2_6, true);
	put_to(&b, HASH);
	put_hash(&b, wide, gnu);
	put_to(&b, END);
	return b;
}

static void check_symbols(const struct vdso_symbol *s, size_t n)
{
	assert_int_equal(n, 3);
	assert_string_equal(s[0].name, "say_time");
	assert_string_equal(s[0].version, "LINUX_2.6");
	assert_string_equal(s[1].name, "say_it");
	assert_null(s[1].version);
	assert_string_equal(s[2].name, "weak_one");
	assert_string_equal(s[2].version, "LINUX_2.6");
}

static void test_read(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct buf b = make_vdso(i & 1, i & 1 ? EM_X86_64 : EM_386, i & 2);
		struct vdso_symbol *s = NULL;
		size_t n = 0;

		assert_int_equal(vdso_read((uint8_t *)b.text, b.len, &s, &n, NULL), 0);
		check_symbols(s, n);
		vdso_symbols_free(s, n);
		buf_done(&b);
	}
}

static void test_kinds(void **state)
{
	struct buf b64 = make_vdso(true, EM_X86_64, false), x32 = make_vdso(false, EM_X86_64, false);
	struct buf b32 = make_vdso(false, EM_386, false);

	(void)state;
	assert_true(vdso_begins((uint8_t *)b64.text, b64.len, 64));
	assert_false(vdso_begins((uint8_t *)b64.text, b64.len, 32));
	assert_true(vdso_begins((uint8_t *)x32.text, x32.len, 3264));
	assert_false(vdso_begins((uint8_t *)x32.text, x32.len, 32));
	assert_true(vdso_begins((uint8_t *)b32.text, b32.len, 32));
	assert_false(vdso_begins((uint8_t *)b32.text, b32.len, 3264));
	set_uint(&b64, 16, ET_EXEC, 2, false);
	assert_false(vdso_begins((uint8_t *)b64.text, b64.len, 64));
	buf_done(&b64);
	buf_done(&x32);
	buf_done(&b32);
}

/* Cut off anywhere, or one byte of its tables changed to anything: an answer or an error, never more. */
static void test_hostile(void **state)
{
	struct buf b = make_vdso(true, EM_X86_64, true);
	uint32_t seed = 3;

	(void)state;
	for (size_t n = 0; n < b.len; n += 7) {
		_cleanup_(freep) uint8_t *cut = xmalloc(n);
		struct vdso_symbol *s = NULL;
		size_t count = 0;

		memcpy(cut, b.text, n);
		assert_true(n > HASH || vdso_read(cut, n, &s, &count, NULL) == -EBADMSG);
	}
	for (unsigned i = 0; i < 3000; i++) {
		_cleanup_(freep) uint8_t *copy = xmalloc(b.len);
		struct vdso_symbol *s = NULL;
		size_t count = 0;

		memcpy(copy, b.text, b.len);
		seed = seed * 1664525 + 1013904223;
		copy[(seed >> 8) % b.len] = (uint8_t)(seed >> 3);
		if (vdso_read(copy, b.len, &s, &count, NULL) == 0)
			vdso_symbols_free(s, count);
	}
	buf_done(&b);
}

/* A page-aligned vDSO in a kernel; `named`: behind a struct of pointer and size that a symbol leads to. */
static struct image *kernel_with(const struct buf *vdso, bool named, bool data, uint64_t size)
{
	struct made_symbol special = { "vdso_image_64", 'd', 0x1000 + 0x1000 };
	struct image_plan plan = {
		.bits = 64, .machine = EM_X86_64, .layout = 3, .encoding = 'B', .n_symbols = N
	};
	struct made_symbol *symbols = make_symbols(64, false, data, &special, named, N);
	struct image *im = image_new(IMAGE_TO_NOTES);
	struct image_places at;
	struct buf extra = { 0 }, file;

	buf_add(&extra, vdso->text, vdso->len);
	put_align(&extra, 0x1000);
	put_uint(&extra, made_base(64) + 0x1000, 8, false);
	put_uint(&extra, size, 8, false);
	plan.extra = (uint8_t *)extra.text;
	plan.extra_size = extra.len;
	plan.symbols = symbols;
	make_elf(&plan, &file, &at);
	assert_int_equal(at.extra, 2 * MADE_TEXT);
	assert_int_equal(image_feed(im, (uint8_t *)file.text, file.len, NULL), 1);
	buf_done(&file);
	buf_done(&extra);
	free_symbols(symbols, N);
	return im;
}

static void test_through_symbols(void **state)
{
	struct buf vdso = make_vdso(true, EM_X86_64, false);
	struct image *im = kernel_with(&vdso, true, true, END);
	struct vdso_symbol *s = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(image_vdso(im, 64, &s, &n, NULL), 0);
	check_symbols(s, n);
	vdso_symbols_free(s, n);
	assert_int_equal(image_vdso(im, 32, &s, &n, NULL), -ENOENT);
	assert_int_equal(image_vdso(im, 3264, &s, &n, NULL), -ENOENT);
	assert_int_equal(image_vdso(im, 16, &s, &n, NULL), -ENODATA);
	image_free(im);
	im = kernel_with(&vdso, true, true, UINT64_MAX); /* a size that cannot be */
	assert_int_equal(image_vdso(im, 64, &s, &n, NULL), -ENODATA);
	image_free(im);
	im = kernel_with(&vdso, true, true, SYMBOLS); /* cut off before its tables */
	assert_int_equal(image_vdso(im, 64, &s, &n, NULL), -ENODATA);
	image_free(im);
	buf_done(&vdso);
}

static void test_by_looks(void **state)
{
	struct buf vdso = make_vdso(true, EM_X86_64, false);
	struct image *im = kernel_with(&vdso, false, false, END);
	struct vdso_symbol *s = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(image_vdso(im, 64, &s, &n, NULL), 0);
	check_symbols(s, n);
	vdso_symbols_free(s, n);
	/* The table does not list data, so another may lie in what was not decoded. */
	assert_int_equal(image_vdso(im, 32, &s, &n, NULL), -EAGAIN);
	image_free(im);
	buf_done(&vdso);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),	 cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_hostile),	 cmocka_unit_test(test_through_symbols),
		cmocka_unit_test(test_by_looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
