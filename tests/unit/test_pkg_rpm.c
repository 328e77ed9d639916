/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rpms, built by rpmbuild at test time; and cpio archives made by hand. */
#include "unit/test_pkg.h"

#include "pkg/entry.h"

#include <sys/mman.h>

static const char spec[] =
	"Name: toy-kernel\nVersion: 1.2\nRelease: 3.fc99\nEpoch: 4\nSummary: toy\nLicense: GPL\n"
	"Requires: kmod >= 1, linux-firmware\nProvides: toy-virtual = 4, toy-least >= 5, toy-bare\nAutoReqProv: no\n"
	"%define __os_install_post %{nil}\n%define _build_id_links none\n"
	"%description\ntoy\n"
	"%install\ncp -a %{toyroot}/. %{buildroot}\n"
	"%files\n/lib/modules/x\n%ghost /boot/initramfs\n%config /etc/toy.conf\n";

static void build(const char *payload, const char *name)
{
	sh("rpmbuild -bb --quiet --target x86_64 --define '_topdir %s/top' --define 'toyroot %s/root' "
	   "--define '_binary_payload %s' toy.spec; mv top/RPMS/x86_64/*.rpm %s.rpm",
	   test_dir, test_dir, payload, name);
}

static int setup(void **state)
{
	char name[128];

	(void)state;
	assert_non_null(mkdtemp(test_dir));
	sh("mkdir -p root/lib/modules/x/kernel root/boot root/etc");
	make_file("root/lib/modules/x/config", 5000, 1);
	make_file("root/lib/modules/x/vmlinuz", 150000, 2);
	make_file("root/boot/initramfs", 100, 3);
	make_file("root/etc/toy.conf", 30, 4);
	for (unsigned i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "root/lib/modules/x/kernel/mod%02u.ko", i);
		make_file(name, 1 + 1500 * i, 10 + i);
	}
	sh("cd root/lib/modules/x; ln kernel/mod05.ko kernel/a-hard.ko; ln kernel/mod05.ko kernel/z-hard.ko;"
	   "ln -s kernel/mod03.ko relative; ln -s /lib/modules/x/config absolute; ln -s /usr/src/none build; "
	   ": >empty");
	spill(in_dir("toy.spec"), spec, strlen(spec));
	build("w3.zstdio", "zstd");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_dir_remove();
	return 0;
}

static bool has(char **list, const char *name)
{
	for (; *list; list++)
		if (streq(*list, name))
			return true;
	return false;
}

/* The version that a name is provided in; NULL where it is not provided. */
static const char *version_of(const struct package_info *info, const char *name)
{
	for (size_t i = 0; info->provides[i]; i++)
		if (streq(info->provides[i], name))
			return info->provides_versions[i];
	return NULL;
}

static void check_header(const struct package *p)
{
	const struct package_info *info = package_info(p);
	const struct member *m;
	size_t n = package_members(p, &m);

	assert_int_equal(info->format, PACKAGE_RPM);
	assert_string_equal(info->name, "toy-kernel");
	assert_string_equal(info->version, "4:1.2-3.fc99");
	assert_string_equal(info->arch, "x86_64");
	assert_true(has(info->requires, "kmod") && has(info->requires, "linux-firmware"));
	assert_true(has(info->provides, "toy-virtual") && has(info->provides, "toy-kernel"));
	assert_string_equal(version_of(info, "toy-virtual"), "4");
	assert_string_equal(version_of(info, "toy-kernel"), "4:1.2-3.fc99");
	assert_string_equal(version_of(info, "toy-least"), "");
	assert_string_equal(version_of(info, "toy-bare"), "");
	/* 12 modules, 2 hard links, config, vmlinuz, empty, 3 links, toy.conf; no directory, no ghost. */
	assert_int_equal(n, 21);
	assert_int_equal(package_find(p, "boot/initramfs"), -1);
	assert_int_equal(package_find(p, "lib/modules/x"), -1);
	assert_int_equal(m[package_find(p, "lib/modules/x/vmlinuz")].size, 150000);
	assert_string_equal(m[package_find(p, "lib/modules/x/relative")].target, "kernel/mod03.ko");
}

