/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Directories and bare files; and the paths that all formats share. */
#include "unit/test_pkg.h"

#include "pkg/path.h"

#include <sys/inotify.h>

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(test_dir));
	sh("mkdir -p tree/boot tree/usr/lib/modules/x tree/etc outside; echo secret >outside/secret; ln -s "
	   "usr/lib tree/lib");
	make_file("tree/boot/config", 5000, 1);
	make_file("tree/boot/vmlinuz-1", 300000, 2);
	make_file("tree/usr/lib/modules/x/a.ko", 700, 3);
	make_file("tree/etc/passwd", 70, 4);
	make_file("tree/secret", 9, 5);
	sh("cd tree; : >empty; mkfifo boot/fifo; ln -s vmlinuz-1 boot/vmlinuz; ln -s /boot/config "
	   "boot/absolute;"
	   "ln -s ../../outside/secret boot/relative-out; ln -s %s/outside/secret boot/absolute-out;"
	   "ln -s ../../../../../../etc/passwd boot/climb; ln -s loop boot/loop; ln -s /lib/modules boot/dir;"
	   "ln -s /lib/modules/x/a.ko boot/through; ln -s fifo boot/to-fifo; ln -s ../boot/config/x "
	   "boot/under-file",
	   test_dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_dir_remove();
	return 0;
}

static void check_read(struct package *p, const char *path, const char *like)
{
	struct member_bytes bytes;
	struct error err = { 0 };
	uint8_t *want;
	size_t n;

	if (read_path(p, path, &bytes, &err) < 0)
		fail_msg("%s", err.text);
	want = slurp(in_dir(like), &n);
	assert_int_equal(bytes.size, n);
	assert_memory_equal(bytes.data, want, n);
	free(want);
	free(bytes.data);
}

static void check_refused(struct package *p, const char *path, int code)
{
	struct member_bytes bytes;
	struct error err = { 0 };
	int r = read_path(p, path, &bytes, &err);

	if (r != code)
		fail_msg("%s: %d was expected, got %d: %s", path, code, r, err.text);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(bytes.size, 0);
}

static void test_whole(void **state)
{
	struct package *p = must_open(in_dir("tree"), NULL);
	const struct member *m;

	(void)state;
	assert_int_equal(package_info(p)->format, PACKAGE_TREE);
	assert_null(package_info(p)->name);
	assert_non_null(package_info(p)->requires);
	/* 6 files, 10 links in boot, 1 above; no fifo, no directories. */
	assert_int_equal(package_members(p, &m), 17);
	assert_string_equal(m[package_find(p, "lib")].target, "usr/lib");
	assert_int_equal(m[package_find(p, "boot/vmlinuz-1")].size, 300000);
	assert_int_equal(package_find(p, "boot/fifo"), -1);
	check_read(p, "boot/vmlinuz-1", "tree/boot/vmlinuz-1");
	check_read(p, "boot/vmlinuz", "tree/boot/vmlinuz-1");
	check_read(p, "boot/absolute", "tree/boot/config");
	check_read(p, "boot/through", "tree/usr/lib/modules/x/a.ko");
	check_read(p, "empty", "tree/empty");
	package_free(p);
}

/* Links are taken as if the tree were the root: outside of it nothing is ever read. */
static void test_outside(void **state)
{
	struct package *p = must_open(in_dir("tree"), NULL);

	(void)state;
	/* ".." stops at the root, whose own files are then meant. */
	check_read(p, "boot/climb", "tree/etc/passwd");
	check_refused(p, "boot/relative-out", -ENOENT);
	check_refused(p, "boot/absolute-out", -ENOENT);
	check_refused(p, "boot/loop", -ELOOP);
	check_refused(p, "boot/dir", -EISDIR);
	check_refused(p, "boot/under-file", -ENOTDIR);
	check_refused(p, "boot/to-fifo", -EOPNOTSUPP);
	package_free(p);
}

/* Where nobody may look: to open a device or a fifo does something by itself. */
static void test_special(void **state)
{
	_cleanup_(closep) int watch = inotify_init1(IN_NONBLOCK);
	struct package *p = must_open(in_dir("tree"), NULL);
	struct inotify_event event;

	(void)state;
	assert_true(watch >= 0);
	assert_true(inotify_add_watch(watch, in_dir("tree/boot/fifo"), IN_OPEN) >= 0);
	check_refused(p, "boot/to-fifo", -EOPNOTSUPP);
	assert_int_equal(read(watch, &event, sizeof(event)), -1);
	assert_int_equal(errno, EAGAIN);
	package_free(p);
}

