/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Versions as text, tables of them, and copies of facts. */
#include "test_kernel.h"

#include "kernel/facts.h"
#include "kernel/table.h"

static void parses(const char *text, version_t want)
{
	version_t got = 1;

	assert_int_equal(version_parse(text, &got), 0);
	assert_int_equal(got, want);
}

static void test_version_parse(void **state)
{
	static const char *const bad[] = {
		"", "x", ".1", "-1", "65536", "1.65536", "99999999999999999999", "1.2.3.4.5"
	};
	version_t v = 42;

	(void)state;
	parses("5.3", 0x0005000300000000);
	parses("0.13", 0x0000000d00000000);
	parses("1.7.0.0-k", 0x0001000700000000);
	parses("1.2.3.4", 0x0001000200030004);
	parses("65535", 0xffff000000000000);
	parses("7", 0x0007000000000000);
	parses("1.", 0x0001000000000000);
	parses("2.18.0.0 beta", 0x0002001200000000);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(version_parse(bad[i], &v), -EINVAL);
	/* Untouched on failure. */
	assert_int_equal(v, 42);
}

static void test_version_text(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(version_text(VERSION2(5, 3), 2, text), "5.3");
	assert_string_equal(version_text(VERSION2(0, 13), 2, text), "0.13");
	assert_string_equal(version_text(0x0001000700000000, 4, text), "1.7.0.0");
	assert_string_equal(version_text(0x0007000000000000, 1, text), "7");
	assert_string_equal(version_text(UINT64_MAX, 4, text), "65535.65535.65535.65535");
}

/* Decodes and compares with the text; `want` NULL: must be refused, with a sentence. */
static void decodes(const struct table_layout *l, const struct table_bytes *b, const char *want)
{
	version_t *versions = NULL;
	struct error err = { 0 };
	char *text;
	size_t n;
	int r = table_decode(l, b, &versions, &n, &err);

	if (!want) {
		assert_int_equal(r, -EINVAL);
		assert_true(err.text[0] != '\0');
		return;
	}
	if (r < 0)
		fail_msg("%s", err.text);
	text = table_text(versions, n, table_parts(l->format));
	assert_string_equal(text, want);
	free(text);
	free(versions);
}

static struct table_layout layout(enum table_element element, enum table_format format, enum table_ends ends)
{
	return (struct table_layout){ .element = element, .format = format, .ends = ends, .flag_offset = -1 };
}

static const uint8_t vmbus[] = { 3, 0, 5, 0, 2, 0, 5, 0, 13, 0, 0, 0 };
static const uint8_t vmbus_be[] = { 0, 5, 0, 3, 0, 5, 0, 2, 0, 0, 0, 13 };
/* The same in an image: padded, and something else behind it. */
static const uint8_t vmbus_image[] = { 3, 0, 5, 0, 2, 0, 5, 0, 13, 0, 0, 0, 0, 0, 0, 0, 1, 0, 9, 0 };

static void test_table_formats(void **state)
{
	struct table_layout l = layout(ELEMENT_U32, FORMAT_HI16_LO16, ENDS_SIZE);
	struct table_bytes b = { vmbus, sizeof(vmbus), false, false };

	(void)state;
	decodes(&l, &b, "5.3 5.2 0.13");
	l.format = FORMAT_LO16_HI16;
	decodes(&l, &b, "3.5 2.5 13.0");
	/* 0x50003 needs more than 16 bits. */
	l.format = FORMAT_HI8_LO8;
	decodes(&l, &b, NULL);
	l.format = FORMAT_NUMBER;
	decodes(&l, &b, NULL);
	l.element = ELEMENT_U16;
	decodes(&l, &b, "3 5 2 5 13 0");
	l.format = FORMAT_HI8_LO8;
	b = (struct table_bytes){ (const uint8_t[]){ 2, 6, 0, 4 }, 4, false, false };
	decodes(&l, &b, "6.2 4.0");
	l = layout(ELEMENT_U64, FORMAT_NUMBER, ENDS_SIZE);
	b = (struct table_bytes){ (const uint8_t[]){ 7, 1, 0, 0, 0, 0, 0, 0 }, 8, false, false };
	decodes(&l, &b, "263");
	l = layout(ELEMENT_U32, FORMAT_HI16_LO16, ENDS_SIZE);
	b = (struct table_bytes){ vmbus_be, sizeof(vmbus_be), false, true };
	decodes(&l, &b, "5.3 5.2 0.13");
}

