/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

int step_package(struct build *b, struct error *err)
{
	const struct build_request *q = b->request;
	const char **shims = xcalloc(b->n_shims + 1, sizeof(*shims));
	struct package_job job = {
		.tree = b->tree, .stage = b->stage, .packages = b->packages, .spec = q->spec, .karch = b->karch,
		.release = b->result->release, .revision = q->revision, .maintainer = q->maintainer, .shims = shims,
		.formats = q->formats, .epoch = b->epoch, .jobs = q->jobs,
		.make = (const char *const *)b->make_words.items, .log = b->log, .line = log_line, .ctx = b,
	};
	struct build_checked staged = { 0 };
	struct provides provides = { 0 };
	int r;

	for (size_t i = 0; i < b->n_shims; i++)
		shims[i] = b->shims[i]->name;
	r = fs_fresh_dir(b->stage, err);
	if (r == 0)
		r = fs_fresh_dir(b->packages, err);
	if (r == 0)
		r = package_stage(&job, err);
	if (r == 0)
		r = judge(b, b->stage, DEPTH_VERIFY, false, &staged, err);
	if (r == 0) {
		provides_of(staged.support, &provides);
		r = package_make(&job, &provides, err);
	}
	provides_done(&provides);
	checked_done(&staged);
	free(shims);
	return r;
}
