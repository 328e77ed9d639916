/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole kernel in a .deb, an .rpm or a bare file: all kinds of questions, from the package to the facts. */
#include "fuzz/package.h"
#include "kernel/boot_files.h"
#include "kernel/kernel.h"

#define TABLE(how, stop) { .element = ELEMENT_U32, .format = how, .ends = stop, .flag_offset = -1 }

static struct want wants[] = {
	{ .kind = WANT_CONFIG, .name = "HYPERV" },
	{ .kind = WANT_CONFIG, .name = "HZ", .value = "250" },
	{ .kind = WANT_CONFIG_EXISTS, .name = "XEN" },
	{ .kind = WANT_DRIVER, .name = "m" },
	{ .kind = WANT_ALIAS, .name = "xen:vif", .of = "m", .depth = DEPTH_DEEP },
	{ .kind = WANT_NOTE, .name = "Xen", .type = 18 },
	{ .kind = WANT_SYMBOL, .name = "alpha" },
	{ .kind = WANT_SYMBOL, .name = "probe", .of = "m", .depth = DEPTH_DEEP },
	{ .kind = WANT_STRING, .name = "some words", .of = "m", .depth = DEPTH_DEEP },
	{ .kind = WANT_STRING, .name = "a message" },
	{ .kind = WANT_TABLE, .name = "versions", .of = "m", .layout = TABLE(FORMAT_HI16_LO16, ENDS_SIZE) },
	{ .kind = WANT_TABLE, .name = "versions", .layout = TABLE(FORMAT_NUMBER, ENDS_NOT_DESCENDING) },
	{ .kind = WANT_VALUE, .name = "versions", .value = "327683", .of = "m", .layout = TABLE(FORMAT_NUMBER, ENDS_SIZE) },
	{ .kind = WANT_MODINFO, .name = "version", .of = "m", .depth = DEPTH_DEEP },
	{ .kind = WANT_PAYLOAD, .name = "gzip" },
	{ .kind = WANT_VDSO, .name = "__vdso_time", .version = "LINUX_2.6", .type = 64 },
	{ .kind = WANT_VDSO, .name = "", .type = 32 },
};
static char *configs[] = { "M", NULL };
static struct driver drivers[] = { { .name = "m", .configs = configs } };
static const struct want_list list = { wants, ARRAY_SIZE(wants), drivers, ARRAY_SIZE(drivers) };

/* What the judges take for granted. */
static void check(const struct facts *f, enum depth depth)
{
	must(f->count == list.count && f->depth == depth);
	for (size_t i = 0; i < f->count; i++) {
		must(f->facts[i].state != FACT_UNREAD || depth != DEPTH_VERIFY);
		must(f->facts[i].state != FACT_UNKNOWN || f->facts[i].why);
		must(f->facts[i].n_versions == 0 || (f->facts[i].state == FACT_PRESENT && f->facts[i].parts >= 1));
	}
}

static void boot(struct kernel *k, bool bare)
{
	_cleanup_(boot_files_freep) struct boot_files *f = NULL;
	struct strings names = { .items = (char *[]){ "m", NULL }, .n = 1 };
	struct error err = { 0 };
	int r = kernel_boot_files(k, &names, bare, &f, &err);

	must_tell(r, &err);
	must(r < 0 || (f->bare == bare && f->image && f->n_modules <= 1));
}

static void ask(struct kernel *k, enum depth depth)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	struct error err = { 0 };
	int r = kernel_read(k, &list, depth, &facts, &err);

	must_tell(r, &err);
	if (r == 0)
		check(facts, depth);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct kernel_options options = { .threads = 1, .verify = n % 2 };
	struct kernel_list kernels = { 0 };
	struct error err = { 0 };
	int r = kernel_open(fuzz_path(0, bytes, n), &options, &kernels, &err);

	must_tell(r, &err);
	for (size_t i = 0; r == 0 && i < kernels.count; i++) {
		ask(kernels.kernels[i], DEPTH_VERIFY);
		ask(kernels.kernels[i], DEPTH_NORMAL);
		boot(kernels.kernels[i], n % 3);
	}
	kernel_list_done(&kernels);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	return n > 8 && memcmp(bytes, "!<arch>", 7) == 0 ? mutate_deb(bytes, n, max, seed) :
							   mutate_rpm_payload(bytes, n, max, seed);
}
