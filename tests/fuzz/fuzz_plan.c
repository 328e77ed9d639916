/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker that was taken over: the plan that it says libsolv has made, as the side that asks takes it. */
#include "fuzz/fuzz.h"
#include "pkg/update_private.h"

#define PACKAGES 7

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct index_package packages[PACKAGES];
	static const struct index one = { .packages = packages, .n_packages = PACKAGES }, none;
	static const struct index *const indexes[] = { &one, &none };
	struct wire w = { .in = bytes, .left = n };
	struct update_plan plan;

	if (!update_take_plan(indexes, ARRAY_SIZE(indexes), &w, &plan))
		return 0;
	for (size_t i = 0; i < plan.n_steps + plan.n_kept; i++) {
		const struct update_step *s = i < plan.n_steps ? &plan.steps[i] : &plan.kept[i - plan.n_steps];

		must(s->index == &one && s->package >= packages && s->package < packages + PACKAGES && s->how <= UPDATE_REINSTALL);
	}
	must(plan.removed && plan.problems);
	update_plan_done(&plan);
	return 0;
}
