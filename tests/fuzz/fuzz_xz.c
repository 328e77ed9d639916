/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An .xz by its index and its blocks, as a .deb's payload is read. */
#include "fuzz/fuzz.h"
#include "fuzz/mutate.h"
#include "pkg/xz.h"

#define BLOCKS_READ 4

/* Of a block no more comes than the index says, up to 1 MiB of it. */
static void read_block(const struct xz_index *x, size_t block, bool checks)
{
	_cleanup_(source_freep) struct source *s = NULL;
	struct error err = { 0 };
	int r = xz_source_open(x, block, checks, &s, &err);

	must_tell(r, &err);
	while (r >= 0 && s->pos < x->blocks[block].out + (1 << 20) && (r = source_more(s, &err)) > 0) {
		must(s->left <= x->total - s->pos);
		source_take(s, s->left);
	}
	must_tell(r, &err);
	if (r >= 0)
		must_tell(xz_source_finish_block(s, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct region region = { .fd = fuzz_fd(0, bytes, n), .size = n, .what = "fuzz" };
	struct xz_index x;
	struct error err = { 0 };
	int r = xz_index_read(&region, &x, &err);

	must_tell(r, &err);
	if (r < 0)
		return 0;
	for (size_t i = 0; i < x.n; i++) {
		must(x.blocks[i].in <= n && x.blocks[i].unpadded <= n - x.blocks[i].in);
		must(x.blocks[i].out <= x.total && x.blocks[i].size <= x.total - x.blocks[i].out);
	}
	for (size_t i = 0; i < x.n && i < BLOCKS_READ; i++)
		read_block(&x, i, i % 2);
	xz_index_done(&x);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	return mutate_mended(bytes, n, max, seed, mend_xz);
}
