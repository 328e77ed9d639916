/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of every layout and encoding, made by image_maker, against what they were made of. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "kernel/kallsyms.h"
#include "tests/lib/image_maker.h"

#include <elf.h>
#include <errno.h>

#define N 1500

static const struct made_symbol special[] = {
	{ "alpha", 't', 0x8000 }, { "alpha", 't', 0 },
	{ "alphabet", 't', 0 },	  { "beta.part.0", 't', 0 },
	{ "gamma.cold", 't', 0 }, { "delta.isra.0.cold", 't', 0 },
	{ "ab", 'T', 0 },	  { "ver_list.2", 'r', 0x10000 },
	{ "eta.cold.part.7", 't', 0 },
	{ "many.1.2.3.4.5.6.7.8.9.a.b.c.d.e.f.g.h.i.j", 't', 0 },
};

static struct image_plan plan_of(unsigned bits, bool big, int layout, char encoding)
{
	return (struct image_plan){
		.bits = bits,
		.big = big,
		.machine = bits == 64 ? EM_X86_64 : EM_386,
		.layout = layout,
		.encoding = encoding,
		.symbols = make_symbols(bits, encoding == 'C', true, special, ARRAY_SIZE(special), N),
		.n_symbols = N,
	};
}

static void free_plan(struct image_plan *plan)
{
	free_symbols((struct made_symbol *)plan->symbols, plan->n_symbols);
}

static int find(const struct buf *image, struct kallsyms *ret, struct error *err)
{
	struct elfimage elf;

	assert_int_equal(elfimage_read((const uint8_t *)image->text, image->len, &elf, err), 0);
	return kallsyms_find(&elf, ret, err);
}

static void check_all(const struct image_plan *plan, const struct kallsyms *k)
{
	struct image_symbol *wanted = xcalloc(plan->n_symbols, sizeof(*wanted));

	for (size_t i = 0; i < plan->n_symbols; i++)
		wanted[i].name = plan->symbols[i].name;
	kallsyms_lookup(k, wanted, plan->n_symbols);
	for (size_t i = 0; i < plan->n_symbols; i++) {
		const struct made_symbol *s = &plan->symbols[i];

		if (streq(s->name, "alpha"))
			continue;
		assert_int_equal(wanted[i].n, 1);
		assert_int_equal(wanted[i].address, s->address);
		assert_int_equal(wanted[i].type, s->type);
		assert_int_equal(wanted[i].next, i + 1 < plan->n_symbols ? s[1].address : 0);
	}
	free(wanted);
}

static void check_table(unsigned bits, bool big, int layout, char encoding, unsigned marker_size)
{
	struct image_plan plan = plan_of(bits, big, layout, encoding);
	struct image_places at;
	struct error err = { 0 };
	struct kallsyms k;
	struct buf image;

	plan.marker_size = marker_size;
	make_elf(&plan, &image, &at);
	if (find(&image, &k, &err) != 0)
		fail_msg("%u bit, big %d, L%d, %c: %s", bits, big, layout, encoding, err.text);
	assert_int_equal(k.layout, layout);
	assert_int_equal(k.encoding, encoding);
	assert_int_equal(k.count, N);
	assert_int_equal(k.names, at.names);
	assert_int_equal(k.markers, at.markers);
	assert_int_equal(k.token_table, at.tokens);
	assert_int_equal(k.token_index, at.index);
	assert_int_equal(k.addresses, at.addresses);
	assert_int_equal(k.seqs, at.seqs);
	assert_true(k.lists_data);
	check_all(&plan, &k);
	buf_done(&image);
	free_plan(&plan);
}

static void test_64(void **state)
{
	(void)state;
	for (int layout = 1; layout <= 3; layout++)
		for (char encoding = 'A'; encoding <= 'C'; encoding++)
			for (int big = 0; big <= 1; big++)
				check_table(64, big, layout, encoding, 4);
	check_table(64, false, 4, 'D', 4);
	check_table(64, true, 4, 'D', 4);
}

static void test_32(void **state)
{
	(void)state;
	for (int layout = 1; layout <= 3; layout++)
		for (char encoding = 'A'; encoding <= 'B'; encoding++)
			for (int big = 0; big <= 1; big++)
				/* Without padding, absolute addresses in layouts 3 and 4 are the same bytes.
				 */
				if (layout != 3 || encoding != 'A')
					check_table(32, big, layout, encoding, 4);
	check_table(32, false, 4, 'A', 4);
	check_table(32, false, 4, 'D', 4);
}

static void test_markers_of_64_bit(void **state)
{
	(void)state;
	check_table(64, false, 1, 'C', 8);
	check_table(64, true, 1, 'A', 8);
	check_table(64, false, 1, 'B', 8);
}

static void test_matching(void **state)
{
	struct image_symbol wanted[] = {
		{ .name = "alpha" },	  { .name = "beta" },  { .name = "gamma" },
		{ .name = "gamma.cold" }, { .name = "delta" }, { .name = "ver_list" },
		{ .name = "ver_list.2" }, { .name = "ab" },    { .name = "alph" },
		{ .name = "beta.part" },  { .name = "alpha" }, { .name = "delta.isra" },
		{ .name = "eta" },	  { .name = "eta.cold" }, { .name = "eta.cold.part" },
		/* Sixteen suffixes are taken off, and no more. */
		{ .name = "many" },	  { .name = "many.1.2.3.4.5.6.7.8.9.a.b.c.d.e.f" },
		{ .name = "many.1.2.3.4.5.6.7.8.9.a.b.c.d.e.f.g" },
	};
	static const size_t counts[] = { 2, 1, 0, 1, 0, 1, 1, 1, 0, 1, 2, 0, 0, 1, 1, 1, 1, 0 };
	struct image_plan plan = plan_of(64, false, 3, 'C');
	struct image_places at;
	struct kallsyms k;
	struct buf image;

	(void)state;
	make_elf(&plan, &image, &at);
	assert_int_equal(find(&image, &k, NULL), 0);
	kallsyms_lookup(&k, wanted, ARRAY_SIZE(wanted));
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		assert_int_equal(wanted[i].n, counts[i]);
	assert_int_equal(wanted[0].address, made_base(64) + 0x8000);
	assert_int_equal(wanted[0].next, made_base(64) + 0x8010);
	assert_int_equal(wanted[5].address, wanted[6].address);
	assert_int_equal(wanted[5].type, 'r');
	buf_done(&image);
	free_plan(&plan);
}

