/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ruling as it was kept: what is taken can be printed, and is the same again. */
#include "fuzz/fuzz.h"
#include "gate/ruling.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(freep) char *line = xstrndup((const char *)bytes, n), *once = NULL, *twice = NULL;
	_cleanup_(ruling_freep) struct ruling *r = NULL, *again = NULL;
	struct error err = { 0 };
	int q = ruling_parse(line, &r, &err);

	must_tell(q, &err);
	if (q < 0)
		return 0;
	for (size_t i = 0; i < r->n_findings; i++)
		must(r->findings[i].id && r->findings[i].lost && r->findings[i].message);
	must(r->result != RULING_ALLOWED || r->n_findings == 0);
	once = ruling_print(r);
	must(ruling_parse(once, &again, &err) == 0);
	twice = ruling_print(again);
	must(streq(once, twice));
	return 0;
}
