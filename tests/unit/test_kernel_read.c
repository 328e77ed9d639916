/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a kernel and a want list to facts. */
#include "test_kernel_tree.h"

#define R "6.1.0-10-test"

static int setup(void **state)
{
	test_dir_make(state);
	make_parts();
	make_tree("t", R);
	make_deb("kernel", "t", "");
	return 0;
}

#define STRINGS(...) ((char *[]){ __VA_ARGS__, NULL })

/* The last driver contradicts the config; only one test wants it. */
static bool with_contradiction;

static struct want_list drivers(void)
{
	static struct driver list[9];

	list[0] = (struct driver){ "acme_bus", NULL, STRINGS("ACME_NEW", "ACME") };
	list[1] = (struct driver){ "acme_disk", NULL, STRINGS("ACME_DISK") };
	list[2] = (struct driver){ "acme_builtin", NULL, STRINGS("ACME_BUILTIN") };
	list[3] = (struct driver){ "acme_off", NULL, STRINGS("ACME_OFF") };
	list[4] = (struct driver){ "acme_never", NULL, STRINGS("ACME_NEVER") };
	list[5] = (struct driver){ "acme_lost", NULL, STRINGS("ACME_LOST") };
	list[6] = (struct driver){ "acme_renamed", STRINGS("acme-old", "acme-bus"), STRINGS("ACME") };
	list[7] = (struct driver){ "acme_silent", NULL, STRINGS("ACME_BUILTIN") };
	list[8] = (struct driver){ "acme_off_but_there", STRINGS("acme_bus"), STRINGS("ACME_OFF") };
	/* STRINGS() are compound literals of this block: make them last. */
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		static char *kept[ARRAY_SIZE(list)][2][4];

		for (unsigned j = 0; j < 2; j++) {
			char ***from = j ? &list[i].also : &list[i].configs;

			for (unsigned n = 0; *from && n < 4; n++) {
				kept[i][j][n] = (*from)[n];
				if (!(*from)[n])
					break;
			}
			*from = *from ? kept[i][j] : NULL;
		}
	}
	return (struct want_list){ .drivers = list, .n_drivers = ARRAY_SIZE(list) - !with_contradiction };
}

/* Reads one kernel with these wants; NULL and *ret_code where that fails. */
static struct facts *try_read(const char *arg, struct want *wants, size_t n, enum depth depth, int *ret_code,
			      struct error *err)
{
	struct want_list list = drivers();
	struct kernel_list kernels = { 0 };
	struct facts *f = NULL;

	must_open(arg, &kernels, 1);
	list.wants = wants;
	list.count = n;
	*ret_code = kernel_read(kernels.kernels[0], &list, depth, &f, err);
	kernel_list_done(&kernels);
	return f;
}

static struct facts *read_wants(const char *arg, struct want *wants, size_t n, enum depth depth)
{
	struct error err = { 0 };
	int r;
	struct facts *f = try_read(arg, wants, n, depth, &r, &err);

	if (r < 0)
		fail_msg("%s: %s", arg, err.text);
	assert_int_equal(f->count, n);
	assert_int_equal(f->depth, depth);
	return f;
}

/* One want, one fact. */
static struct facts *read_one(const char *arg, struct want w, enum depth depth)
{
	return read_wants(arg, &w, 1, depth);
}

static void state_is(const char *arg, struct want w, enum depth depth, enum fact_state state,
		     const char *text)
{
	struct facts *f = read_one(arg, w, depth);

	if (f->facts[0].state != state)
		fail_msg("%s: state %d was expected, it is %d (%s)", w.name, state, f->facts[0].state,
			 f->facts[0].why ? f->facts[0].why : "");
	if (text)
		assert_string_equal(f->facts[0].text, text);
	/* What cannot be told says why; what was found, or not, says where. */
	assert_int_equal(f->facts[0].state == FACT_UNKNOWN, f->facts[0].why != NULL && !f->facts[0].member &&
			 f->facts[0].state == FACT_UNKNOWN);
	if (state == FACT_PRESENT)
		assert_true(f->facts[0].package && f->facts[0].member && f->facts[0].place);
	facts_free(f);
}