static void test_one_letter(void **state)
{
	struct image_symbol wanted[] = { { .name = "a" }, { .name = "alpha" }, { .name = "" } };
	struct image_plan plan = plan_of(64, false, 1, 'B');
	struct image_places at;
	struct kallsyms k;
	struct buf image;

	(void)state;
	make_elf(&plan, &image, &at);
	assert_int_equal(find(&image, &k, NULL), 0);
	kallsyms_lookup(&k, wanted, ARRAY_SIZE(wanted));
	assert_int_equal(wanted[0].n, 0);
	assert_int_equal(wanted[1].n, 2);
	assert_int_equal(wanted[2].n, 0);
	buf_done(&image);
	free_plan(&plan);
}

static void test_text_only(void **state)
{
	struct image_plan plan = plan_of(32, false, 1, 'B');
	struct image_places at;
	struct kallsyms k;
	struct buf image;

	(void)state;
	free_plan(&plan);
	plan.symbols = make_symbols(32, false, false, special, 7, N); /* the eighth is data */
	make_elf(&plan, &image, &at);
	assert_int_equal(find(&image, &k, NULL), 0);
	assert_false(k.lists_data);
	buf_done(&image);
	free_plan(&plan);
}

/* One place changed at a time: what was found must not be believed any more. */
static void test_contradictions(void **state)
{
	static const char *const what[] = { "count",   "marker", "name length", "token index",
					    "address", "base",	 "order" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(what); i++) {
		struct image_plan plan = plan_of(64, false, 3, 'C');
		struct image_places at;
		struct error err = { 0 };
		struct kallsyms k;
		struct buf image;
		int rc;

		make_elf(&plan, &image, &at);
		switch (i) {
		case 0:
			set_uint(&image, at.count, N - 1, 4, false);
			break;
		case 1:
			set_uint(&image, at.markers + 16, 5, 4, false);
			break;
		case 2:
			image.text[at.names + 60]++;
			break;
		case 3:
			set_uint(&image, at.index + 2 * 0x90, 3, 2, false);
			break;
		case 4:
			set_uint(&image, at.addresses + 4 * 900, 1, 4, false);
			break;
		case 5:
			set_uint(&image, at.base, 0x1234, 8, false);
			break;
		case 6:
			set_uint(&image, at.seqs + 30, 0, 3, true);
			break;
		}
		rc = find(&image, &k, &err);
		if (rc != (i == 3 ? -ENODATA : -EBADMSG))
			fail_msg("a wrong %s: %d %s", what[i], rc, err.text);
		buf_done(&image);
		free_plan(&plan);
	}
}

static void test_absurd_counts(void **state)
{
	static const uint32_t counts[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct image_plan plan = plan_of(64, false, 4, 'D');
		struct image_places at;
		struct kallsyms k;
		struct buf image;

		make_elf(&plan, &image, &at);
		set_uint(&image, at.count, counts[i], 4, false);
		assert_int_equal(find(&image, &k, NULL), -EBADMSG);
		buf_done(&image);
		free_plan(&plan);
	}
}

/* 3 MB of what looks like tokens at every 20 bytes, and of markers at every four: bounded, not quadratic. */
static void test_decoys(void **state)
{
	struct image_plan plan = plan_of(64, false, 3, 'B');
	struct image_places at;
	struct kallsyms k;
	struct buf image;

	(void)state;
	make_elf(&plan, &image, &at);
	set_uint(&image, at.count, 7, 4, false);
	for (unsigned i = 0; i < 150000; i++)
		buf_add(&image,
			"0\0"
			"1\0"
			"2\0"
			"3\0"
			"4\0"
			"5\0"
			"6\0"
			"7\0"
			"8\0"
			"9",
			20);
	assert_int_equal(find(&image, &k, NULL), -EBADMSG);
	memset(image.text + MADE_TEXT, 0, at.count - MADE_TEXT);
	for (size_t p = MADE_TEXT; p < at.count - 16; p += 16)
		for (unsigned j = 1; j < 4; j++)
			set_uint(&image, p + 4 * j, 600 * j, 4, false);
	assert_int_equal(find(&image, &k, NULL), -EBADMSG);
	buf_done(&image);
	free_plan(&plan);
}

static void test_none(void **state)
{
	struct image_plan plan = plan_of(64, false, 3, 'B');
	struct image_places at;
	struct error err = { 0 };
	struct kallsyms k;
	struct buf image;

	(void)state;
	make_elf(&plan, &image, &at);
	memset(image.text + at.tokens, 0, at.index - at.tokens);
	assert_int_equal(find(&image, &k, &err), -ENODATA);
	assert_non_null(strstr(err.text, "kallsyms"));
	buf_done(&image);
	free_plan(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_64),
		cmocka_unit_test(test_32),
		cmocka_unit_test(test_markers_of_64_bit),
		cmocka_unit_test(test_matching),
		cmocka_unit_test(test_one_letter),
		cmocka_unit_test(test_text_only),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_absurd_counts),
		cmocka_unit_test(test_decoys),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
