/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "build/settings.h"
#include "build/state.h"

static void parse(struct settings *s, enum asker kind, const char *name, const char *text)
{
	struct error err = { 0 };

	settings_asker(s, kind, name);
	assert_int_equal(settings_parse(s, text, name, &err), 0);
}

static void test_last_word(void **state)
{
	_cleanup_(settings_done) struct settings s = { 0 };
	_cleanup_(buf_done) struct buf text = { 0 };
	_cleanup_(freep) char *who = NULL;

	(void)state;
	parse(&s, ASKER_BASE, "base", "# a comment\n\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=\"a \\\"b\\\"\"\nCONFIG_D=0x10\n");
	parse(&s, ASKER_FRAGMENT, "more", "CONFIG_B=m\r\nCONFIG_A=n\nCONFIG_E=-5");
	assert_string_equal(settings_find(&s, "A")->value, "n");
	assert_string_equal(settings_find(&s, "B")->value, "m");
	assert_null(settings_find(&s, "F"));
	who = settings_asker_words(&s, settings_find(&s, "B")->asker);
	assert_string_equal(who, "fragment more");
	/* What was set last comes last: of a choice, kconfig takes the last one. */
	settings_text(&s, &text);
	assert_string_equal(text.text, "CONFIG_C=\"a \\\"b\\\"\"\nCONFIG_D=0x10\nCONFIG_B=m\n# CONFIG_A is not set\nCONFIG_E=-5\n");
}

static void test_bad_lines(void **state)
{
	static const char *const bad[] = {
		"CONFIG_A", "CONFIG_=y", "CONFIG_A=", "CONFIG_A=yes", "CONFIG_A=\"open", "CONFIG_A=\"shut\" behind",
		"CONFIG_A B=y", "A=y", "CONFIG_A=0x", "CONFIG_A=0xfg", "CONFIG_A=y z", "\x7f\x45LF",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_(settings_done) struct settings s = { 0 };
		_cleanup_(freep) char *text = xasprintf("CONFIG_X=y\n%s\n", bad[i]);
		struct error err = { 0 };

		settings_asker(&s, ASKER_BASE, "file");
		if (settings_parse(&s, text, "file", &err) != -EBADMSG)
			fail_msg("'%s' was taken", bad[i]);
		assert_non_null(strstr(err.text, "file:2: "));
	}
}

static void test_many(void **state)
{
	_cleanup_(settings_done) struct settings s = { 0 };

	(void)state;
	settings_asker(&s, ASKER_BASE, "many");
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 5000; i++) {
			_cleanup_(freep) char *name = xasprintf("OPTION_%d", i);

			settings_put(&s, name, round ? "y" : "n");
		}
	assert_int_equal(s.n, 5000);
	for (int i = 0; i < 5000; i++) {
		_cleanup_(freep) char *name = xasprintf("OPTION_%d", i);

		assert_string_equal(settings_find(&s, name)->value, "y");
	}
}

static void test_state(void **unused)
{
	char file[] = "/tmp/hvcompat-state-XXXXXX";
	struct state s, again;
	struct error err = { 0 };
	int fd = mkstemp(file);

	(void)unused;
	assert_true(fd >= 0);
	close(fd);
	unlink(file);
	assert_int_equal(state_load(file, &s, &err), 0);
	assert_int_equal(state_set(&s, "done.unpack", "yes", &err), 0);
	assert_int_equal(state_set(&s, "input.source", "a path\nwith a line", &err), 0);
	assert_int_equal(state_set(&s, "gone", "soon", &err), 0);
	assert_int_equal(state_set(&s, "gone", NULL, &err), 0);
	assert_int_equal(state_load(file, &again, &err), 0);
	assert_string_equal(state_get(&again, "done.unpack"), "yes");
	assert_string_equal(state_get(&again, "input.source"), "a path with a line");
	assert_null(state_get(&again, "gone"));
	state_done(&again);
	/* A state that a full disk has cut is not taken for a shorter one. */
	assert_int_equal(truncate(file, 40), 0);
	assert_int_equal(state_load(file, &again, &err), -EBADMSG);
	state_done(&again);
	state_done(&s);
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_word),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
