/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Libraries that are loaded when they are needed. */
#include "base/library.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MATHS(F) F(cbrt) F(hypot)

static struct {
	LIBRARY_SLOTS(MATHS)
} maths;

static struct library maths_library = LIBRARY_INIT("libm.so.6", MATHS, maths);

static void *slots[2];

static void test_loaded(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_null(maths.cbrt);
	assert_int_equal(library_load(&maths_library, &err), 0);
	assert_int_equal((int)maths.cbrt(27.0), 3);
	assert_int_equal((int)maths.hypot(3.0, 4.0), 5);
	assert_int_equal(library_load(&maths_library, &err), 0);
}

static void fails(struct library *l, const char *word)
{
	for (unsigned i = 0; i < 2; i++) { /* the second time as the first */
		struct error err = { 0 };

		assert_int_equal(library_load(l, &err), -ENOENT);
		assert_non_null(strstr(err.text, l->soname));
		assert_non_null(strstr(err.text, word));
		assert_non_null(strstr(err.text, "install"));
	}
}

static void test_missing(void **state)
{
	static const char *const names[] = { "cbrt", "no_such_function" };
	static struct library none = { .soname = "libnowhere.so.7", .names = names, .slots = slots, .n = 2,
				       .once = PTHREAD_ONCE_INIT },
			      other = { .soname = "libm.so.6", .names = names, .slots = slots, .n = 2,
					.once = PTHREAD_ONCE_INIT };

	(void)state;
	fails(&none, "libnowhere.so.7");
	fails(&other, "no_such_function");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_loaded), cmocka_unit_test(test_missing) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
