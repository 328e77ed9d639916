/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/policy.h"

#include <errno.h>
#include <stdarg.h>

#include "compat/schema.h"
#include "policy/parts.h"

#define OPT_PTR (CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER)
#define OPT_ENUM (CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT)
#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, OPT_PTR, type, member, 1, 4096)
#define LIST(key, type, member, entry, most)                                                                 \
	CYAML_FIELD_SEQUENCE(key, OPT_PTR, type, member, &(entry), 0, most)
#define ENUM(key, type, member, words) CYAML_FIELD_ENUM(key, OPT_ENUM, type, member, words, ARRAY_SIZE(words))

#define WORDS_MAX 64
#define REQUIRES_MAX 512
#define WAIVERS_MAX 4096

/*
 * Keys that are left out are 0 in what libcyaml makes, and 0 is GRADE_FULL, while a policy that says nothing
 * means degraded. So the words stand for one more than they mean until grade_read().
 */
#define GRADE_WORD(g) ((g) + 1)

static const cyaml_strval_t unknown_words[] = { { "block", UNKNOWN_BLOCK }, { "report", UNKNOWN_REPORT } };
static const cyaml_strval_t drops_words[] = { { "report", DROPS_REPORT }, { "block", DROPS_BLOCK } };
static const cyaml_strval_t proof_words[] = { { "none", PROOF_NONE }, { "required", PROOF_REQUIRED } };
static const cyaml_strval_t grade_words[] = {
	{ "full", GRADE_WORD(GRADE_FULL) },
	{ "degraded", GRADE_WORD(GRADE_DEGRADED) },
};

static const cyaml_schema_value_t text_value = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 256) };

static const cyaml_schema_field_t requirement_fields[] = {
	TEXT("hypervisor", struct requirement, hypervisor),
	TEXT("userspace", struct requirement, userspace),
	TEXT("versions", struct requirement, versions),
	LIST("modes", struct requirement, modes, text_value, WORDS_MAX),
	TEXT("loader", struct requirement, loader),
	LIST("through", struct requirement, through, text_value, WORDS_MAX),
	ENUM("grade", struct requirement, grade, grade_words),
	ENUM("proof", struct requirement, proof, proof_words),
	LIST("arch", struct requirement, arch, text_value, WORDS_MAX),
	LIST("flavour", struct requirement, flavour, text_value, WORDS_MAX),
	TEXT("reason", struct requirement, reason),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t requirement_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct requirement, requirement_fields)
};

static const cyaml_schema_field_t waiver_fields[] = {
	TEXT("finding", struct waiver, finding),
	TEXT("kernels", struct waiver, kernels),
	TEXT("reason", struct waiver, reason),
	TEXT("by", struct waiver, by),
	TEXT("until", struct waiver, until),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t waiver_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct waiver, waiver_fields)
};

#define LISTS                                                                                                \
	LIST("requires", struct policy, requires, requirement_value, REQUIRES_MAX),                          \
		LIST("waivers", struct policy, waivers, waiver_value, WAIVERS_MAX), CYAML_FIELD_END

static const cyaml_schema_field_t policy_fields[] = {
	TEXT("policy", struct policy, name),
	CYAML_FIELD_UINT("version", CYAML_FLAG_OPTIONAL, struct policy, version),
	TEXT("about", struct policy, about),
	ENUM("unknown", struct policy, unknown, unknown_words),
	ENUM("drops", struct policy, drops, drops_words),
	LISTS,
};
static const cyaml_schema_value_t policy_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct policy, policy_fields)
};

/* A drop-in adds; what the policy is called and how it decides is said in one place. */
static const cyaml_schema_field_t dropin_fields[] = { LISTS };
static const cyaml_schema_value_t dropin_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct policy, dropin_fields)
};

/* --- flaws ------------------------------------------------------------------------------------- */

static void flaw_at(struct vet *vet, struct part *part, const struct step *way, const char *fmt, va_list args)
{
	_cleanup_(freep) char *what = NULL, *line = NULL;
	struct position at;

	if (!part->places)
		part->places = places_new(part->bytes, part->n);
	at = places_find(part->places, way);
	what = xvasprintf(fmt, args);
	line = xasprintf("%s:%zu:%zu: %s", part->file, at.line, at.column, what);
	if (vet->report)
		vet->report(vet->ctx, line);
	if (!vet->flawed)
		error_set(vet->err, EINVAL, "%s", line);
	vet->flawed = true;
}

void vet_flaw(struct vet *vet, struct part *part, const struct step *way, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	flaw_at(vet, part, way, fmt, args);
	va_end(args);
}

static void element_flaw(struct vet *vet, const struct origin *o, const char *list, const char *key,
			 const char *fmt, va_list args)
{
	struct step top = { .key = list };
	struct step element = { .up = &top, .index = o->index };
	struct step last = { .up = &element, .key = key };

	flaw_at(vet, o->part, key ? &last : &element, fmt, args);
}

void vet_requirement_flaw(struct vet *vet, unsigned i, const char *key, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	element_flaw(vet, &vet->requires[i], "requires", key, fmt, args);
	va_end(args);
}

void vet_waiver_flaw(struct vet *vet, unsigned i, const char *key, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	element_flaw(vet, &vet->waivers[i], "waivers", key, fmt, args);
	va_end(args);
}

