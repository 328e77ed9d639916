/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which packages and files make up which kernel. */
#include "test_kernel_tree.h"

#define R9 "6.1.0-9-test"
#define R10 "6.1.0-10-test"

static int setup(void **state)
{
	test_dir_make(state);
	make_parts();
	make_tree("t9", R9);
	make_tree("t10", R10);
	/* One release over three packages, as Debian 7.2 does */
	sh("mkdir -p base bin mod extra\n"
	   "(cd t10; for i in base:boot/config-" R10 " bin:boot/vmlinuz-" R10 " mod:lib/modules/" R10
	   "/kernel/drivers/acme_bus.ko extra:lib/modules/" R10
	   "/kernel/drivers/acme-disk.ko; do\n"
	   "d=../${i%%%%:*}; f=${i#*:}; mkdir -p $d/${f%%/*}; cp $f $d/$f; done)\n"
	   "mkdir -p docs/usr/share/doc/x; echo hello >docs/usr/share/doc/x/README\n"
	   "mkdir -p headers/usr/src/linux; cp t10/boot/config-" R10 " headers/usr/src/linux/.config");
	make_deb("base", "base", "");
	make_deb("bin", "bin", "Depends: base\\n");
	make_deb("mod", "mod", "Depends: base\\nProvides: modules-virtual\\n");
	make_deb("extra", "extra", "Depends: base\\n");
	make_deb("meta", "docs", "Depends: bin, modules-virtual (= 1)\\n");
	make_deb("metameta", "docs", "Depends: meta\\n");
	make_deb("headers", "headers", "Depends: base, extra\\n");
	make_deb("old", "t9", "");
	make_deb("unrelated", "docs", "Depends: libc6\\n");
	return 0;
}

/* A set of files in the directory, as an argument. */
static const char *set_of(const char *const *names)
{
	static struct buf b;

	b.len = 0;
	for (size_t i = 0; names[i]; i++)
		buf_addf(&b, "%s%s/%s", i ? "," : "", test_dir, names[i]);
	return b.text;
}

#define SET(...) set_of((const char *const[]){ __VA_ARGS__, NULL })

static struct facts *read_driver(struct kernel *k, const char *name)
{
	char *symbols[] = { (char *)(streq(name, "acme_bus") ? "ACME" : "ACME_DISK"), NULL };
	struct driver d = { .name = (char *)name, .configs = symbols };
	struct want w = { .kind = WANT_DRIVER, .name = (char *)name };
	struct want_list wants = { .wants = &w, .count = 1, .drivers = &d, .n_drivers = 1 };
	struct facts *f = NULL;
	struct error err = { 0 };

	if (kernel_read(k, &wants, DEPTH_QUICK, &f, &err) < 0)
		fail_msg("%s", err.text);
	return f;
}

static void driver_is(const char *set, const char *driver, enum fact_state state, enum placement placement,
		      const char *package)
{
	struct kernel_list list = { 0 };
	struct facts *f;

	must_open(set, &list, 1);
	f = read_driver(list.kernels[0], driver);
	assert_int_equal(f->facts[0].state, state);
	assert_int_equal(f->facts[0].placement, placement);
	if (package)
		assert_string_equal(f->facts[0].package, package);
	facts_free(f);
	kernel_list_done(&list);
}

static void test_tree(void **state)
{
	struct kernel_list list = { 0 };

	(void)state;
	sh("rm -rf root; mkdir root; cp -a t9/. t10/. root; mkdir -p root/lib/modules/5.5.5-gone/updates;"
	   "cp acme_bus.ko root/lib/modules/5.5.5-gone/updates; cp root/boot/vmlinuz-" R9
	   " root/boot/vmlinuz-" R9 ".old; mkdir -p root/etc; echo x >root/etc/config");
	must_open(in_dir("root"), &list, 2);
	/* In version order, not in that of characters; what a removed kernel left is none. */
	assert_string_equal(kernel_release(list.kernels[0]), R9);
	assert_string_equal(kernel_release(list.kernels[1]), R10);
	assert_non_null(strstr(kernel_label(list.kernels[1]), R10));
	kernel_list_done(&list);
}