/* All but the dangling link reads; following links gives their ends, whichever payload. */
static void check_bytes(const char *path, bool verify)
{
	struct package_options o = { .verify = verify };
	struct package *p = must_open(path, &o);
	struct error err = { 0 };
	const struct member *m;
	size_t n = package_members(p, &m);

	for (size_t i = 0; i < n; i++) {
		error_clear(&err);
		if (streq(m[i].path, "lib/modules/x/build")) {
			assert_int_equal(read_and_compare(p, i, 1, "root", &err), 1);
			assert_int_equal(err.code, -ENOENT);
			assert_non_null(strstr(err.text, "usr/src/none"));
		} else if (!streq(m[i].path, "lib/modules/x/absolute") &&
			   read_and_compare(p, i, 1, "root", &err) > 0) {
			fail_msg("%s", err.text);
		}
	}
	error_clear(&err);
	assert_int_equal(
		read_and_compare(p, 0, (size_t)package_find(p, "lib/modules/x/absolute"), "root", &err), 0);
	package_free(p);
}

static void check_absolute(const char *path)
{
	struct package *p = must_open(path, NULL);
	struct member_bytes bytes;
	struct error err = { 0 };
	uint8_t *want;
	size_t n;

	assert_int_equal(read_path(p, "lib/modules/x/absolute", &bytes, &err), 0);
	want = slurp(in_dir("root/lib/modules/x/config"), &n);
	assert_int_equal(bytes.size, n);
	assert_memory_equal(bytes.data, want, n);
	free(want);
	free(bytes.data);
	package_free(p);
}

static void test_payloads(void **state)
{
	static const char *const payload[] = { "w3.zstdio", "w2.xzdio", "w6.gzdio",
					       "w9.bzdio",  "w2.lzdio", "w.ufdio" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(payload); i++) {
		char *path = xstrdup(in_dir("this.rpm"));
		struct package *p;

		build(payload[i], "this");
		p = must_open(path, NULL);
		check_header(p);
		package_free(p);
		check_bytes(path, false);
		check_bytes(path, true);
		check_absolute(path);
		free(path);
	}
}

/* Neither HOME nor configuration is needed, and nothing is printed. */
static void test_alone(void **state)
{
	char *home = getenv("HOME") ? xstrdup(getenv("HOME")) : NULL;
	struct package *p;

	(void)state;
	unsetenv("HOME");
	setenv("RPM_CONFIGDIR", "/nowhere", 1);
	p = must_open(in_dir("zstd.rpm"), NULL);
	check_header(p);
	package_free(p);
	unsetenv("RPM_CONFIGDIR");
	if (home)
		setenv("HOME", home, 1);
	free(home);
}

static void test_truncated(void **state)
{
	(void)state;
	truncate_everywhere(in_dir("zstd.rpm"));
}

/*
 * The header has a digest in the signature, each file one in the header: what is left is the lead and the
 * signature.
 */
static void test_flips(void **state)
{
	struct package *p;
	const struct member *m;
	struct error err = { 0 };

	(void)state;
	/* The dangling link would make every round a refusal. */
	sh("rm root/lib/modules/x/build");
	build("w3.zstdio", "zstd");
	build("w2.xzdio", "xz");
	p = must_open(in_dir("zstd.rpm"), NULL);
	assert_int_equal(read_and_compare(p, 0, package_members(p, &m), "root", &err), 0);
	package_free(p);
	assert_in_range(flip_bits(in_dir("zstd.rpm"), "root", 300, 21), 250, 300);
	assert_in_range(flip_bits(in_dir("xz.rpm"), "root", 60, 22), 50, 60);
	sh("ln -s /usr/src/none root/lib/modules/x/build");
	build("w3.zstdio", "zstd");
}

