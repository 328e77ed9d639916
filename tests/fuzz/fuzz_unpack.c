/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packings of a module: xz, zstd, gzip. */
#include "fuzz/fuzz.h"
#include "fuzz/mutate.h"
#include "kernel/module_unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const size_t limit = 1 << 20;
	struct error err = { 0 };
	uint8_t *out = NULL;
	size_t size = 0;
	int r;

	if (!unpack_is_packed(bytes, n))
		return 0;
	r = unpack(bytes, n, limit, &out, &size, &err);
	must_tell(r, &err);
	if (r == 0 && size > limit)
		abort();
	free(out);
	return 0;
}

/* What is packed is changed inside. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	return mutate_inside(bytes, n, max, seed);
}
