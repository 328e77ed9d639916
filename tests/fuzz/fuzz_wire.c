/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reader that was taken over may answer, and what it may be asked. */
#include "fuzz/fuzz.h"
#include "kernel/wire_facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct facts *f = xcalloc(1, sizeof(*f)), *again;
	struct wire w = { .in = bytes, .left = n };
	struct want_list wants = { 0 };
	struct buf out = { 0 };

	wire_facts(&w, f);
	if (!w.bad && w.left == 0) {
		/* What was taken is written again as it came. */
		w = (struct wire){ .out = &out };
		wire_facts(&w, f);
		if (out.len != n || memcmp(out.text, bytes, n) != 0)
			abort();
		again = facts_copy(f);
		facts_free(again);
	}
	facts_free(f);
	buf_done(&out);
	w = (struct wire){ .in = bytes, .left = n };
	wire_wants(&w, &wants);
	want_list_done(&wants);
	return 0;
}
