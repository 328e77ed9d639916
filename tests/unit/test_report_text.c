/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/text.h"

/* What is written to a struct text of that width. */
struct sheet {
	struct text text;
	char *bytes;
	size_t size;
};

static void sheet_open(struct sheet *s, unsigned columns)
{
	*s = (struct sheet){ .text.columns = columns };
	s->text.out = open_memstream(&s->bytes, &s->size);
	assert_non_null(s->text.out);
}

static void sheet_is(struct sheet *s, const char *expected)
{
	fclose(s->text.out);
	assert_string_equal(s->bytes, expected);
	free(s->bytes);
}

static void test_width(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("5.3 … 2.4"), 9);
	assert_int_equal(text_width("größer"), 6);
}

/* UTF-8 per RFC 3629: what it forbids must not get through, however a terminal would take it. */
static void test_clean(void **state)
{
	static const struct {
		const char *bytes, *clean;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "gr\xc3\xb6\xc3\x9f"
		  "er … \xf0\x9f\x90\xa7",
		  "gr\xc3\xb6\xc3\x9f"
		  "er … \xf0\x9f\x90\xa7" },
		{ "\033[2J", "?[2J" },       /* ANSI escape */
		{ "a\nb\tc\x7f", "a?b?c?" }, /* controls */
		{ "\xc2\x9b"
		  "2J",
		  "??2J" },                     /* CSI as a C1 control */
		{ "\xc2\xa0", "\xc2\xa0" },     /* the first that is none */
		{ "\xff\xfe", "??" },           /* never in UTF-8 */
		{ "\xc0\xaf", "??" },           /* overlong */
		{ "\xe0\x80\xaf", "???" },      /* overlong */
		{ "\xed\xa0\x80", "???" },      /* surrogate */
		{ "\xf4\x90\x80\x80", "????" }, /* above U+10FFFF */
		{ "cut \xe2\x80", "cut ??" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(freep) char *clean = text_clean(cases[i].bytes);

		assert_string_equal(clean, cases[i].clean);
	}
}

static void test_utf8_keeps_controls(void **state)
{
	_cleanup_(freep) char *s = text_utf8("a\n\xff"
					     "b");

	(void)state;
	assert_string_equal(s, "a\n\xef\xbf\xbd"
			       "b");
}

static void test_wrap(void **state)
{
	struct sheet s;

	(void)state;
	sheet_open(&s, 10);
	text_line(&s.text, 2, INK_PLAIN, "%s", "one two three");
	sheet_is(&s, "  one two\n  three\n");

	/* Ten columns hold ten characters, however many bytes. */
	sheet_open(&s, 10);
	text_line(&s.text, 0, INK_PLAIN, "%s", "5.3 … 2.4 a");
	sheet_is(&s, "5.3 … 2.4\na\n");
	sheet_open(&s, 10);
	text_line(&s.text, 0, INK_PLAIN, "%s", "1234567890 b");
	sheet_is(&s, "1234567890\nb\n");

	/* What has no blank stays whole, and does not loop. */
	sheet_open(&s, 5);
	text_line(&s.text, 1, INK_PLAIN, "%s", "incomprehensibility is long");
	sheet_is(&s, " incomprehensibility\n is\n long\n");
	sheet_open(&s, 10);
	text_line(&s.text, 0, INK_PLAIN, "%s", "a lib/kernel/x.ko b");
	sheet_is(&s, "a\nlib/\nkernel/\nx.ko b\n");
	sheet_open(&s, 40);
	text_line(&s.text, 3, INK_PLAIN, "%s", "");
	sheet_is(&s, "   \n");
}

static void test_item(void **state)
{
	struct sheet s;

	(void)state;
	sheet_open(&s, 12);
	text_item(&s.text, 2, "%s", "one two three");
	sheet_is(&s, "  - one two\n    three\n");
}

static void test_put(void **state)
{
	struct sheet s;

	(void)state;
	sheet_open(&s, 80);
	text_put(&s.text, INK_BAD, "ö\033", 4);
	text_put(&s.text, INK_BAD, "long", 2);
	sheet_is(&s, "ö?  long");

	sheet_open(&s, 80);
	s.text.color = true;
	text_put(&s.text, INK_GOOD, "ok", 4);
	text_put(&s.text, INK_PLAIN, "plain", 0);
	sheet_is(&s, "\033[32mok\033[0m  plain");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_utf8_keeps_controls),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_item),
		cmocka_unit_test(test_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
