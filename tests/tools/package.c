/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * package stage|make TREE STAGE PACKAGES SPEC ARCH RELEASE EPOCH FORMAT[,FORMAT] [MAKE WORD...]: the packaging
 * steps of a build, by themselves. "make" takes what a stage that is there provides, and makes its packages;
 * "make-quick" looks at its config only, for an image that is none. The knowledge is that of $HVCOMPAT_DATADIR,
 * or policies/.
 */
#include "build/package.h"
#include "kernel/kernel.h"

static int fail(const struct error *err)
{
	fprintf(stderr, "package: %s\n", err->text);
	return 2;
}

static int provides_of_stage(const char *stage, enum depth depth, struct provides *ret, struct error *err)
{
	const char *dirs[] = { getenv("HVCOMPAT_DATADIR") ? getenv("HVCOMPAT_DATADIR") : "policies", NULL };
	struct kernel_options options = { .threads = 2, .verify = depth == DEPTH_VERIFY };
	_cleanup_(knowledge_freep) struct knowledge *k = NULL;
	_cleanup_(support_freep) struct support *support = NULL;
	_cleanup_(facts_freep) struct facts *facts = NULL;
	struct kernel_list list = { 0 };
	int r;

	r = knowledge_load(dirs, NULL, NULL, &k, err);
	if (r == 0)
		r = kernel_open(stage, &options, &list, err);
	if (r == 0)
		r = kernel_read(list.kernels[0], &k->wants, depth, &facts, err);
	if (r == 0) {
		support = support_judge(k, facts);
		provides_of(support, ret);
	}
	kernel_list_done(&list);
	return r;
}

int main(int argc, char **argv)
{
	static const char *const shims[] = { "one-shim", "another-shim", NULL };
	struct provides provides = { 0 };
	struct error err = { 0 };
	struct package_job job = { 0 };
	int r;

	if (argc < 10) {
		fprintf(stderr, "usage: package stage|make|make-quick TREE STAGE PACKAGES SPEC ARCH RELEASE EPOCH "
				"FORMATS [MAKE WORD...]\n");
		return 64;
	}
	job = (struct package_job){
		.tree = argv[2], .stage = argv[3], .packages = argv[4], .spec = argv[5], .karch = argv[6],
		.release = argv[7], .revision = "1", .maintainer = "A Tester <tester@example.org>",
		.shims = shims, .epoch = atoll(argv[8]), .jobs = 2, .make = (const char *const *)argv + 10,
		.formats = (strstr(argv[9], "deb") ? PACKAGE_DEB : 0) | (strstr(argv[9], "rpm") ? PACKAGE_RPM : 0),
		.log = STDERR_FILENO,
	};
	if (streq(argv[1], "stage"))
		return package_stage(&job, &err) < 0 ? fail(&err) : 0;
	r = provides_of_stage(job.stage, streq(argv[1], "make") ? DEPTH_VERIFY : DEPTH_QUICK, &provides, &err);
	if (r == 0)
		r = package_make(&job, &provides, &err);
	provides_done(&provides);
	return r < 0 ? fail(&err) : 0;
}
