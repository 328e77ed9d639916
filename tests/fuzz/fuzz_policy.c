/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A policy with its waivers, in YAML, against the knowledge of this tree. */
#include "fuzz/knowledge.h"
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const none[] = { NULL };
	_cleanup_(policy_freep) struct policy *p = NULL;
	struct error err = { 0 };
	int r = policy_load(fuzz_knowledge(), none, fuzz_path(0, bytes, n), NULL, NULL, &p, &err);

	must_tell(r, &err);
	if (r == 0)
		must(p->requires_count > 0 || p->drops == DROPS_BLOCK);
	return 0;
}