#define WANT(k, n, ...)                                                                                      \
	((struct want){ .kind = WANT_##k, .name = (char *)(n), .layout.flag_offset = -1, __VA_ARGS__ })

static void test_config(void **state)
{
	const char *deb = in_dir("kernel.deb");

	(void)state;
	state_is(deb, WANT(CONFIG, "ACME"), DEPTH_QUICK, FACT_PRESENT, "m");
	state_is(deb, WANT(CONFIG, "ACME_OFF"), DEPTH_QUICK, FACT_ABSENT, "n");
	state_is(deb, WANT(CONFIG, "ACME_NEVER"), DEPTH_QUICK, FACT_ABSENT, NULL);
	state_is(deb, WANT(CONFIG, "HZ"), DEPTH_QUICK, FACT_ABSENT, "250");
	state_is(deb, WANT(CONFIG, "HZ", .value = (char *)"250"), DEPTH_QUICK, FACT_PRESENT, "250");
	state_is(deb, WANT(CONFIG, "HZ", .value = (char *)"1000"), DEPTH_QUICK, FACT_ABSENT, "250");
	state_is(deb, WANT(CONFIG_EXISTS, "ACME_OFF"), DEPTH_QUICK, FACT_PRESENT, "n");
	state_is(deb, WANT(CONFIG_EXISTS, "ACME_NEVER"), DEPTH_QUICK, FACT_ABSENT, NULL);
	state_is(deb, WANT(CONFIG, "ACME", .depth = DEPTH_DEEP), DEPTH_NORMAL, FACT_UNREAD, NULL);
}

static void driver_is(const char *arg, const char *name, enum fact_state state, enum placement placement)
{
	struct facts *f = read_one(arg, WANT(DRIVER, name), DEPTH_NORMAL);

	assert_int_equal(f->facts[0].state, state);
	assert_int_equal(f->facts[0].placement, placement);
	facts_free(f);
}

static void test_drivers(void **state)
{
	const char *deb = in_dir("kernel.deb");
	struct facts *f;

	(void)state;
	/* The first symbol does not occur; the second governs. */
	driver_is(deb, "acme_bus", FACT_PRESENT, PLACEMENT_MODULE);
	driver_is(deb, "acme_disk", FACT_PRESENT, PLACEMENT_MODULE);
	driver_is(deb, "acme_builtin", FACT_PRESENT, PLACEMENT_BUILTIN);
	driver_is(deb, "acme_off", FACT_ABSENT, PLACEMENT_NONE);
	driver_is(deb, "acme_never", FACT_ABSENT, PLACEMENT_NONE);
	driver_is(deb, "acme_lost", FACT_UNKNOWN, PLACEMENT_NONE);
	driver_is(deb, "acme_renamed", FACT_PRESENT, PLACEMENT_MODULE);
	f = read_one(deb, WANT(DRIVER, "acme_disk"), DEPTH_QUICK);
	assert_string_equal(f->facts[0].package, "kernel");
	assert_string_equal(f->facts[0].member, "lib/modules/" R "/kernel/drivers/acme-disk.ko");
	assert_string_equal(f->facts[0].place, "CONFIG_ACME_DISK=m");
	assert_int_equal(f->n_contradictions, 0);
	facts_free(f);
	f = read_one(deb, WANT(DRIVER, "acme_lost"), DEPTH_QUICK);
	assert_non_null(strstr(f->facts[0].why, "acme_lost.ko"));
	assert_non_null(strstr(f->facts[0].why, "CONFIG_ACME_LOST=m"));
	facts_free(f);
}

/* The file is there, but the config says no: the file counts, and both are told. */
static void test_driver_contradiction(void **state)
{
	struct facts *f;

	(void)state;
	with_contradiction = true;
	f = read_one(in_dir("kernel.deb"), WANT(DRIVER, "acme_off_but_there"), DEPTH_QUICK);
	with_contradiction = false;
	assert_int_equal(f->facts[0].state, FACT_PRESENT);
	assert_int_equal(f->n_contradictions, 1);
	assert_non_null(strstr(f->contradictions[0].what, "acme_bus.ko"));
	assert_non_null(strstr(f->contradictions[0].what, "CONFIG_ACME_OFF"));
	facts_free(f);
}

static struct want table(const char *name)
{
	struct want w = WANT(TABLE, name, .of = (char *)"acme_bus", .depth = DEPTH_DEEP);

	w.layout = (struct table_layout){ ELEMENT_U32, FORMAT_HI16_LO16, ENDS_NOT_DESCENDING,
					  .flag_offset = -1 };
	return w;
}

static void test_module(void **state)
{
	const char *deb = in_dir("kernel.deb");
	char *bus = (char *)"acme_bus";
	struct want wrong_size = table("acme_versions");
	struct facts *f;

	(void)state;
	state_is(deb, table("acme_versions"), DEPTH_DEEP, FACT_PRESENT, "5.3 5.2 2.13");
	state_is(deb, table("acme_versions"), DEPTH_NORMAL, FACT_UNREAD, NULL);
	f = read_one(deb, table("acme_versions"), DEPTH_DEEP);
	assert_int_equal(f->facts[0].n_versions, 3);
	assert_int_equal(f->facts[0].versions[2], VERSION2(2, 13));
	assert_int_equal(f->facts[0].parts, 2);
	assert_int_equal(f->facts[0].placement, PLACEMENT_MODULE);
	assert_string_equal(f->facts[0].place, ".rodata acme_versions");
	facts_free(f);
	state_is(deb, WANT(SYMBOL, "acme_probe", .of = bus), DEPTH_DEEP, FACT_PRESENT, NULL);
	state_is(deb, WANT(SYMBOL, "acme_gone", .of = bus), DEPTH_DEEP, FACT_ABSENT, NULL);
	state_is(deb, WANT(STRING, "no magic", .of = bus), DEPTH_DEEP, FACT_PRESENT, "no magic");
	state_is(deb, WANT(STRING, "more magic", .of = bus), DEPTH_DEEP, FACT_ABSENT, NULL);
	state_is(deb, WANT(VALUE, "acme_maximum", .of = bus, .value = (char *)"42"), DEPTH_DEEP, FACT_PRESENT,
		 "42");
	state_is(deb, WANT(VALUE, "acme_maximum", .of = bus, .value = (char *)"43"), DEPTH_DEEP, FACT_ABSENT,
		 "42");
	state_is(deb, WANT(ALIAS, "acme:bus", .of = bus), DEPTH_DEEP, FACT_PRESENT, "acme:bus");
	state_is(deb, WANT(ALIAS, "acme:*", .of = bus), DEPTH_DEEP, FACT_ABSENT, NULL);
	state_is(deb, WANT(MODINFO, "parm", .of = bus, .value = (char *)"defer"), DEPTH_DEEP, FACT_PRESENT,
		 "defer:leave it (int)");
	state_is(deb, WANT(MODINFO, "parm", .of = bus, .value = (char *)"def"), DEPTH_DEEP, FACT_ABSENT,
		 NULL);
	f = read_one(deb, WANT(MODINFO, "version", .of = bus), DEPTH_DEEP);
	assert_string_equal(f->facts[0].text, "1.7.0.0-k");
	assert_int_equal(f->facts[0].n_versions, 1);
	assert_int_equal(f->facts[0].versions[0], 0x0001000700000000);
	assert_int_equal(f->facts[0].parts, 4);
	facts_free(f);
	/* A table that is not there, or not of this layout, is not "no versions". */
	f = read_one(deb, table("acme_gone"), DEPTH_DEEP);
	assert_int_equal(f->facts[0].state, FACT_UNKNOWN);
	assert_non_null(strstr(f->facts[0].why, "acme_gone"));
	facts_free(f);
	wrong_size.layout.size = 16;
	f = read_one(deb, wrong_size, DEPTH_DEEP);
	assert_int_equal(f->facts[0].state, FACT_UNKNOWN);
	facts_free(f);
	wrong_size.layout.size = 0;
	wrong_size.layout.stride = 8;
	f = read_one(deb, wrong_size, DEPTH_DEEP);
	assert_int_equal(f->facts[0].state, FACT_UNKNOWN);
	assert_non_null(strstr(f->facts[0].why, "multiple of 8"));
	facts_free(f);
}

/* What is asked of a driver follows from where the driver is. */
static void test_of_other_drivers(void **state)
{
	const char *deb = in_dir("kernel.deb");
	struct want off = table("acme_versions"), lost = off, nobody = off;
	struct facts *f;

	(void)state;
	off.of = (char *)"acme_off";
	lost.of = (char *)"acme_lost";
	nobody.of = (char *)"acme_undeclared";
	state_is(deb, off, DEPTH_NORMAL, FACT_ABSENT, NULL);
	state_is(deb, lost, DEPTH_NORMAL, FACT_UNKNOWN, NULL);
	state_is(deb, nobody, DEPTH_DEEP, FACT_UNKNOWN, NULL);
	f = read_one(deb, WANT(STRING, "wants magic", .of = (char *)"acme_builtin", .depth = DEPTH_DEEP),
		     DEPTH_NORMAL);
	/* Built in, the image has it, which a normal reading decodes. */
	assert_int_equal(f->facts[0].state, FACT_PRESENT);
	assert_int_equal(f->facts[0].placement, PLACEMENT_BUILTIN);
	assert_string_equal(f->facts[0].member, "boot/vmlinuz-" R);
	facts_free(f);
	state_is(deb, WANT(STRING, "wants magic", .of = (char *)"acme_builtin"), DEPTH_QUICK, FACT_UNREAD,
		 NULL);
}

static void test_builtin_modinfo(void **state)
{
	const char *deb = in_dir("kernel.deb");
	char *builtin = (char *)"acme_builtin", *silent = (char *)"acme_silent";

	(void)state;
	state_is(deb, WANT(ALIAS, "acme:builtin", .of = builtin), DEPTH_DEEP, FACT_PRESENT, "acme:builtin");
	state_is(deb, WANT(ALIAS, "acme:other", .of = builtin), DEPTH_DEEP, FACT_ABSENT, NULL);
	state_is(deb, WANT(ALIAS, "acme:builtin", .of = builtin), DEPTH_NORMAL, FACT_UNREAD, NULL);
	state_is(deb, WANT(MODINFO, "parm", .of = builtin, .value = (char *)"x"), DEPTH_DEEP, FACT_PRESENT,
		 "x:y");
	/* A kernel that lists no aliases of a built-in driver says nothing of them. */
	state_is(deb, WANT(ALIAS, "acme:builtin", .of = silent), DEPTH_DEEP, FACT_UNKNOWN, NULL);
	state_is(deb, WANT(MODINFO, "parm", .of = silent), DEPTH_DEEP, FACT_ABSENT, NULL);
}

static void test_image(void **state)
{
	const char *deb = in_dir("kernel.deb");
	struct facts *f;

	(void)state;
	state_is(deb, WANT(NOTE, "Acme", .type = 1), DEPTH_NORMAL, FACT_PRESENT, "0x7");
	state_is(deb, WANT(NOTE, "Acme", .type = 2), DEPTH_NORMAL, FACT_PRESENT, "yes");
	state_is(deb, WANT(NOTE, "Acme", .type = 3), DEPTH_NORMAL, FACT_ABSENT, NULL);
	state_is(deb, WANT(NOTE, "Acm", .type = 1), DEPTH_NORMAL, FACT_ABSENT, NULL);
	/* An entry point that is zero, or none, speaks for nothing. */
	state_is(deb, WANT(NOTE, "Acme", .type = 7), DEPTH_NORMAL, FACT_UNKNOWN, NULL);
	state_is(deb, WANT(NOTE, "Acme", .type = 8), DEPTH_NORMAL, FACT_UNKNOWN, NULL);
	state_is(deb, WANT(NOTE, "Acme", .type = 1, .depth = DEPTH_NORMAL), DEPTH_QUICK, FACT_UNREAD, NULL);
	state_is(deb, WANT(STRING, "Acme wants magic"), DEPTH_NORMAL, FACT_PRESENT, "Acme wants magic");
	state_is(deb, WANT(STRING, "Acme wants peace"), DEPTH_NORMAL, FACT_ABSENT, NULL);
	state_is(deb, WANT(PAYLOAD, "none"), DEPTH_NORMAL, FACT_PRESENT, "none");
	state_is(deb, WANT(PAYLOAD, "xz"), DEPTH_NORMAL, FACT_ABSENT, "none");
	/* This image has no kallsyms: nothing can be said of symbols. */
	state_is(deb, WANT(SYMBOL, "acme_init"), DEPTH_NORMAL, FACT_UNKNOWN, NULL);
	f = read_one(in_dir("t/boot/vmlinuz-" R), WANT(NOTE, "Acme", .type = 1), DEPTH_NORMAL);
	assert_string_equal(f->release, R);
	assert_string_equal(f->arch, "x86_64");
	assert_int_equal(f->facts[0].state, FACT_PRESENT);
	facts_free(f);
}

static void test_no_image(void **state)
{
	struct facts *f;

	(void)state;
	sh("rm -rf ni; cp -a t ni; rm ni/boot/vmlinuz-*");
	make_deb("no-image", "ni", "Depends: kmod, acme-image-" R ", acme-base\\n");
	f = read_one(in_dir("no-image.deb"), WANT(NOTE, "Acme", .type = 1), DEPTH_NORMAL);
	assert_int_equal(f->facts[0].state, FACT_UNKNOWN);
	assert_non_null(strstr(f->facts[0].why, "no kernel image in the given packages"));
	/* It names the dependency that looks like it. */
	assert_non_null(strstr(f->facts[0].why, "acme-image-" R));
	facts_free(f);
}

static void test_config_only(void **state)
{
	const char *config = in_dir("t/boot/config-" R);
	struct want w = table("acme_versions");
	struct facts *f;

	(void)state;
	driver_is(config, "acme_bus", FACT_PRESENT, PLACEMENT_MODULE);
	driver_is(config, "acme_lost", FACT_PRESENT, PLACEMENT_MODULE);
	driver_is(config, "acme_builtin", FACT_PRESENT, PLACEMENT_BUILTIN);
	driver_is(config, "acme_off", FACT_ABSENT, PLACEMENT_NONE);
	state_is(config, WANT(NOTE, "Acme", .type = 1), DEPTH_NORMAL, FACT_UNKNOWN, NULL);
	f = read_wants(config, &w, 1, DEPTH_DEEP);
	assert_int_equal(f->facts[0].state, FACT_UNKNOWN);
	assert_non_null(strstr(f->facts[0].why, "acme_bus.ko"));
	assert_string_equal(f->arch, "x86_64");
	assert_string_equal(f->release, R);
	facts_free(f);
}

/* Without a config the lists decide. */
static void test_no_config(void **state)
{
	(void)state;
	sh("rm -rf nc; cp -a t nc; rm nc/boot/config-*");
	driver_is(in_dir("nc"), "acme_bus", FACT_PRESENT, PLACEMENT_MODULE);
	driver_is(in_dir("nc"), "acme_builtin", FACT_PRESENT, PLACEMENT_BUILTIN);
	driver_is(in_dir("nc"), "acme_off", FACT_ABSENT, PLACEMENT_NONE);
	state_is(in_dir("nc"), WANT(CONFIG, "ACME"), DEPTH_NORMAL, FACT_UNKNOWN, NULL);
	/* The image was not looked into for a config of its own. */
	state_is(in_dir("nc"), WANT(CONFIG, "ACME"), DEPTH_QUICK, FACT_UNREAD, NULL);
	sh("rm nc/lib/modules/" R "/modules.builtin");
	driver_is(in_dir("nc"), "acme_bus", FACT_PRESENT, PLACEMENT_MODULE);
	driver_is(in_dir("nc"), "acme_builtin", FACT_UNKNOWN, PLACEMENT_NONE);
}

static void test_identity_contradictions(void **state)
{
	struct facts *f;

	(void)state;
	sh("rm -rf lie; cp -a t lie; cp vmlinux-6.1.0-9-test lie/boot/vmlinuz-" R ";"
	   "sed -i s/CONFIG_X86_64/CONFIG_ARM64/ lie/boot/config-" R);
	f = read_one(in_dir("lie"), WANT(NOTE, "Acme", .type = 1), DEPTH_NORMAL);
	assert_int_equal(f->n_contradictions, 2);
	assert_non_null(strstr(f->contradictions[0].what, "6.1.0-9-test"));
	assert_non_null(strstr(f->contradictions[0].what, R));
	assert_non_null(strstr(f->contradictions[1].what, "aarch64"));
	facts_free(f);
}

static void fails(const char *arg, struct want w, int code, const char *words)
{
	char *copy = xstrdup(words), *save = NULL;
	struct error err = { 0 };
	int r;
	struct facts *f = try_read(arg, &w, 1, DEPTH_DEEP, &r, &err);

	if (r != code || f)
		fail_msg("%d with \"%s\" was expected, it gave %d: %s", code, words, r, err.text);
	for (char *word = strtok_r(copy, "|", &save); word; word = strtok_r(NULL, "|", &save))
		if (!strstr(err.text, word))
			fail_msg("\"%s\" is not in: %s", word, err.text);
	free(copy);
}

/* Corrupt is not absent: the reading fails, and names the file and the place. */
static void test_corrupt(void **state)
{
	(void)state;
	sh("rm -rf bad; cp -a t bad; f=bad/lib/modules/" R "/kernel/drivers/acme_bus.ko; truncate -s 700 $f");
	fails(in_dir("bad"), table("acme_versions"), -EBADMSG, "bad|acme_bus.ko|truncated");
	state_is(in_dir("bad"), WANT(CONFIG, "ACME"), DEPTH_DEEP, FACT_PRESENT, "m");
	sh("rm -rf bad; cp -a t bad; echo 'CONFIG_ACME' >>bad/boot/config-" R);
	fails(in_dir("bad"), WANT(CONFIG, "ACME"), -EBADMSG, "bad|boot/config-" R "|line 8");
	sh("rm -rf bad; cp -a t bad; truncate -s 200 bad/boot/vmlinuz-" R);
	fails(in_dir("bad"), WANT(NOTE, "Acme"), -EBADMSG, "bad|boot/vmlinuz-" R);
	sh("echo 'no kernel' >bad/boot/vmlinuz-" R);
	fails(in_dir("bad"), WANT(NOTE, "Acme"), -EBADMSG, "bad|boot/vmlinuz-" R);
}

/* A driver that only has to be there: a file of its name that is none is refused as soon as it is seen. */
static void test_no_module(void **state)
{
	const struct want w = WANT(DRIVER, "acme_disk");
	struct error err = { 0 };
	int r;

	(void)state;
	sh("rm -rf bad; cp -a t bad; : >bad/lib/modules/" R "/kernel/drivers/acme-disk.ko");
	fails(in_dir("bad"), w, -EBADMSG, "bad|acme-disk.ko|empty");
	make_deb("bad-disk", "bad", "");
	fails(in_dir("bad-disk.deb"), w, -EBADMSG, "bad-disk.deb|acme-disk.ko|empty");
	sh("head -c 5000 /dev/zero >bad/lib/modules/" R "/kernel/drivers/acme-disk.ko");
	state_is(in_dir("bad"), w, DEPTH_DEEP, FACT_PRESENT, "m");
	assert_null(try_read(in_dir("bad"), (struct want *)&w, 1, DEPTH_VERIFY, &r, &err));
	assert_int_equal(r, -EBADMSG);
}

/* The config answers, but a verdict of record rests on a kernel: what stands for its image must be one. */
static void test_garbage_image(void **state)
{
	struct facts *f;

	(void)state;
	sh("rm -rf bad; cp -a t bad; echo 'no kernel' >bad/boot/vmlinuz-" R);
	fails(in_dir("bad"), WANT(CONFIG, "ACME"), -EBADMSG, "bad|boot/vmlinuz-" R "|not a kernel image");
	sh("head -c 1000000 /dev/zero >bad/boot/vmlinuz-" R);
	fails(in_dir("bad"), WANT(CONFIG, "ACME"), -EBADMSG, "bad|boot/vmlinuz-" R "|not a kernel image");
	sh("cp /bin/sh bad/boot/vmlinuz-" R);
	fails(in_dir("bad"), WANT(CONFIG, "ACME"), -EBADMSG, "bad|boot/vmlinuz-" R "|not a kernel image");
	sh("head -c 64 t/boot/vmlinuz-" R " >bad/boot/vmlinuz-" R);
	fails(in_dir("bad"), WANT(CONFIG, "ACME"), -EBADMSG, "bad|boot/vmlinuz-" R);
	f = read_one(in_dir("bad"), WANT(CONFIG, "ACME"), DEPTH_QUICK);
	assert_int_equal(f->reach.image, IMAGE_SKIPPED);
	facts_free(f);
	/* It also says when it is another kernel's. */
	sh("cp vmlinux-6.1.0-9-test bad/boot/vmlinuz-" R);
	f = read_one(in_dir("bad"), WANT(CONFIG, "ACME"), DEPTH_DEEP);
	assert_int_equal(f->n_contradictions, 1);
	facts_free(f);
}

static void test_reach(void **state)
{
	const struct want config = WANT(CONFIG, "ACME");
	struct facts *f;

	(void)state;
	f = read_one(in_dir("kernel.deb"), config, DEPTH_DEEP);
	assert_true(f->reach.config && f->reach.listed);
	assert_int_equal(f->reach.image, IMAGE_HEADER);
	assert_int_equal(f->reach.modules, 0);
	facts_free(f);
	f = read_one(in_dir("kernel.deb"), table("acme_versions"), DEPTH_DEEP);
	assert_int_equal(f->reach.modules, 1);
	facts_free(f);
	f = read_one(in_dir("kernel.deb"), WANT(NOTE, "Acme", .type = 1), DEPTH_NORMAL);
	assert_int_equal(f->reach.image, IMAGE_READ);
	facts_free(f);
	f = read_one(in_dir("t/boot/config-" R), config, DEPTH_DEEP);
	assert_true(f->reach.config && !f->reach.listed);
	assert_int_equal(f->reach.image, IMAGE_MISSING);
	facts_free(f);
}

/* Where /boot is for root only, the running kernel is told as far as it can be; a kernel that was named is an
 * error. */
static void test_unreadable_image(void **state)
{
	struct want w[] = { WANT(NOTE, "Acme", .type = 1), WANT(CONFIG, "ACME"), table("acme_versions") };
	struct want_list list = drivers();
	struct kernel_list kernels = { 0 };
	struct error err = { 0 };
	struct facts *f = NULL;
	int r;

	(void)state;
	sh("rm -rf priv; cp -a t priv; chmod -R go+rX .; chmod 600 priv/boot/vmlinuz-*");
	if (geteuid() == 0 && seteuid(65534) != 0)
		skip();
	list.wants = w;
	list.count = ARRAY_SIZE(w);
	r = kernel_open_running(in_dir("priv"), NULL, &kernels, &err);
	if (r == 0)
		r = kernel_read(kernels.kernels[0], &list, DEPTH_DEEP, &f, &err);
	if (getuid() != geteuid())
		assert_int_equal(seteuid(getuid()), 0);
	if (r < 0)
		fail_msg("%s", err.text);
	assert_int_equal(f->facts[0].state, FACT_UNKNOWN);
	assert_non_null(strstr(f->facts[0].why, "boot/vmlinuz-" R));
	assert_non_null(strstr(f->facts[0].why, "root"));
	assert_int_equal(f->facts[1].state, FACT_PRESENT);
	assert_string_equal(f->facts[2].text, "5.3 5.2 2.13");
	facts_free(f);
	kernel_list_done(&kernels);
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	must_open(in_dir("priv"), &kernels, 1);
	r = kernel_read(kernels.kernels[0], &list, DEPTH_DEEP, &f, &err);
	if (getuid() != geteuid())
		assert_int_equal(seteuid(getuid()), 0);
	assert_int_equal(r, -EACCES);
	assert_non_null(strstr(err.text, "boot/vmlinuz-" R));
	kernel_list_done(&kernels);
}

/* Many wants of several packages at once, as in real use. */
static void test_all_at_once(void **state)
{
	struct want w[] = { table("acme_versions"),
			    WANT(NOTE, "Acme", .type = 2),
			    WANT(DRIVER, "acme_disk"),
			    WANT(ALIAS, "acme:bus", .of = (char *)"acme_disk"),
			    WANT(CONFIG, "ACME"),
			    WANT(STRING, "Acme wants magic"),
			    WANT(STRING, "no magic", .of = (char *)"acme_renamed") };
	char arg[512];
	struct facts *f;

	(void)state;
	sh("rm -rf a b c; mkdir -p a/boot b/boot c; cp t/boot/vmlinuz-* a/boot;"
	   "cp t/boot/config-* b/boot; cp -a t/lib c");
	make_deb("part-a", "a", "");
	make_deb("part-b", "b", "");
	make_deb("part-c", "c", "");
	snprintf(arg, sizeof(arg), "%s/part-a.deb,%s/part-b.deb,%s/part-c.deb", test_dir, test_dir, test_dir);
	f = read_wants(arg, w, ARRAY_SIZE(w), DEPTH_VERIFY);
	for (size_t i = 0; i < ARRAY_SIZE(w); i++)
		assert_int_equal(f->facts[i].state, FACT_PRESENT);
	assert_string_equal(f->facts[0].text, "5.3 5.2 2.13");
	assert_string_equal(f->facts[0].package, "part-c");
	assert_string_equal(f->facts[1].package, "part-a");
	assert_string_equal(f->facts[4].package, "part-b");
	assert_int_equal(f->facts[6].placement, PLACEMENT_OTHER);
	facts_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_drivers),
		cmocka_unit_test(test_driver_contradiction),
		cmocka_unit_test(test_module),
		cmocka_unit_test(test_of_other_drivers),
		cmocka_unit_test(test_builtin_modinfo),
		cmocka_unit_test(test_image),
		cmocka_unit_test(test_no_image),
		cmocka_unit_test(test_config_only),
		cmocka_unit_test(test_no_config),
		cmocka_unit_test(test_identity_contradictions),
		cmocka_unit_test(test_corrupt),
		cmocka_unit_test(test_no_module),
		cmocka_unit_test(test_garbage_image),
		cmocka_unit_test(test_reach),
		cmocka_unit_test(test_unreadable_image),
		cmocka_unit_test(test_all_at_once),
	};

	return cmocka_run_group_tests(tests, setup, test_dir_remove);
}
