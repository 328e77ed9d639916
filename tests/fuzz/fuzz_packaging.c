/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kernel packages are called, in YAML, and an index whose packages it sorts into kernels. */
#include "fuzz/knowledge.h"
#include "gate/packaging.h"

#define DIGEST "0000000000000000000000000000000000000000000000000000000000000000"

static struct index_package packages[] = {
	{ "linux-image-6.1.0-1-amd64", "6.1.1-1", "amd64", "linux", "6.1.1-1", "a.deb", 1, DIGEST },
	{ "linux-modules-6.1.0-1-amd64", "6.1.1-1", "amd64", "linux", "6.1.1-1", "b.deb", 1, DIGEST },
	{ "linux-image-amd64", "6.1.1-1", "amd64", "linux", "6.1.1-1", "c.deb", 1, DIGEST },
	{ "linux-image-6.1.0-1-amd64-dbg", "6.1.1-1", "amd64", "linux", "6.1.1-1", "d.deb", 1, DIGEST },
	{ "kernel-core", "6.1.0-1", "x86_64", "kernel", "6.1.0-1", "e.rpm", 1, DIGEST },
	{ "kernel-modules", "6.1.0-2", "x86_64", "kernel", "6.1.0-2", "f.rpm", 1, DIGEST },
	{ "", "", "", "", "", "", 0, DIGEST },
};

static void check_kernels(const struct packaging_list *list, const struct index *x)
{
	struct index_kernels k = { 0 };

	packaging_kernels(list, x, &k);
	for (size_t i = 0; i < k.count; i++) {
		must(k.kernels[i].name && k.kernels[i].n_packages > 0 && k.kernels[i].index == x);
		packaging_same_line(&k.kernels[0], &k.kernels[i]);
		for (size_t j = 0; j < k.kernels[i].n_packages; j++)
			must(k.kernels[i].packages[j] >= packages && k.kernels[i].packages[j] < packages + ARRAY_SIZE(packages));
	}
	index_kernels_done(&k);
}

static void check(const struct packaging_list *list, enum index_family family)
{
	static const struct packaging_words words = { "m", "n", "1", "e", "l" };
	const struct index x = { .family = family, .packages = packages, .n_packages = ARRAY_SIZE(packages) };
	_cleanup_(strings_done) struct strings lines = { 0 };

	check_kernels(list, &x);
	for (size_t i = 0; i < ARRAY_SIZE(packages); i++)
		packaging_meta(list, family, packages[i].name);
	packaging_installonly(list, family, &lines);
	packaging_keep(list, family, &words, &lines);
	for (size_t i = 0; i < lines.n; i++)
		must(lines.items[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static bool linked;
	_cleanup_(packaging_freep) struct packaging_list *list = NULL;
	const char *dirs[] = { fuzz_tree(), NULL };
	struct error err = { 0 };
	int r;

	if (!linked)
		fuzz_link("packaging/fuzz.yaml", 0);
	linked = true;
	fuzz_fd(0, bytes, n);
	r = packaging_load(dirs, &list, &err);
	must_tell(r, &err);
	if (r == 0) {
		check(list, INDEX_DEB);
		check(list, INDEX_RPM);
	}
	return 0;
}
