/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files out of the packages of a hypervisor, with the libraries that they load; packages are built at test time. */
#include "prove/needs.h"
#include "unit/test_pkg.h"

/* A package of what is below root/; its list names files, not links, as debhelper writes it. */
static void make_deb(const char *file, const char *name, const char *version)
{
	sh("mkdir -p root/DEBIAN; printf 'Package: %s\\nVersion: %s\\nArchitecture: amd64\\nMaintainer: T <t@example.org>\\n"
	   "Description: toy\\n' >root/DEBIAN/control; (cd root && find . -path ./DEBIAN -prune -o -type f -printf '%%P\\n' | "
	   "xargs md5sum >DEBIAN/md5sums); mkdir -p \"$(dirname %s)\"; dpkg-deb --root-owner-group -b root %s >/dev/null; rm -rf root",
	   name, version, file, file);
}

#define CC "gcc -nostdlib -nostartfiles -fPIC -x c - -x none "

/* tool → libone.so.1 → libtwo.so.2, a link, in another package; and its interpreter, another link. */
static void make_tools(const char *dir)
{
	char file[64];

	sh("mkdir -p root/usr/lib/toy root/lib64; echo 'int two(void) { return 2; }' | " CC
	   "-shared -Wl,-soname,libtwo.so.2 -o root/usr/lib/toy/libtwo.so.2.1; ln -s libtwo.so.2.1 root/usr/lib/toy/libtwo.so.2;"
	   "cp root/usr/lib/toy/libtwo.so.2.1 libtwo.so; echo loader >root/usr/lib/toy/ld-2.so;"
	   "ln -s ../usr/lib/toy/ld-2.so root/lib64/ld-toy.so.2");
	snprintf(file, sizeof(file), "%s/base.deb", dir);
	make_deb(file, "base", "1");
	sh("mkdir -p root/usr/lib/toy; echo 'int two(void); int one(void) { return two(); }' | " CC
	   "-shared -Wl,-soname,libone.so.1 -o root/usr/lib/toy/libone.so.1 -Wl,--no-as-needed ./libtwo.so");
	sh("mkdir -p root/usr/bin; echo 'int one(void); void _start(void) { one(); }' | " CC
	   "-pie -o root/usr/bin/tool -Wl,-I,/lib64/ld-toy.so.2 -Wl,--no-as-needed root/usr/lib/toy/libone.so.1 -Wl,--allow-shlib-undefined");
	snprintf(file, sizeof(file), "%s/tools.deb", dir);
	make_deb(file, "toy-tools-4.2", "4.2-1");
}

static void make_hypervisor(const char *file, const char *version)
{
	sh("mkdir -p root/boot; echo 'the hypervisor' | gzip >root/boot/toy-4.2.gz");
	make_deb(file, "toy-hypervisor-4.2", version);
}

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(test_dir));
	make_hypervisor("all/toy-4.2/h.deb", "4.2-1");
	make_tools("all/toy-4.2");
	make_hypervisor("alone/h.deb", "4.2-1");
	make_tools("tools");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_dir_remove();
	return 0;
}

static const struct wanted_file both[] = {
	{ .package = "toy-hypervisor-4.*", .version = "4.2*", .member = "boot/toy-*.gz", .name = "toy", .unpack = true },
	{ .package = "toy-tools-4.2", .member = "*bin/tool", .name = "/bin/tool", .libraries = true },
};

static int read_from(const char *dir, const struct wanted_file *files, size_t n, struct needed *ret, struct error *err)
{
	const char *with[] = { in_dir(dir), NULL };

	return needs_read(files, n, with, ret, err);
}

