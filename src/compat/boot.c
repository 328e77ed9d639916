/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/support.h"

static bool boot_through(const struct boot *b, char *const *through, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strings_have(b->through, through[i]))
			return false;
	return true;
}

bool verdict_booted(const struct verdict *v, char *const *through, size_t n)
{
	for (size_t i = 0; i < v->n_boots; i++)
		if (v->boots[i].runs == TRUTH_YES && boot_through(&v->boots[i], through, n))
			return true;
	return false;
}