static void test_table_ends(void **state)
{
	struct table_layout l = layout(ELEMENT_U32, FORMAT_HI16_LO16, ENDS_NOT_DESCENDING);
	struct table_bytes image = { vmbus_image, sizeof(vmbus_image), true, false };
	struct table_bytes sized = { vmbus_image, sizeof(vmbus_image), false, false };
	/* 5.3 5.2 | 5.2 : no zero between the table and its neighbour */
	struct table_bytes close = { (const uint8_t[]){ 3, 0, 5, 0, 2, 0, 5, 0, 2, 0, 5, 0 }, 12, true,
				     false };
	struct table_bytes rising = { (const uint8_t[]){ 2, 0, 3, 0, 0, 0, 4, 0, 0, 0, 4, 0 }, 12, true,
				      false };

	(void)state;
	decodes(&l, &image, "5.3 5.2 0.13");
	decodes(&l, &close, "5.3 5.2");
	/* With a size there is no neighbour: what is out of order is not understood. */
	decodes(&l, &sized, NULL);
	sized.size = 16;
	decodes(&l, &sized, "5.3 5.2 0.13");
	l.ends = ENDS_NOT_ASCENDING;
	decodes(&l, &rising, "3.2 4.0");
	rising.open = false;
	decodes(&l, &rising, NULL);
	l.ends = ENDS_ZERO;
	decodes(&l, &image, "5.3 5.2 0.13");
	l.ends = ENDS_SIZE;
	decodes(&l, &image, "5.3 5.2 0.13");
	sized.size = 16;
	decodes(&l, &sized, "5.3 5.2 0.13 0.0");
}

static void test_table_struct(void **state)
{
	/* {u8 flag, u8, u16 number, u32} */
	static const uint8_t bytes[] = { 1, 9, 5, 0, 9, 9, 9, 9, 0, 9, 6, 0,
					 9, 9, 9, 9, 2, 9, 0, 0, 9, 9, 9, 9 };
	struct table_layout l = layout(ELEMENT_U16, FORMAT_NUMBER, ENDS_SIZE);
	struct table_bytes b = { bytes, sizeof(bytes), false, false };

	(void)state;
	l.stride = 8;
	l.offset = 2;
	decodes(&l, &b, "5 6 0");
	l.flag_offset = 0;
	decodes(&l, &b, "5 0");
	b.size = 23;
	decodes(&l, &b, NULL);
	b.size = 24;
	l.flag_offset = 8;
	decodes(&l, &b, NULL);
	l.flag_offset = -1;
	l.offset = 7;
	decodes(&l, &b, NULL);
	l.offset = 6;
	decodes(&l, &b, "2313 2313 2313");
}

static void test_table_bounds(void **state)
{
	static uint8_t many[4 * 257], zeros[64];
	struct table_layout l = layout(ELEMENT_U32, FORMAT_NUMBER, ENDS_SIZE);
	struct table_bytes b = { many, sizeof(many), false, false };

	(void)state;
	memset(many, 0, sizeof(many));
	for (size_t i = 0; i < 257; i++)
		many[4 * i] = 1;
	decodes(&l, &b, NULL);
	b.open = true;
	decodes(&l, &b, NULL);
	b = (struct table_bytes){ NULL, 4, false, false };
	decodes(&l, &b, "0");
	b.size = 0;
	decodes(&l, &b, "");
	/* In an image nothing at all is no table. */
	b = (struct table_bytes){ zeros, sizeof(zeros), true, false };
	decodes(&l, &b, NULL);
	l.element = 3;
	decodes(&l, &b, NULL);
}

static void test_facts_copy(void **state)
{
	struct facts *f = xcalloc(1, sizeof(*f)), *c;

	(void)state;
	f->release = xstrdup("6.1.0-50-amd64");
	f->count = 1;
	f->facts = xcalloc(1, sizeof(*f->facts));
	f->facts[0].state = FACT_PRESENT;
	f->facts[0].text = xstrdup("5.3");
	f->facts[0].versions = xcalloc(1, sizeof(version_t));
	f->facts[0].versions[0] = VERSION2(5, 3);
	f->facts[0].n_versions = 1;
	f->n_inputs = 1;
	f->inputs = xcalloc(1, sizeof(*f->inputs));
	f->inputs[0].path = xstrdup("a.deb");
	f->n_contradictions = 1;
	f->contradictions = xcalloc(1, sizeof(*f->contradictions));
	f->contradictions[0].what = xstrdup("this and that");
	c = facts_copy(f);
	/* What the copy does is not seen in the original, and outlives it. */
	c->facts[0].versions[0] = 0;
	assert_int_equal(f->facts[0].versions[0], VERSION2(5, 3));
	facts_free(f);
	assert_string_equal(c->release, "6.1.0-50-amd64");
	assert_string_equal(c->facts[0].text, "5.3");
	assert_string_equal(c->inputs[0].path, "a.deb");
	assert_string_equal(c->contradictions[0].what, "this and that");
	assert_null(facts_free(c));
	assert_null(facts_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version_parse), cmocka_unit_test(test_version_text),
		cmocka_unit_test(test_table_formats), cmocka_unit_test(test_table_ends),
		cmocka_unit_test(test_table_struct),  cmocka_unit_test(test_table_bounds),
		cmocka_unit_test(test_facts_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
