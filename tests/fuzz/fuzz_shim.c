/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A shim, in YAML, against the knowledge of this tree; behind a NUL, the patch that lies beside it. */
#include "fuzz/knowledge.h"
#include "build/shim_parts.h"

/* What it is tried on: no kernel source, but all that a check looks at. */
static void put_tree(void)
{
	fuzz_put("shims/fuzz/README.md", "fuzz\n");
	fuzz_put("shims/fuzz/new/drivers/a.c", "int a;\n");
	fuzz_put("tree/Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 7\n");
	fuzz_put("tree/drivers/Makefile", "obj-y += a.o\n");
}

static void check_patch(void)
{
	_cleanup_(freep) char *path = xasprintf("%s/shims/fuzz/1.patch", fuzz_tree());
	_cleanup_(patch_done) struct patch patch = { 0 };
	struct error err = { 0 };
	int r = patch_read(path, &patch, &err);

	must_tell(r, &err);
	for (size_t i = 0; r == 0 && i < patch.n; i++)
		must(path_is_below(patch.files[i].path));
}

/* Whether any of it is tried by patch(1), a process for each. */
static bool is_patched(const struct shim *s)
{
	for (unsigned i = 0; i < s->series_count; i++)
		if (s->series[i].patches_count > 0)
			return true;
	return false;
}

static void check_shim(const struct shim *s)
{
	_cleanup_(freep) char *tree = xasprintf("%s/tree", fuzz_tree());
	struct error err = { 0 };

	must(s->proof_count > 0 && s->cost && s->risk && s->source);
	for (unsigned i = 0; i < s->series_count; i++) {
		const struct shim_series *series = &s->series[i];

		must(series->kernels && (!series->sources || path_is_below(series->sources)));
		for (unsigned j = 0; j < series->patches_count; j++)
			must(path_is_below(series->patches[j]));
		for (unsigned j = 0; j < series->checks_count; j++)
			must(path_is_below(series->checks[j].file));
	}
	if (is_patched(s))
		return;
	must_tell(shim_fits(s, tree, "6.1.7", "x86_64", NULL, &err), &err);
	free(shim_config(s, tree, "6.1.7"));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static bool there;
	_cleanup_(freep) char *yaml = xstrndup((const char *)bytes, n), *dirs = xasprintf("%s/shims", fuzz_tree());
	_cleanup_(freep) char *patch = NULL;
	_cleanup_(shim_freep) struct shim *shim = NULL;
	const char *const list[] = { dirs, NULL };
	size_t first = strlen(yaml) + 1;
	struct error err = { 0 };
	int r;

	if (!there)
		put_tree();
	there = true;
	patch = xstrndup(first < n ? (const char *)bytes + first : "", first < n ? n - first : 0);
	fuzz_put("shims/fuzz/shim.yaml", yaml);
	fuzz_put("shims/fuzz/1.patch", patch);
	check_patch();
	r = shim_load(fuzz_knowledge(), list, "fuzz", NULL, NULL, &shim, &err);
	must_tell(r, &err);
	if (r == 0)
		check_shim(shim);
	return 0;
}
