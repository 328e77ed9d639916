/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_POLICY_PARTS_H
#define HVCOMPAT_POLICY_PARTS_H

#include "compat/place.h"
#include "policy/policy.h"

/* What the files that load a policy share. Nobody outside src/policy includes this. */

/* One of the files that a policy is made of: the main one is the first, its drop-ins follow by name. */
struct part {
	char *file;
	uint8_t *bytes;
	size_t n;
	struct places *places; /* made when the first flaw is found */
	struct policy *read;   /* what libcyaml made of it; lives in the policy's arena */
};

struct parts {
	struct part *parts; /* owned */
	size_t n_parts;
};

/* Finds the files and reads them. Returns 0, -ENOENT, or another negative errno. */
int parts_find(const char *const *dirs, const char *name, struct parts *ret, struct error *err);
void parts_done(struct parts *parts);

/* Where a requirement or waiver of the whole policy was written. */
struct origin {
	struct part *part;
	unsigned index; /* in the list of that file */
};

struct vet {
	const struct knowledge *knowledge;
	struct policy *policy;
	struct part *main;
	struct origin *requires, *waivers; /* parallel to the policy's lists */
	knowledge_report report;
	void *ctx;
	struct error *err;
	bool flawed;
};

/* Notes a flaw; `way` may be NULL: the file as a whole. */
void vet_flaw(struct vet *vet, struct part *part, const struct step *way, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Notes a flaw of the `i`-th requirement or waiver, at `key` of it (NULL: at itself). */
void vet_requirement_flaw(struct vet *vet, unsigned i, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void vet_waiver_flaw(struct vet *vet, unsigned i, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Checks what libcyaml cannot, and fills the selections. */
void vet_requirements(struct vet *vet);
void vet_waivers(struct vet *vet);

#endif