static void test_roots(void **state)
{
	static const char *const both[] = { "boot", "lib/modules", "usr/lib/modules", "gone", NULL };
	static const char *const none[] = { "gone", NULL };
	struct package_options o = { .roots = both };
	struct package *p = must_open(in_dir("tree"), &o);
	const struct member *m;

	(void)state;
	/* lib is a link to usr/lib: one directory, listed once, by the name that came first. */
	assert_int_equal(package_members(p, &m), 13);
	assert_int_equal(package_find(p, "etc/passwd"), -1);
	assert_int_equal(package_find(p, "usr/lib/modules/x/a.ko"), -1);
	check_read(p, "lib/modules/x/a.ko", "tree/usr/lib/modules/x/a.ko");
	package_free(p);

	o.roots = none;
	p = must_open(in_dir("tree"), &o);
	assert_int_equal(package_members(p, &m), 17);
	package_free(p);
}

/* The directory between listing and reading is swapped for a link to elsewhere. */
static void test_swapped(void **state)
{
	struct package *p;

	(void)state;
	sh("mkdir -p swap/d; echo mine >swap/d/secret");
	p = must_open(in_dir("swap"), NULL);
	sh("rm -r swap/d; ln -s %s/outside swap/d", test_dir);
	check_refused(p, "d/secret", -ENOENT);
	package_free(p);
}

static void test_deep(void **state)
{
	(void)state;
	sh("mkdir -p $(printf 'deep/'; printf 'd/%%.0s' $(seq 200))");
	must_fail(in_dir("deep"), -E2BIG, "directories below each other");
}

static void test_file(void **state)
{
	struct package *p = must_open(in_dir("tree/boot/config"), NULL);
	struct error err = { 0 };
	const struct member *m;
	char sum[65];

	(void)state;
	assert_int_equal(package_info(p)->format, PACKAGE_FILE);
	assert_int_equal(package_members(p, &m), 1);
	assert_string_equal(m[0].path, "config");
	assert_int_equal(m[0].size, 5000);
	check_read(p, "config", "tree/boot/config");
	package_free(p);

	must_fail(in_dir("tree/empty"), -EBADMSG, "is empty");
	must_fail(in_dir("tree/gone"), -ENOENT, "gone");
	must_fail(in_dir("tree/boot/fifo"), -EOPNOTSUPP, "neither");
	p = must_open(in_dir("tree"), NULL);
	assert_int_equal(package_sha256(p, sum, &err), -EISDIR);
	package_free(p);
}

static void test_paths(void **state)
{
	char out[PKG_PATH_MAX + 1];
	char *longest = xmalloc(PKG_PATH_MAX + 1);

	(void)state;
	assert_true(path_clean("./a//b/./c/", 11, out));
	assert_string_equal(out, "a/b/c");
	assert_true(path_clean("/", 1, out));
	assert_string_equal(out, "");
	assert_false(path_clean("a/../b", 6, out));
	assert_false(path_clean("..", 2, out));
	assert_false(path_clean("a\0b", 3, out));
	memset(longest, 'x', PKG_PATH_MAX + 1);
	assert_true(path_clean(longest, PKG_PATH_MAX, out));
	assert_false(path_clean(longest, PKG_PATH_MAX + 1, out));
	free(longest);

	assert_true(path_order("dvb-usb/x", "dvb-usb-v2") < 0);
	assert_true(path_order("dvb-usb-v2", "dvb-usb/x") > 0);
	assert_true(path_order("a", "a/b") < 0);
	assert_int_equal(path_order("a/b", "a/b"), 0);
	assert_true(path_order("a/\xc3", "a/b") > 0);

	assert_true(path_join("a/b/link", "../x", out));
	assert_string_equal(out, "a/x");
	assert_true(path_join("a/link", "/x/./y", out));
	assert_string_equal(out, "x/y");
	assert_true(path_join("link", "../../../x", out));
	assert_string_equal(out, "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	cmocka_unit_test(test_outside), cmocka_unit_test(test_special),
		cmocka_unit_test(test_roots),
		cmocka_unit_test(test_swapped), cmocka_unit_test(test_deep),	cmocka_unit_test(test_file),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
