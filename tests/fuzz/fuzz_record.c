/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record of a boot: what is taken for one comes back from being written as it was. */
#include "fuzz/fuzz.h"
#include "prove/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(record_freep) struct record *r = NULL, *again = NULL;
	_cleanup_(freep) char *text = xmalloc(n + 1), *printed = NULL, *twice = NULL;
	struct error err = { 0 };
	int q;

	memcpy(text, bytes, n);
	text[n] = '\0';
	q = record_parse("fuzz", text, n, true, &r, &err);
	must_tell(q, &err);
	if (q < 0)
		return 0;
	printed = record_print(r);
	if (record_parse("printed", printed, strlen(printed), true, &again, &err) < 0)
		abort();
	twice = record_print(again);
	if (!streq(printed, twice))
		abort();
	return 0;
}
