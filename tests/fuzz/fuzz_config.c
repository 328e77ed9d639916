/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's .config, plain or gzip'ed. */
#include "fuzz/fuzz.h"
#include "kernel/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(config_freep) struct config *c = NULL;
	struct error err = { 0 };
	int r = config_parse(bytes, n, &c, &err);

	must_tell(r, &err);
	config_looks_like(bytes, n);
	if (r == 0 && config_is_set(c, "HYPERV") && !config_get(c, "HYPERV"))
		abort();
	return 0;
}
