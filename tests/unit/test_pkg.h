/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TEST_PKG_H
#define HVCOMPAT_TEST_PKG_H

/*
 * What the tests of pkg/ share: packages are built by the distro's own tools in a directory of the test's
 * own.
 */

#include "pkg/package.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

/* Not every test uses every helper. */
#define TEST_HELPER __attribute__((unused))

static char test_dir[] = "/tmp/hvcompat-pkg-XXXXXX";

TEST_HELPER __attribute__((format(printf, 1, 2))) static void sh(const char *fmt, ...)
{
	char command[8192], whole[8300];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	assert_in_range(n, 1, sizeof(command) - 1);
	snprintf(whole, sizeof(whole), "set -e; cd %s; { %s; } >sh.log 2>&1", test_dir, command);
	n = system(whole);
	if (!WIFEXITED(n) || WEXITSTATUS(n) != 0)
		fail_msg("this shell command failed: %s", command);
}

TEST_HELPER static int unlink_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

TEST_HELPER static void test_dir_remove(void)
{
	nftw(test_dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A path in the test's directory; good for the next three calls. */
TEST_HELPER static const char *in_dir(const char *name)
{
	static char path[4][10000];
	static unsigned turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", test_dir, name);
	return path[turn];
}

/* xorshift64*: the same bytes in every run. */
TEST_HELPER static uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

TEST_HELPER static uint8_t *slurp(const char *path, size_t *ret)
{
	FILE *f = fopen(path, "rb");
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

TEST_HELPER static void spill(const char *path, const void *bytes, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

/* A file of `n` bytes, half of which compress. */
TEST_HELPER static void make_file(const char *name, size_t n, uint64_t seed)
{
	uint8_t *bytes = xmalloc(n);

	seed = seed * 2 + 1;
	for (size_t i = 0; i < n; i++)
		bytes[i] = i / 64 % 2 ? (uint8_t)(i >> 6) : (uint8_t)random_next(&seed);
	spill(in_dir(name), bytes, n);
	free(bytes);
}

TEST_HELPER static struct package *must_open(const char *path, const struct package_options *options)
{
	struct package *p = NULL;
	struct error err = { 0 };

	if (package_open(path, options, &p, &err) < 0)
		fail_msg("package_open: %s", err.text);
	return p;
}

/* That opening fails so, with a sentence that has `text` in it. */
TEST_HELPER static void must_fail(const char *path, int code, const char *text)
{
	struct package *p = NULL;
	struct error err = { 0 };
	int r = package_open(path, NULL, &p, &err);

	if (r != code || p || !strstr(err.text, text))
		fail_msg("%s: %d was expected with \"%s\", but it gave %d: %s", path, code, text, r,
			 err.text);
	assert_int_equal(err.code, code);
}

TEST_HELPER static void must_be_member(const struct package *p, const char *path)
{
	if (package_find(p, path) < 0)
		fail_msg("%s is not listed", path);
}

/*
 * An absolute link leads out of the test's root, where the package has it lead inside: nothing to compare
 * with.
 */
TEST_HELPER static bool is_absolute_link(const char *path)
{
	char target[2] = "";

	return readlink(path, target, 1) == 1 && target[0] == '/';
}

/*
 * Reads the members from `first` on, `n` of them at once, and compares each with ROOT/path. Returns failed
 * reads.
 */
TEST_HELPER static size_t read_and_compare(struct package *p, size_t first, size_t n, const char *root,
					   struct error *err)
{
	struct member_bytes *bytes = xcalloc(n, sizeof(*bytes));
	struct member_read *reads = xcalloc(n, sizeof(*reads));
	const struct member *m;
	size_t failed = 0, size;
	int r;

	package_members(p, &m);
	for (size_t i = 0; i < n; i++) {
		bytes[i].limit = SIZE_MAX;
		reads[i].member = first + i;
		reads[i].sink = member_bytes_sink(&bytes[i]);
	}
	r = package_read(p, reads, n, err);
	for (size_t i = 0; i < n; i++) {
		char name[8192];

		if (reads[i].result != 0) {
			assert_int_equal(reads[i].error.code, reads[i].result);
			assert_true(reads[i].error.text[0] != '\0');
			failed++;
			free(bytes[i].data);
			continue;
		}
		snprintf(name, sizeof(name), "%s/%s", root, m[first + i].path);
		if (is_absolute_link(in_dir(name))) {
			free(bytes[i].data);
			continue;
		}
		uint8_t *want = slurp(in_dir(name), &size);
		if (bytes[i].size != size || (size && memcmp(bytes[i].data, want, size) != 0))
			fail_msg("%s came with other bytes than it has", m[first + i].path);
		free(want);
		free(bytes[i].data);
	}
	assert_int_equal(r<0, failed> 0);
	free(bytes);
	free(reads);
	return failed;
}

/* Every member, all at once and each alone, is what the root has. */
TEST_HELPER static void compare_all(const char *path, const struct package_options *options, const char *root)
{
	struct package *p = must_open(path, options);
	struct error err = { 0 };
	const struct member *m;
	size_t n = package_members(p, &m);

	if (read_and_compare(p, 0, n, root, &err) > 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < n; i++)
		if (read_and_compare(p, i, 1, root, &err) > 0)
			fail_msg("%s", err.text);
	package_free(p);
}

/* Reads the member of that path; returns its result. */
TEST_HELPER static int read_path(struct package *p, const char *path, struct member_bytes *bytes,
				 struct error *err)
{
	struct member_read read = { 0 };
	ssize_t i = package_find(p, path);

	if (i < 0)
		fail_msg("%s is not listed", path);
	*bytes = (struct member_bytes){ .limit = 1 << 24 };
	read.member = (size_t)i;
	read.sink = member_bytes_sink(bytes);
	return package_read(p, &read, 1, err);
}

/*
 * Cut anywhere, the package does not open, and says that it is truncated. Every length up to 600 bytes, then
 * steps.
 */
TEST_HELPER static void truncate_everywhere(const char *path)
{
	size_t size, n, tried = 0;
	uint8_t *bytes = slurp(path, &size);
	char *cut = xstrdup(in_dir("cut.pkg"));

	spill(cut, bytes, 0);
	must_fail(cut, -EBADMSG, "is empty");
	for (n = 1; n < size - 1; n += n < 600 ? 1 : (size - 600) / 150 + 1, tried++) {
		spill(cut, bytes, n);
		must_fail(cut, -EBADMSG, "truncated");
	}
	/* The last byte may be ar's padding. */
	spill(cut, bytes, size - 2);
	must_fail(cut, -EBADMSG, "bytes are missing");
	assert_true(tried > 600);
	free(cut);
	free(bytes);
}

/*
 * With one bit turned, whatever is read under verify is right or refused. Returns how often something was
 * refused.
 */
TEST_HELPER static size_t flip_bits(const char *path, const char *root, unsigned rounds, uint64_t seed)
{
	struct package_options options = { .verify = true, .threads = 2 };
	char *bent = xstrdup(in_dir("bent.pkg"));
	size_t size, refused = 0;
	uint8_t *bytes = slurp(path, &size);

	for (unsigned i = 0; i < rounds; i++) {
		/* behind the magic: without it, it would be a bare file of its own */
		uint64_t bit = 64 + random_next(&seed) % ((size - 8) * 8);
		struct package *p = NULL;
		struct error err = { 0 };
		const struct member *m;

		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		spill(bent, bytes, size);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (package_open(bent, &options, &p, &err) < 0)
			refused++;
		else
			refused += read_and_compare(p, 0, package_members(p, &m), root, &err) > 0;
		package_free(p);
	}
	free(bent);
	free(bytes);
	return refused;
}

#endif
