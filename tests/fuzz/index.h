/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TESTS_FUZZ_INDEX_H
#define HVCOMPAT_TESTS_FUZZ_INDEX_H

#include "fuzz/fuzz.h"
#include "pkg/index_private.h"

/* What the solver and a judgement rest on. */
static inline void index_check(const struct index *x)
{
	for (size_t i = 0; i < x->n_packages; i++) {
		const struct index_package *p = &x->packages[i];

		if (!p->name[0] || !p->version[0] || !p->arch[0] || !p->source || !p->source_version || strlen(p->sha256) != 64 ||
		    p->location[0] == '/' || strstr(p->location, "/../") || startswith(p->location, "../") ||
		    strpbrk(p->name, " \n\t\033/"))
			abort();
	}
}

/* An index as it comes out of its compression. */
static inline int fuzz_index(const uint8_t *bytes, size_t n, index_reader read)
{
	_cleanup_(index_freep) struct index *x = xcalloc(1, sizeof(*x));
	struct fuzz_source s;
	char digest[65];
	struct error err = { 0 };
	int r = read(x, fuzz_source(&s, bytes, n, 4096), digest, &err);

	must_tell(r, &err);
	if (r == 0)
		index_check(x);
	return 0;
}

#endif
