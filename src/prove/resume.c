/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/prove.h"

static bool used(const struct record *r, const char *name, const char *sum)
{
	for (size_t i = 0; i < r->n_files; i++)
		if (streq(r->files[i].name, name))
			return streq(r->files[i].sha256, sum);
	return false;
}

const struct record *prove_known(const struct record_list *list, const struct recipe *r, const char *init, const char *program)
{
	for (size_t i = list->count; i-- > 0;) {
		const struct record *one = list->records[i];

		if (streq(one->recipe_digest, r->digest) && streq(one->recipe, r->name) && record_decides(one) &&
		    used(one, "init", init) && (!program || used(one, r->program, program)))
			return one;
	}
	return NULL;
}
