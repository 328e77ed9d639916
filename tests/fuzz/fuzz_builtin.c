/* SPDX-License-Identifier: GPL-2.0-or-later */
/* modules.builtin and, behind the first "%%", modules.builtin.modinfo. */
#include "fuzz/fuzz.h"
#include "kernel/read.h"

static struct want wants[] = {
	{ .kind = WANT_ALIAS, .name = "pci:v00001AF4d*", .of = "virtio_pci" },
	{ .kind = WANT_MODINFO, .name = "version", .of = "virtio_pci" },
	{ .kind = WANT_MODINFO, .name = "parm", .value = "debug", .of = "virtio_pci" },
};
static char *also[] = { "virtio-legacy", NULL };
static struct driver drivers[] = { { .name = "virtio_pci", .also = also } };
static const struct want_list list = { wants, ARRAY_SIZE(wants), drivers, ARRAY_SIZE(drivers) };

static void check(const struct fact *f)
{
	must(f->state != FACT_PRESENT || f->text);
	must(f->state != FACT_UNKNOWN || f->why);
}

static void read_all(const uint8_t *bytes, size_t n, const uint8_t *modinfo, size_t modinfo_n)
{
	static struct origin origin;
	static struct part part = { .origin = &origin };
	struct kernel kernel = { .parts = &part, .n_parts = 1, .listed = true };
	struct driver_file none = { 0 };
	struct driver_state state = { 0 };
	struct facts *facts = xcalloc(1, sizeof(*facts));
	struct reading r = {
		.kernel = &kernel, .wants = &list, .depth = DEPTH_DEEP, .facts = facts, .drivers = &state, .files = &none,
		.builtin = { .data = (uint8_t *)bytes, .size = n }, .builtin_at = { .part = &part },
		.builtin_modinfo = { .data = (uint8_t *)modinfo, .size = modinfo_n }, .builtin_modinfo_at = { .part = &part },
	};

	if (!origin.package) /* one bare file, for the sake of its name */
		must(package_open(fuzz_path(0, (const uint8_t *)"x", 1), NULL, &origin.package, NULL) == 0);
	facts->facts = xcalloc(list.count, sizeof(*facts->facts));
	facts->count = list.count;
	driver_resolve(&r, 0);
	for (size_t i = 0; i < list.count; i++) {
		answer_builtin_modinfo(&r, i, 0);
		check(&facts->facts[i]);
	}
	driver_state_done(&state);
	facts_free(facts);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const uint8_t *cut = n ? memmem(bytes, n, "%%", 2) : NULL;
	size_t first = cut ? (size_t)(cut - bytes) : 0;

	if (cut)
		read_all(bytes, first, cut + 2, n - first - 2);
	return 0;
}