static void test_layouts(void **state)
{
	struct kernel_list list = { 0 };

	(void)state;
	/* Everything in the module directory, compressed modules, usr-merged */
	sh("rm -rf new; mkdir -p new/usr/lib/modules; cp -a t10/lib/modules/" R10 " new/usr/lib/modules;"
	   "cd new/usr/lib/modules/" R10 "; cp ../../../../../vmlinux-" R10 " vmlinuz.unsigned;"
	   "cp ../../../../../t10/boot/config-" R10 " config; xz kernel/drivers/*.ko");
	must_open(in_dir("new"), &list, 1);
	assert_string_equal(kernel_release(list.kernels[0]), R10);
	kernel_list_done(&list);
	driver_is(in_dir("new"), "acme_disk", FACT_PRESENT, PLACEMENT_MODULE, NULL);
	/* /lib/modules, and the directory of one release, given as such */
	driver_is(in_dir("new/usr/lib/modules"), "acme_disk", FACT_PRESENT, PLACEMENT_MODULE, NULL);
	driver_is(in_dir("new/usr/lib/modules/" R10), "acme_disk", FACT_PRESENT, PLACEMENT_MODULE, NULL);
	must_open(in_dir("new/usr/lib/modules/" R10 "/"), &list, 1);
	assert_string_equal(kernel_release(list.kernels[0]), R10);
	kernel_list_done(&list);
	must_open(in_dir("t9/boot"), &list, 1);
	assert_string_equal(kernel_release(list.kernels[0]), R9);
	kernel_list_done(&list);
}

static void test_package(void **state)
{
	struct kernel_list list = { 0 };

	(void)state;
	must_open(in_dir("old.deb"), &list, 1);
	assert_string_equal(kernel_label(list.kernels[0]), "old");
	kernel_list_done(&list);
	driver_is(in_dir("old.deb"), "acme_bus", FACT_PRESENT, PLACEMENT_MODULE, "old");
}

static void test_split_set(void **state)
{
	(void)state;
	/* Without a meta package all that is given counts. */
	driver_is(SET("base.deb", "bin.deb", "mod.deb", "extra.deb"), "acme_bus", FACT_PRESENT,
		  PLACEMENT_OTHER, "mod");
	driver_is(SET("base.deb", "bin.deb", "mod.deb", "extra.deb"), "acme_disk", FACT_PRESENT,
		  PLACEMENT_OTHER, "extra");
	/* CONFIG_ACME_DISK=m, and nobody gave the package */
	driver_is(SET("base.deb", "bin.deb", "mod.deb"), "acme_disk", FACT_UNKNOWN, PLACEMENT_NONE, NULL);
}

/* A package over what is installed of its kernel: its own image and config, and the modules that it lacks. */
static void test_over_installed(void **state)
{
	struct kernel_list list = { 0 };
	struct error err = { 0 };

	(void)state;
	driver_is(SET("base.deb", "bin.deb", "t10"), "acme_disk", FACT_PRESENT, PLACEMENT_OTHER, NULL);
	driver_is(SET("t10", "bin.deb"), "acme_bus", FACT_PRESENT, PLACEMENT_OTHER, NULL);
	/* Of another release it is no part of it. */
	assert_int_equal(kernel_open(SET("bin.deb", "t9"), NULL, &list, &err), -EINVAL);
	kernel_list_done(&list);
}

static void test_meta(void **state)
{
	(void)state;
	/* The meta package names the modules by what they provide, and the extra ones not at all. */
	driver_is(SET("base.deb", "bin.deb", "mod.deb", "extra.deb", "meta.deb"), "acme_bus", FACT_PRESENT,
		  PLACEMENT_OTHER, "mod");
	driver_is(SET("meta.deb", "base.deb", "bin.deb", "mod.deb", "extra.deb"), "acme_disk", FACT_ABSENT,
		  PLACEMENT_NOT_REQUIRED, "extra");
	driver_is(SET("metameta.deb", "meta.deb", "base.deb", "bin.deb", "mod.deb", "extra.deb"), "acme_disk",
		  FACT_ABSENT, PLACEMENT_NOT_REQUIRED, "extra");
	/* Headers have files of their own: what they require is not for running the kernel. */
	driver_is(SET("headers.deb", "base.deb", "bin.deb", "mod.deb", "extra.deb"), "acme_disk",
		  FACT_PRESENT, PLACEMENT_OTHER, "extra");
	/* A meta package of something else says nothing. */
	driver_is(SET("unrelated.deb", "base.deb", "bin.deb", "mod.deb", "extra.deb"), "acme_disk",
		  FACT_PRESENT, PLACEMENT_OTHER, "extra");
}

