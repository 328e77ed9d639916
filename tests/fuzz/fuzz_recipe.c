/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recipe of a proof, in YAML, against the knowledge of this tree. */
#include "fuzz/knowledge.h"
#include "prove/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static bool linked;
	_cleanup_(recipe_list_freep) struct recipe_list *list = NULL;
	const char *dirs[] = { fuzz_tree(), NULL };
	struct error err = { 0 };
	int r;

	if (!linked)
		fuzz_link("proofs/fuzz.yaml", 0);
	linked = true;
	fuzz_fd(0, bytes, n);
	r = recipe_list_load(dirs, fuzz_knowledge(), NULL, NULL, &list, &err);
	must_tell(r, &err);
	for (size_t i = 0; r == 0 && i < list->count; i++)
		must(list->recipes[i]->name && strlen(list->recipes[i]->digest) == 64 &&
		     recipe_find(list, list->recipes[i]->name));
	return 0;
}
