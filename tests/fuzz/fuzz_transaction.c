/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What apt hands to its hook, and what an override says. */
#include "fuzz/fuzz.h"
#include "gate/allow.h"
#include "gate/transaction.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(transaction_done) struct transaction t = { 0 };
	_cleanup_(strings_done) struct strings allowed = { 0 };
	_cleanup_(fclosep) FILE *in = n ? fmemopen((void *)bytes, n, "r") : NULL;
	struct error err = { 0 };
	int r;

	if (!in)
		return 0;
	r = transaction_read_apt(&t, in, &err);
	must_tell(r, &err);
	/* What is no protocol 3 must not pass as an empty transaction. */
	if (r == 0 && (n < 9 || memcmp(bytes, "VERSION 3", 9) != 0))
		abort();
	for (size_t i = 0; i < t.count; i++)
		if (!t.packages[i].path || t.packages[i].path[0] != '/')
			abort();
	allow_add(&allowed, t.allow);
	if (allow_covers(&allowed, "fort:1") && !strstr(t.allow, "fort"))
		abort();
	return 0;
}