static void test_inputs(void **state)
{
	struct kernel_list list = { 0 };
	struct error err = { 0 };
	struct facts *f;
	char *sum;
	size_t n;

	(void)state;
	must_open(SET("meta.deb", "base.deb", "bin.deb", "mod.deb"), &list, 1);
	assert_string_equal(kernel_label(list.kernels[0]), "bin");
	f = read_driver(list.kernels[0], "acme_bus");
	assert_int_equal(f->n_inputs, 4);
	assert_string_equal(f->version, "1.0-1");
	assert_string_equal(f->release, R10);
	assert_string_equal(f->flavour, "test");
	assert_string_equal(f->arch, "x86_64");
	assert_string_equal(f->inputs[0].sha256, "");
	assert_int_equal(kernel_digest(list.kernels[0], f, &err), 0);
	for (size_t i = 0; i < f->n_inputs; i++) {
		sh("sha256sum %s | cut -c1-64 | tr -d '\\n' >sum", f->inputs[i].path);
		sum = (char *)slurp("sum", &n);
		assert_int_equal(n, 64);
		assert_memory_equal(sum, f->inputs[i].sha256, 64);
		free(sum);
	}
	facts_free(f);
	kernel_list_done(&list);
}

static void test_folder(void **state)
{
	struct kernel_list list = { 0 };
	struct facts *f;

	(void)state;
	sh("rm -rf folder; mkdir folder; cp *.deb folder; rm folder/headers.deb; echo hi >folder/README");
	must_open(in_dir("folder"), &list, 2);
	assert_string_equal(kernel_release(list.kernels[0]), R9);
	assert_string_equal(kernel_release(list.kernels[1]), R10);
	f = read_driver(list.kernels[1], "acme_disk");
	assert_int_equal(f->facts[0].placement, PLACEMENT_NOT_REQUIRED);
	assert_non_null(strstr(f->facts[0].why, "extra"));
	/* base, bin, mod, extra, meta, metameta */
	assert_int_equal(f->n_inputs, 6);
	facts_free(f);
	/* The meta package of one kernel says nothing of another. */
	f = read_driver(list.kernels[0], "acme_disk");
	assert_int_equal(f->facts[0].placement, PLACEMENT_MODULE);
	assert_int_equal(f->n_inputs, 1);
	facts_free(f);
	kernel_list_done(&list);
}

static void test_versions_in_folder(void **state)
{
	struct kernel_list list = { 0 };

	(void)state;
	/* The same ABI in two versions is two kernels; in a set it is a mistake. */
	sh("rm -rf two d; mkdir two; cp base.deb bin.deb two; for i in base bin; do dpkg-deb -R $i.deb d;"
	   "sed -i 's/1.0-1/1.0-2/' d/DEBIAN/control;"
	   "dpkg-deb -Zxz --root-owner-group -b d two/$i-2.deb; rm -r d; done");
	must_open(in_dir("two"), &list, 2);
	for (size_t i = 0; i < 2; i++) {
		struct facts *f = read_driver(list.kernels[i], "acme_bus");

		assert_int_equal(f->n_inputs, 2);
		assert_string_equal(f->inputs[0].version, f->inputs[1].version);
		facts_free(f);
	}
	kernel_list_done(&list);
	must_not_open(SET("two/bin.deb", "two/bin-2.deb"), -EINVAL, "bin.deb|bin-2.deb|" R10);
}

/* Two packages with an image of one release: neither is passed over. */
static void test_twins(void **state)
{
	struct kernel_list list = { 0 };

	(void)state;
	sh("rm -rf twins twin; mkdir -p twins twin/boot; cp t10/boot/vmlinuz-" R10 " twin/boot; cp base.deb bin.deb twins");
	make_deb("bin-unsigned", "twin", "Depends: base\\n");
	must_open(in_dir("twins"), &list, 1);
	kernel_list_done(&list);
	sh("cp bin-unsigned.deb twins");
	must_not_open(in_dir("twins"), -EINVAL, "twins/bin.deb|twins/bin-unsigned.deb|" R10);
	must_not_open(SET("bin.deb", "base.deb", "bin-unsigned.deb"), -EINVAL, "/bin.deb|/bin-unsigned.deb|" R10);
	/* Where each has all that it needs in itself, a folder holds two kernels; to name both as one is wrong all the same. */
	sh("rm -rf twins; mkdir twins; cp bin.deb bin-unsigned.deb twins");
	must_open(in_dir("twins"), &list, 2);
	kernel_list_done(&list);
	must_not_open(SET("bin.deb", "bin-unsigned.deb"), -EINVAL, "/bin.deb|/bin-unsigned.deb|" R10);
}