/* The file's name without .yaml is what commands call the policy, so it must be what reports call it. */
static void vet_head(struct vet *vet)
{
	const char *base = path_base(vet->main->file);
	_cleanup_(freep) char *name = xstrndup(base, strlen(base) - (endswith(base, ".yaml") ? 5 : 0));
	struct step policy = { .key = "policy" }, version = { .key = "version" };

	if (!vet->policy->name)
		vet_flaw(vet, vet->main, NULL, "key 'policy' is missing: write \"policy: %s\"", name);
	else if (!streq(vet->policy->name, name))
		vet_flaw(vet, vet->main, &policy,
			 "the policy is called '%s' and its file '%s'; make them the same", vet->policy->name,
			 name);
	if (vet->policy->version == 0)
		vet_flaw(vet, vet->main, &version,
			 "key 'version' must be a number from 1 on, which grows with each change of the "
			 "policy");
}

/* --- loading ----------------------------------------------------------------------------------- */

static void grade_read(struct requirement *r)
{
	r->grade = (unsigned)r->grade == GRADE_WORD(GRADE_FULL) ? GRADE_FULL : GRADE_DEGRADED;
}

/* Loads what libcyaml can check of each file. All files are tried, so that all their flaws are seen at once.
 */
static void read_parts(struct vet *vet, struct parts *parts, struct arena *arena)
{
	for (size_t i = 0; i < parts->n_parts; i++) {
		struct part *p = &parts->parts[i];
		struct error why = { 0 };
		void *value;

		if (yaml_load(p->file, p->bytes, p->n, i ? &dropin_schema : &policy_schema, arena, &value,
			      &why) == 0) {
			p->read = value;
			continue;
		}
		if (vet->report)
			vet->report(vet->ctx, why.text);
		if (!vet->flawed)
			error_set(vet->err, why.code, "%s", why.text);
		vet->flawed = true;
	}
}

/* Puts the lists of all files together in the main one, and remembers where each element came from. */
static void merge_parts(struct vet *vet, struct parts *parts, struct arena *arena)
{
	struct policy *whole = arena_take(arena, sizeof(*whole));
	unsigned n_requires = 0, n_waivers = 0;

	for (size_t i = 0; i < parts->n_parts; i++) {
		n_requires += parts->parts[i].read->requires_count;
		n_waivers += parts->parts[i].read->waivers_count;
	}
	*whole = *parts->parts[0].read;
	whole->requires = arena_take(arena, n_requires * sizeof(whole->requires[0]));
	whole->waivers = arena_take(arena, n_waivers * sizeof(whole->waivers[0]));
	whole->requires_count = whole->waivers_count = 0;
	vet->requires = arena_take(arena, n_requires * sizeof(vet->requires[0]));
	vet->waivers = arena_take(arena, n_waivers * sizeof(vet->waivers[0]));
	for (size_t i = 0; i < parts->n_parts; i++) {
		struct part *p = &parts->parts[i];

		for (unsigned j = 0; j < p->read->requires_count; j++) {
			grade_read(&p->read->requires[j]);
			vet->requires[whole->requires_count] = (struct origin){ .part = p, .index = j };
			whole->requires[whole->requires_count++] = p->read->requires[j];
		}
		for (unsigned j = 0; j < p->read->waivers_count; j++) {
			vet->waivers[whole->waivers_count] = (struct origin){ .part = p, .index = j };
			whole->waivers[whole->waivers_count++] = p->read->waivers[j];
		}
	}
	vet->policy = whole;
}

static struct policy *load_parts(struct vet *vet, struct parts *parts)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	const char *file = parts->parts[0].file;

	vet->main = &parts->parts[0];
	read_parts(vet, parts, arena);
	if (vet->flawed)
		return NULL;
	merge_parts(vet, parts, arena);
	vet->policy->file = strcpy(arena_take(arena, strlen(file) + 1), file);
	vet->policy->arena = TAKE_PTR(arena);
	vet_head(vet);
	vet_requirements(vet);
	vet_waivers(vet);
	/* A policy that lost its requirements would be a gate that stands open. */
	if (!vet->flawed && vet->policy->requires_count == 0 && vet->policy->drops != DROPS_BLOCK)
		vet_flaw(vet, vet->main, NULL,
			 "it requires nothing: add 'requires', or 'drops: block' to keep what a kernel has");
	return vet->policy;
}

int policy_load(const struct knowledge *k, const char *const *dirs, const char *name, knowledge_report report,
		void *ctx, struct policy **ret, struct error *err)
{
	struct vet vet = { .knowledge = k, .report = report, .ctx = ctx, .err = err };
	_cleanup_(policy_freep) struct policy *p = NULL;
	struct parts parts;
	int r;

	r = parts_find(dirs, name, &parts, err);
	if (r < 0)
		return r;
	p = load_parts(&vet, &parts);
	parts_done(&parts);
	if (vet.flawed)
		return -EINVAL;
	*ret = TAKE_PTR(p);
	return 0;
}

struct policy *policy_free(struct policy *p)
{
	if (!p)
		return NULL;
	for (unsigned i = 0; i < p->requires_count; i++)
		selection_done(&p->requires[i].selection);
	arena_free(p->arena);
	return NULL;
}
