/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/support.h"

bool verdict_booted(const struct verdict *v, const char *through)
{
	for (size_t i = 0; i < v->n_boots; i++) {
		const struct boot *b = &v->boots[i];

		if (b->runs == TRUTH_YES && !b->superseded && (!through || strings_have(b->through, through)))
			return true;
	}
	return false;
}