static void test_all(void **state)
{
	static const char *const names[] = { "toy", "/bin/tool", "/lib64/ld-toy.so.2", "/usr/lib/toy/libone.so.1",
					     "/usr/lib/toy/libtwo.so.2" };
	_cleanup_(needed_done) struct needed found = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_return_code(read_from("all", both, 2, &found, &err), 0);
	assert_int_equal(found.count, ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_string_equal(found.files[i].name, names[i]);
	assert_true(endswith(found.dir, "/all/toy-4.2"));
	assert_int_equal(found.files[0].size, strlen("the hypervisor\n"));
	assert_memory_equal(found.files[0].bytes, "the hypervisor\n", found.files[0].size);
	assert_string_equal(found.files[0].version, "4.2-1");
	assert_memory_equal(found.files[2].bytes, "loader\n", found.files[2].size);
	assert_string_equal(found.files[4].package, "base");
	assert_memory_equal(found.files[4].bytes, "\177ELF", 4);
}

static void fails(const char *dir, const struct wanted_file *files, size_t n, int code, const char *word)
{
	_cleanup_(needed_done) struct needed found = { 0 };
	struct error err = { 0 };

	assert_int_equal(read_from(dir, files, n, &found, &err), code);
	assert_int_equal(err.code, code);
	if (!strstr(err.text, word))
		fail_msg("'%s' does not say '%s'", err.text, word);
	assert_null(found.files);
}

static void test_missing(void **state)
{
	struct wanted_file other = both[0];

	(void)state;
	/* Each of two directories has its half: tools are not taken from another release than the hypervisor. */
	fails("", both, 2, -ENOENT, "no package toy-tools-4.2");
	fails("alone", both, 2, -ENOENT, "toy-tools-4.2");
	fails("tools", both, 1, -ENOENT, "toy-hypervisor");
	fails("tools", both, 1, -ENOENT, "--with");
	fails("nowhere", both, 1, -ENOENT, "nowhere");
	other.version = "4.3*";
	fails("alone", &other, 1, -ENOENT, "4.3*");
	other = both[0];
	other.member = "boot/none";
	fails("alone", &other, 1, -ENOENT, "h.deb has no boot/none");
	sh("mkdir -p lacks; cp tools/tools.deb lacks");
	fails("lacks", &both[1], 1, -ENOENT, "ld-toy.so.2");
	assert_int_equal(needs_read(both, 1, NULL, &(struct needed){ 0 }, NULL), -ENOENT);
}

static void test_ambiguous(void **state)
{
	struct wanted_file two = both[0];

	(void)state;
	sh("mkdir -p twice; cp alone/h.deb twice/a.deb");
	make_hypervisor("twice/b.deb", "4.2-2");
	fails("twice", &(struct wanted_file){ .package = "toy-hypervisor-*", .member = "boot/*", .name = "toy" }, 1, -EEXIST, "a.deb");
	two.version = "4.2-2";
	{
		_cleanup_(needed_done) struct needed found = { 0 };
		struct error err = { 0 };

		assert_return_code(read_from("twice", &two, 1, &found, &err), 0);
		assert_string_equal(found.files[0].version, "4.2-2");
	}
	sh("mkdir -p root/boot; touch root/boot/a root/boot/b");
	make_deb("members/m.deb", "m", "1");
	fails("members", &(struct wanted_file){ .package = "m", .member = "boot/?", .name = "m" }, 1, -EEXIST, "boot/b");
}

static void test_hostile(void **state)
{
	(void)state;
	sh("mkdir -p cut; head -c 300 alone/h.deb >cut/h.deb");
	fails("cut", both, 1, -EBADMSG, "h.deb");
	sh("mkdir -p root/boot; echo 'no gzip file' >root/boot/toy-4.2.gz");
	make_deb("plain/h.deb", "toy-hypervisor-4.2", "4.2-1");
	fails("plain", both, 1, -EBADMSG, "toy");
	/* a program that is cut behind its program headers, and one whose headers point behind its end */
	sh("dpkg-deb -x tools/tools.deb whole; mkdir -p root/usr/bin; head -c 700 whole/usr/bin/tool >root/usr/bin/tool");
	make_deb("short/t.deb", "toy-tools-4.2", "1");
	fails("short", &both[1], 1, -EBADMSG, "program header");
	sh("mkdir -p root/usr/bin; head -c 40 whole/usr/bin/tool >root/usr/bin/tool");
	make_deb("shorter/t.deb", "toy-tools-4.2", "1");
	fails("shorter", &both[1], 1, -EBADMSG, "ELF");
}

static void test_record(void **state)
{
	struct recipe_file file = { .name = "toy", .package = "toy-hypervisor-4.2", .member = "boot/toy-4.2.gz",
				    .unpack = UNPACK_YES };
	const struct recipe r = { .files = &file, .files_count = 1 }, none = { 0 };
	const char *with[] = { in_dir("all"), NULL };
	_cleanup_(record_freep) struct record *record = xcalloc(1, sizeof(*record));
	struct error err = { 0 };

	(void)state;
	sh("mkdir -p out");
	assert_return_code(needs_take(&none, NULL, in_dir("out"), record, &err), 0);
	assert_int_equal(record->n_files, 0);
	record->version = xstrdup("emulator 1");
	assert_return_code(needs_take(&r, with, in_dir("out"), record, &err), 0);
	assert_string_equal(record->version, "emulator 1; toy-hypervisor-4.2 4.2-1");
	assert_int_equal(record->n_files, 1);
	assert_string_equal(record->files[0].name, "toy");
	sh("test \"$(sha256sum <out/toy)\" = '%s  -'", record->files[0].sha256);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),     cmocka_unit_test(test_missing), cmocka_unit_test(test_ambiguous),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_record),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
