/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payload of a kernel image in each of its packings, fed in pieces. */
#include "fuzz/fuzz.h"
#include "fuzz/mutate.h"

#define BOUND ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct flat out;
	enum codec codec = codec_detect(bytes, n);
	_cleanup_(payload_freep) struct payload *p = NULL;
	struct error err = { 0 };
	size_t step = n % 7 ? n / (n % 7) + 1 : n;
	int r;

	if (!out.bytes && flat_init(&out, BOUND, &err) < 0)
		return 0;
	out.size = 0;
	r = payload_new(codec, n & 1, &out, &p, &err);
	must_tell(r, &err);
	for (size_t at = 0; r == 0 && at < n; at += step) {
		struct span in = { .bytes = bytes + at, .n = n - at < step ? n - at : step };

		/* Stopped once on the way, as a reader of notes does. */
		r = payload_feed(p, &in, at == 0 ? 512 : SIZE_MAX, &err);
		if (r == 0 && at == 0)
			r = payload_feed(p, &in, SIZE_MAX, &err);
		must(r != 0 || in.n == 0);
		must(r < 0 || out.size <= BOUND);
	}
	if (r == 0)
		r = payload_end(p, &err);
	must_tell(r, &err);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	return mutate_inside(bytes, n, max, seed);
}
