/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running other programs: what becomes of signals. */
#include "base/command.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int run_shell(const char *script, struct error *err)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	return command_run(&(struct command){ .argv = argv, .log = -1 }, err);
}

static void (*handler(int number))(int)
{
	struct sigaction action;

	assert_int_equal(sigaction(number, NULL, &action), 0);
	return action.sa_handler;
}

static void test_restored(void **state)
{
	static const struct {
		const char *script;
		int result;
	} runs[] = { { "true", 0 }, { "exit 3", -ECHILD }, { "kill -9 $$", -ECHILD } };

	(void)state;
	signal(SIGHUP, SIG_IGN);
	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		struct error err = { 0 };

		assert_int_equal(run_shell(runs[i].script, &err), runs[i].result);
		assert_ptr_equal(handler(SIGINT), SIG_DFL);
		assert_ptr_equal(handler(SIGTERM), SIG_DFL);
		assert_ptr_equal(handler(SIGHUP), SIG_IGN);
	}
}

static void test_missing(void **state)
{
	const char *const argv[] = { "no-such-program-anywhere", NULL };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(command_run(&(struct command){ .argv = argv, .log = -1 }, &err), -ENOENT);
	assert_ptr_equal(handler(SIGINT), SIG_DFL);
}

/* The last one: it stays stopped. */
static void test_stopped(void **state)
{
	struct error err = { 0 }, again = { 0 };

	(void)state;
	assert_int_equal(run_shell("kill -INT $PPID; exec sleep 60", &err), -EINTR);
	assert_non_null(strstr(err.text, "signal 2"));
	assert_true(command_interrupted());
	assert_ptr_equal(handler(SIGINT), SIG_DFL);
	assert_int_equal(run_shell("true", &again), -EINTR);
	assert_ptr_equal(handler(SIGINT), SIG_DFL);
	command_listen();
	assert_ptr_not_equal(handler(SIGINT), SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restored),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_stopped),
	};

	/* A shell that starts this in the background has it ignored, which stays so. */
	signal(SIGINT, SIG_DFL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