/* One letter of a path in the header: nothing but the header's digest can tell. */
static void test_header_digest(void **state)
{
	size_t n;
	uint8_t *rpm = slurp(in_dir("zstd.rpm"), &n), *at = memmem(rpm, n, "relative", 8);

	(void)state;
	assert_non_null(at);
	at[0] ^= 1;
	spill(in_dir("bent.rpm"), rpm, n);
	must_fail(in_dir("bent.rpm"), -EBADMSG, "SHA-256");
	free(rpm);
}

/* Without a sizes' entry of a whole the header's claims still bound what is taken. */
static void test_header_bomb(void **state)
{
	size_t n;
	uint8_t *rpm = slurp(in_dir("zstd.rpm"), &n);

	(void)state;
	assert_true(n > 112);
	memset(rpm + 96 + 8, 0x7f, 8);
	spill(in_dir("bomb.rpm"), rpm, n);
	must_fail(in_dir("bomb.rpm"), -E2BIG, "signature header");
	memset(rpm + 96, 0, 4);
	spill(in_dir("bomb.rpm"), rpm, n);
	must_fail(in_dir("bomb.rpm"), -EBADMSG, "magic");
	free(rpm);
}

static int names_of(const void *ctx, uint32_t index, struct entry *ret, struct error *err)
{
	(void)ctx;
	if (index != 1)
		return error_set(err, EBADMSG, "no file %u", index);
	strcpy(ret->path, "lib/big");
	ret->type = ENTRY_FILE;
	ret->size = 6;
	return 0;
}

static struct source *source_of(const char *text, size_t n, struct region *r)
{
	struct source *s = NULL;
	int fd = memfd_create("cpio", 0);

	assert_int_equal(write(fd, text, n), n);
	*r = (struct region){ .fd = fd, .size = n, .what = "payload" };
	assert_int_equal(source_open(r, COMPRESSION_NONE, 1 << 20, false, &s, NULL), 0);
	return s;
}

#define FIELD0 "00000000"
#define TRAILER_TEXT                                                                                         \
	"070701" FIELD0 FIELD0 FIELD0 FIELD0 FIELD0 FIELD0 FIELD0 FIELD0 FIELD0 FIELD0 FIELD0                \
	"0000000b" FIELD0 "TRAILER!!!\0\0\0\0"

/* rpm's headers for files of 4 GiB and more: 07070X, file number, padding to 4; then the body. */
static void test_stripped(void **state)
{
	static const char text[] = "07070X00000001\0\0abcdef\0\0" TRAILER_TEXT;
	const struct cpio_files files = { .file = names_of };
	struct entry *e = xcalloc(1, sizeof(*e));
	struct error err = { 0 };
	struct region r;
	struct source *s = source_of(text, sizeof(text) - 1, &r);
	char body[6];

	(void)state;
	assert_int_equal(cpio_next(s, &files, e, &err), 1);
	assert_string_equal(e->path, "lib/big");
	assert_int_equal(e->size, 6);
	assert_int_equal(source_exact(s, body, 6, "", &err), 0);
	assert_memory_equal(body, "abcdef", 6);
	assert_int_equal(source_skip(s, e->padding, "", &err), 0);
	assert_int_equal(cpio_next(s, &files, e, &err), 0);
	source_free(s);
	close(r.fd);

	s = source_of(text, sizeof(text) - 1, &r);
	assert_int_equal(cpio_next(s, NULL, e, &err), -EBADMSG);
	source_free(s);
	close(r.fd);
	free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_payloads),      cmocka_unit_test(test_alone),
		cmocka_unit_test(test_truncated),     cmocka_unit_test(test_flips),
		cmocka_unit_test(test_header_digest), cmocka_unit_test(test_header_bomb),
		cmocka_unit_test(test_stripped),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
