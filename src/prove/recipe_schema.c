/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/recipe_private.h"

#define OPT CYAML_FLAG_OPTIONAL
#define OPT_PTR (CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER)
#define OPT_ENUM (CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT)
#define LIST_MAX 512

#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, OPT_PTR, type, member, 1, CYAML_UNLIMITED)
#define LIST(key, type, member, entry) CYAML_FIELD_SEQUENCE(key, OPT_PTR, type, member, &(entry), 0, LIST_MAX)
#define NUMBER(key, type, member) CYAML_FIELD_UINT(key, OPT, type, member)
#define ENUM(key, type, member, words) CYAML_FIELD_ENUM(key, OPT_ENUM, type, member, words, ARRAY_SIZE(words))
#define VALUE(flags, type, fields) { CYAML_VALUE_MAPPING(flags, type, fields) }

static const cyaml_strval_t runner_words[] = { { "program", RUNNER_PROGRAM }, { "site", RUNNER_SITE } };
static const cyaml_strval_t kernel_words[] = { { "stored", RECIPE_KERNEL_STORED }, { "elf", RECIPE_KERNEL_ELF } };
static const cyaml_strval_t unpack_words[] = { { "no", UNPACK_NO }, { "yes", UNPACK_YES } };
static const cyaml_strval_t outcome_words[] = {
	{ "refused", OUTCOME_REFUSED },
	{ "panicked", OUTCOME_PANICKED },
	{ "failed", OUTCOME_FAILED },
};

static const cyaml_schema_value_t text_value = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED) };

static const cyaml_schema_field_t watch_fields[] = {
	TEXT("text", struct recipe_watch, text),
	CYAML_FIELD_ENUM("outcome", CYAML_FLAG_STRICT, struct recipe_watch, outcome, outcome_words,
			 ARRAY_SIZE(outcome_words)),
	TEXT("why", struct recipe_watch, why),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t watch_value = VALUE(CYAML_FLAG_DEFAULT, struct recipe_watch, watch_fields);

static const cyaml_schema_field_t expect_fields[] = {
	TEXT("seen", struct recipe_expect, seen),
	TEXT("is", struct recipe_expect, is),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t expect_value = VALUE(CYAML_FLAG_DEFAULT, struct recipe_expect, expect_fields);

static const cyaml_schema_field_t claim_fields[] = {
	TEXT("hypervisor", struct recipe_claim, hypervisor),
	TEXT("userspace", struct recipe_claim, userspace),
	TEXT("versions", struct recipe_claim, versions),
	LIST("modes", struct recipe_claim, modes, text_value),
	LIST("through", struct recipe_claim, through, text_value),
	LIST("when", struct recipe_claim, when, expect_value),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t claim_value = VALUE(CYAML_FLAG_DEFAULT, struct recipe_claim, claim_fields);

static const cyaml_schema_field_t file_fields[] = {
	TEXT("name", struct recipe_file, name),
	TEXT("package", struct recipe_file, package),
	TEXT("version", struct recipe_file, version),
	TEXT("member", struct recipe_file, member),
	ENUM("unpack", struct recipe_file, unpack, unpack_words),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_value = VALUE(CYAML_FLAG_DEFAULT, struct recipe_file, file_fields);

static const cyaml_schema_field_t program_fields[] = {
	TEXT("package", struct recipe_program, package),
	TEXT("member", struct recipe_program, member),
	TEXT("path", struct recipe_program, path),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t program_value = VALUE(CYAML_FLAG_DEFAULT, struct recipe_program, program_fields);

static const cyaml_schema_field_t text_fields[] = {
	TEXT("path", struct recipe_text, path),
	TEXT("text", struct recipe_text, text),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t guest_text_value = VALUE(CYAML_FLAG_DEFAULT, struct recipe_text, text_fields);

static const cyaml_schema_field_t nested_fields[] = {
	TEXT("kernel", struct recipe_nested, kernel),
	LIST("drivers", struct recipe_nested, drivers, text_value),
	LIST("append", struct recipe_nested, append, text_value),
	LIST("programs", struct recipe_nested, programs, program_value),
	LIST("texts", struct recipe_nested, texts, guest_text_value),
	CYAML_FIELD_END,
};

#define SHARED_FIELDS \
	LIST("arch", struct recipe, arch, text_value), \
	ENUM("runner", struct recipe, runner, runner_words), \
	LIST("install", struct recipe, install, text_value), \
	TEXT("program", struct recipe, program), \
	LIST("arguments", struct recipe, arguments, text_value), \
	ENUM("kernel", struct recipe, kernel, kernel_words), \
	LIST("append", struct recipe, append, text_value), \
	LIST("drivers", struct recipe, drivers, text_value), \
	LIST("devices", struct recipe, devices, text_value), \
	LIST("probes", struct recipe, probes, text_value), \
	LIST("expect", struct recipe, expect, expect_value), \
	LIST("watch", struct recipe, watch, watch_value), \
	LIST("needs-files", struct recipe, files, file_value), \
	CYAML_FIELD_MAPPING_PTR("nested", OPT_PTR, struct recipe, nested, nested_fields), \
	LIST("stands-for", struct recipe, claims, claim_value), \
	NUMBER("seconds", struct recipe, seconds), \
	NUMBER("retries", struct recipe, retries), \
	CYAML_FIELD_END

static const cyaml_schema_field_t common_fields[] = { SHARED_FIELDS };
static const cyaml_schema_field_t recipe_fields[] = {
	TEXT("name", struct recipe, name),
	TEXT("about", struct recipe, about),
	TEXT("source", struct recipe, source),
	TEXT("like", struct recipe, like),
	SHARED_FIELDS,
};
static const cyaml_schema_value_t recipe_value = VALUE(CYAML_FLAG_DEFAULT, struct recipe, recipe_fields);
const cyaml_schema_value_t schema_recipe = VALUE(CYAML_FLAG_POINTER, struct recipe, recipe_fields);

static const cyaml_schema_field_t family_fields[] = {
	TEXT("proof", struct recipe_family, name),
	TEXT("about", struct recipe_family, about),
	TEXT("source", struct recipe_family, source),
	CYAML_FIELD_MAPPING_PTR("common", OPT_PTR, struct recipe_family, common, common_fields),
	LIST("recipes", struct recipe_family, recipes, recipe_value),
	CYAML_FIELD_END,
};
const cyaml_schema_value_t schema_family = VALUE(CYAML_FLAG_POINTER, struct recipe_family, family_fields);
