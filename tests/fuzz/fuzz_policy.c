/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A policy in YAML, against the knowledge of this tree ($HVCOMPAT_POLICIES, else policies/). */
#include "fuzz/fuzz.h"
#include "policy/policy.h"

#include <sys/stat.h>
#include <unistd.h>

static struct knowledge *the_knowledge(void)
{
	static struct knowledge *k;
	const char *dir = getenv("HVCOMPAT_POLICIES");
	const char *dirs[] = { dir ? dir : "policies", NULL };
	struct error err = { 0 };

	if (!k && knowledge_load(dirs, NULL, NULL, &k, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	return k;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const none[] = { NULL };
	struct knowledge *k = the_knowledge();
	_cleanup_(policy_freep) struct policy *p = NULL;
	struct error err = { 0 };
	int r = policy_load(k, none, fuzz_path(0, bytes, n), NULL, NULL, &p, &err);

	must_tell(r, &err);
	if (r == 0 && p->requires_count == 0 && p->drops != DROPS_BLOCK)
		abort();
	return 0;
}
