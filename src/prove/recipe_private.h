/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_RECIPE_PRIVATE_H
#define HVCOMPAT_PROVE_RECIPE_PRIVATE_H

#include "compat/place.h"
#include "compat/schema.h"
#include "prove/recipe.h"

/* What the files that load recipes share. */

extern const cyaml_schema_value_t schema_family; /* struct recipe_family */
extern const cyaml_schema_value_t schema_recipe; /* struct recipe */

/* One file being vetted. */
struct recipe_vet {
	const struct knowledge *k;
	const struct recipe_list *list;
	const struct recipe_family *family;
	struct places *places;
	knowledge_report report;
	void *ctx;
	struct error *err;
	size_t flaws;
};
void recipe_flaw(struct recipe_vet *v, const struct step *way, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The family as it stands in the file, once its recipes have been put together. */
void recipe_vet_family(struct recipe_vet *v, struct recipe_family *f);

/* Puts under `r` what it builds on: scalars where it says nothing, lists before its own. */
void recipe_build_on(struct arena *a, struct recipe *r, const struct recipe *base);

#endif
