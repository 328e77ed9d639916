/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TEST_KERNEL_H
#define HVCOMPAT_TEST_KERNEL_H

/* What the tests of src/kernel/ share: modules and packages are made by the distro's own tools in a private
 * directory. */

#include "base/util.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static char test_dir[] = "/tmp/hvcompat-kernel-XXXXXX";

static inline int test_dir_make(void **state)
{
	(void)state;
	return mkdtemp(test_dir) ? 0 : -1;
}

static inline int unlink_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline int test_dir_remove(void **state)
{
	(void)state;
	return nftw(test_dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Runs a command in the directory; its failure is the test's. */
__attribute__((format(printf, 1, 2))) static inline void sh(const char *fmt, ...)
{
	char command[8192], whole[8300];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	assert_in_range(n, 1, sizeof(command) - 1);
	snprintf(whole, sizeof(whole), "set -e; cd %s; { %s\n} >sh.log 2>&1", test_dir, command);
	n = system(whole);
	if (!WIFEXITED(n) || WEXITSTATUS(n) != 0)
		fail_msg("this shell command failed: %s", command);
}

/* A path in the directory; good for the next three calls. */
static inline const char *in_dir(const char *name)
{
	static char path[4][4096];
	static unsigned turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", test_dir, name);
	return path[turn];
}

static inline uint8_t *slurp(const char *name, size_t *ret)
{
	FILE *f = fopen(in_dir(name), "rb");
	uint8_t *bytes;

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	*ret = (size_t)ftell(f);
	rewind(f);
	bytes = xmalloc(*ret);
	assert_int_equal(fread(bytes, 1, *ret, f), *ret);
	fclose(f);
	return bytes;
}

static inline void spill(const char *name, const void *bytes, size_t n)
{
	FILE *f = fopen(in_dir(name), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

#endif