static void test_refused(void **state)
{
	(void)state;
	must_not_open(SET("base.deb", "old.deb"), -EINVAL, R9 "|" R10 "|base.deb|old.deb");
	must_not_open(SET("bin.deb", "t9/boot/config-" R9), -EINVAL, R9 "|" R10 "|config-" R9);
	must_not_open(in_dir("meta.deb"), -ENOENT,
		      "meta.deb|holds no kernel|meta package|bin|modules-virtual");
	must_not_open(in_dir("headers.deb"), -ENOENT, "headers.deb|holds no kernel");
	must_not_open(in_dir("nowhere.deb"), -ENOENT, "nowhere.deb|No such file");
	sh("rm -rf empty; mkdir -p empty/docs; cp unrelated.deb empty/docs");
	must_not_open(in_dir("empty"), -ENOENT, "empty|holds no kernel");
	must_not_open(in_dir("empty/docs"), -ENOENT, "holds no kernel");
	sh("head -c 500 bin.deb >cut.deb; rm -rf bent; mkdir bent; cp base.deb cut.deb bent");
	must_not_open(in_dir("cut.deb"), -EBADMSG, "cut.deb|truncated");
	must_not_open(in_dir("bent"), -EBADMSG, "cut.deb|truncated");
}

static void test_commas(void **state)
{
	struct kernel_list list = { 0 };
	char arg[256];

	(void)state;
	sh("cp old.deb 'a,b.deb'");
	must_open(in_dir("a,b.deb"), &list, 1);
	kernel_list_done(&list);
	snprintf(arg, sizeof(arg), "%s/base.deb,,%s/bin.deb", test_dir, test_dir);
	must_not_open(arg, -EINVAL, "empty path");
	snprintf(arg, sizeof(arg), "%s/base.deb,", test_dir);
	must_not_open(arg, -EINVAL, "empty path");
}

static void test_bare_files(void **state)
{
	struct kernel_list list = { 0 };
	struct facts *f;

	(void)state;
	/* No path tells the release: both go together. */
	sh("cp vmlinux-" R10 " image; cp t10/boot/config-" R10 " settings");
	must_open(SET("image", "settings"), &list, 1);
	assert_null(kernel_release(list.kernels[0]));
	assert_non_null(strstr(kernel_label(list.kernels[0]), "image"));
	f = read_driver(list.kernels[0], "acme_bus");
	assert_int_equal(f->facts[0].state, FACT_PRESENT);
	assert_int_equal(f->n_inputs, 2);
	assert_null(f->version);
	facts_free(f);
	kernel_list_done(&list);
	/* A config beside a package joins it. */
	must_open(SET("settings", "bin.deb"), &list, 1);
	assert_string_equal(kernel_release(list.kernels[0]), R10);
	kernel_list_done(&list);
	must_not_open(SET("image", "vmlinux-" R9), -EINVAL, "image|vmlinux-" R9);
}

static void test_running(void **state)
{
	struct kernel_list list = { 0 };
	struct error err = { 0 };

	(void)state;
	sh("rm -rf run; mkdir run; cp -a t9/. t10/. run");
	assert_int_equal(kernel_open_running(in_dir("run"), NULL, &list, &err), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(kernel_release(list.kernels[0]), R10);
	kernel_list_done(&list);
	assert_int_equal(kernel_open_running(in_dir("empty"), NULL, &list, &err), -ENOENT);
	assert_int_equal(list.count, 0);
}

/* /proc/config.gz is asked when there is no other config. */
static void test_running_proc(void **state)
{
	struct kernel_list list = { 0 };
	struct error err = { 0 };
	struct facts *f;

	(void)state;
	sh("rm -rf run; mkdir -p run/proc; cp -a t10/. run; gzip -c run/boot/config-" R10
	   " >run/proc/config.gz; rm run/boot/config-" R10);
	assert_int_equal(kernel_open_running(in_dir("run"), NULL, &list, &err), 0);
	f = read_driver(list.kernels[0], "acme_bus");
	assert_int_equal(f->facts[0].state, FACT_PRESENT);
	assert_string_equal(f->facts[0].place, "CONFIG_ACME=m");
	facts_free(f);
	kernel_list_done(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),	   cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_package),	   cmocka_unit_test(test_split_set), cmocka_unit_test(test_over_installed),
		cmocka_unit_test(test_meta),	   cmocka_unit_test(test_inputs),
		cmocka_unit_test(test_folder),	   cmocka_unit_test(test_versions_in_folder),
		cmocka_unit_test(test_twins),
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_commas),
		cmocka_unit_test(test_bare_files), cmocka_unit_test(test_running),
		cmocka_unit_test(test_running_proc),
	};

	return cmocka_run_group_tests(tests, setup, test_dir_remove);
}
