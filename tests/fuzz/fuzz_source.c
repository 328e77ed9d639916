/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The compressions of packages and indexes, read as a stream; the last byte says which. */
#include "fuzz/fuzz.h"
#include "fuzz/mutate.h"

#define LIMIT ((uint64_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	enum compression c = n ? bytes[n - 1] % (COMPRESSION_ZSTD + 1) : COMPRESSION_NONE;
	struct region region = { .fd = fuzz_fd(0, bytes, n), .size = n ? n - 1 : 0, .what = "fuzz" };
	_cleanup_(source_freep) struct source *s = NULL;
	struct error err = { 0 };
	int r = source_open(&region, c, LIMIT, true, &s, &err);

	must_tell(r, &err);
	if (r == 0)
		must_tell(source_drain(s, &err), &err);
	if (r == 0)
		must(s->pos <= LIMIT);
	return 0;
}

/* All but the last byte, changed inside of its compression. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	struct buf whole = { 0 };
	char kind;

	if (n < 2 || mutate_careless(seed))
		return mutate_mended(bytes, n, max, seed, NULL);
	kind = (char)bytes[n - 1];
	buf_add(&whole, (char *)bytes, n - 1);
	mutate_packed(&whole, max, seed, NULL);
	buf_add(&whole, &kind, 1);
	n = mutate_result(&whole, bytes, n, max);
	buf_done(&whole);
	return n;
}
