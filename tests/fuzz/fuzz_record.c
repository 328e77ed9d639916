/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record of a boot, out of a directory that may be anybody's: what is taken can be printed, and is the same again. */
#include "fuzz/fuzz.h"
#include "prove/record.h"

static void check(const struct record *r)
{
	must(r->outcome < OUTCOME_COUNT && r->family[0] && r->recipe[0] && !strchr(r->family, '/') && !strchr(r->recipe, '/'));
	must(strlen(r->kernel) == 64 && strlen(r->recipe_digest) == 64 && r->attempt >= 1);
	for (size_t i = 0; i < r->n_claims; i++)
		must(r->claims[i].host && r->claims[i].holds <= HOLDS_NO);
	record_seen(r, "disk");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(freep) char *text = xcalloc(n + 1, 1), *once = NULL, *twice = NULL;
	_cleanup_(record_freep) struct record *r = NULL, *again = NULL;
	struct error err = { 0 };
	int q;

	memcpy(text, bytes, n);
	q = record_parse("fuzz", text, n, true, &r, &err);
	must_tell(q, &err);
	if (q < 0)
		return 0;
	check(r);
	once = record_print(r);
	must(record_parse("fuzz", once, strlen(once), true, &again, &err) == 0);
	twice = record_print(again);
	must(streq(once, twice));
	return 0;
}
