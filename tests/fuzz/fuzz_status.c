/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dpkg's database of what is installed. */
#include "fuzz/fuzz.h"
#include "pkg/index_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(index_freep) struct index *x = xcalloc(1, sizeof(*x));
	struct fuzz_source s;
	struct error err = { 0 };
	int r = status_read(x, "amd64", fuzz_source(&s, bytes, n, 300), &err);

	must_tell(r, &err);
	for (size_t i = 0; r == 0 && i < x->n_packages; i++)
		must(x->packages[i].name[0] && x->packages[i].version[0] &&
		     (streq(x->packages[i].arch, "amd64") || streq(x->packages[i].arch, "all")));
	return 0;
}
