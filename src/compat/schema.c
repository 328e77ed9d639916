/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/schema.h"

#define OPT CYAML_FLAG_OPTIONAL
#define OPT_PTR (CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER)
#define OPT_ENUM (CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT)

/* No list of an honest file comes near; what bounds memory is the arena. */
#define LIST_MAX 4096

#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, OPT_PTR, type, member, 1, CYAML_UNLIMITED)
#define LIST(key, type, member, entry) CYAML_FIELD_SEQUENCE(key, OPT_PTR, type, member, &(entry), 0, LIST_MAX)
#define NUMBER(key, type, member) CYAML_FIELD_UINT(key, OPT, type, member)
#define MAPPING(key, type, member, fields) CYAML_FIELD_MAPPING_PTR(key, OPT_PTR, type, member, fields)
#define ENUM(key, type, member, words) CYAML_FIELD_ENUM(key, OPT_ENUM, type, member, words, ARRAY_SIZE(words))
#define VALUE(flags, type, fields) { CYAML_VALUE_MAPPING(flags, type, fields) }
/* libcyaml's own booleans take any word for true. */
#define SWITCH(key, type, member) ENUM(key, type, member, truth_words)

static const cyaml_strval_t truth_words[] = { { "true", true }, { "false", false } };
static const cyaml_strval_t grade_words[] = { { "full", GRADE_FULL }, { "degraded", GRADE_DEGRADED } };
static const cyaml_strval_t element_words[] = {
	{ "u16", ELEMENT_U16 },
	{ "u32", ELEMENT_U32 },
	{ "u64", ELEMENT_U64 },
};
static const cyaml_strval_t format_words[] = {
	{ "hi16.lo16", FORMAT_HI16_LO16 },
	{ "lo16.hi16", FORMAT_LO16_HI16 },
	{ "hi8.lo8", FORMAT_HI8_LO8 },
	{ "number", FORMAT_NUMBER },
};
static const cyaml_strval_t ends_words[] = {
	{ "size", ENDS_SIZE },
	{ "zero", ENDS_ZERO },
	{ "not-descending", ENDS_NOT_DESCENDING },
	{ "not-ascending", ENDS_NOT_ASCENDING },
};
static const cyaml_strval_t depth_words[] = {
	{ "quick", DEPTH_QUICK },
	{ "normal", DEPTH_NORMAL },
	{ "deep", DEPTH_DEEP },
	{ "verify", DEPTH_VERIFY },
};
static const cyaml_strval_t meets_words[] = {
	{ "presence", MEETS_PRESENCE },
	{ "host-maximum", MEETS_HOST_MAXIMUM },
	{ "overlap", MEETS_OVERLAP },
	{ "equal", MEETS_EQUAL },
	{ "superset", MEETS_SUPERSET },
};
static const cyaml_strval_t need_words[] = {
	{ "required", NEED_REQUIRED },
	{ "optional", NEED_OPTIONAL },
	{ "none", NEED_NONE },
};

/* The words of enum iface_class, for both the files and reports. */
#define CLASSES(X) \
	X("boot", CLASS_BOOT) \
	X("loader", CLASS_LOADER) \
	X("bus", CLASS_BUS) \
	X("disk", CLASS_DISK) \
	X("net", CLASS_NET) \
	X("console", CLASS_CONSOLE) \
	X("clock", CLASS_CLOCK) \
	X("memory", CLASS_MEMORY) \
	X("display", CLASS_DISPLAY) \
	X("input", CLASS_INPUT) \
	X("passthrough", CLASS_PASSTHROUGH) \
	X("agent", CLASS_AGENT) \
	X("abi", CLASS_ABI)

static const cyaml_strval_t class_words[] = {
#define CLASS_WORD(word, value) { word, value },
	CLASSES(CLASS_WORD)
};
_Static_assert(ARRAY_SIZE(class_words) == CLASS_COUNT, "every class has its word");

const char *iface_class_name(enum iface_class c)
{
	for (size_t i = 0; i < ARRAY_SIZE(class_words); i++)
		if (class_words[i].val == (int64_t)c)
			return class_words[i].str;
	return "unknown";
}

static const cyaml_schema_value_t text_value = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED),
};

static const cyaml_schema_field_t help_fields[] = {
	LIST("config", struct help, config, text_value),
	LIST("shim", struct help, shim, text_value),
	LIST("package", struct help, package, text_value),
	LIST("boot-parameter", struct help, boot_parameter, text_value),
	TEXT("text", struct help, text),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t rule_value; /* a rule holds rules */

static const cyaml_schema_field_t rule_fields[] = {
	LIST("all", struct rule, all, rule_value),
	LIST("any", struct rule, any, rule_value),
	LIST("none", struct rule, none, rule_value),
	TEXT("config", struct rule, config),
	TEXT("config-exists", struct rule, config_exists),
	TEXT("driver", struct rule, driver),
	TEXT("alias", struct rule, alias),
	TEXT("note", struct rule, note),
	TEXT("symbol", struct rule, symbol),
	TEXT("string", struct rule, string),
	TEXT("table", struct rule, table),
	TEXT("u32", struct rule, u32),
	TEXT("modinfo", struct rule, modinfo),
	TEXT("payload", struct rule, payload),
	/* "" stands for the vDSO itself */
	CYAML_FIELD_STRING_PTR("vdso", OPT_PTR, struct rule, vdso, 0, CYAML_UNLIMITED),
	TEXT("of", struct rule, of),
	TEXT("value", struct rule, value),
	TEXT("version", struct rule, version),
	TEXT("file", struct rule, file),
	NUMBER("type", struct rule, type),
	NUMBER("bits", struct rule, bits),
	NUMBER("stride", struct rule, stride),
	NUMBER("offset", struct rule, offset),
	NUMBER("size", struct rule, size),
	CYAML_FIELD_INT_PTR("flag-offset", OPT_PTR, struct rule, flag_offset),
	SWITCH("object", struct rule, object),
	ENUM("element", struct rule, element, element_words),
	ENUM("format", struct rule, format, format_words),
	ENUM("ends", struct rule, ends, ends_words),
	CYAML_FIELD_ENUM_PTR("depth", OPT_PTR | CYAML_FLAG_STRICT, struct rule, depth, depth_words,
			     ARRAY_SIZE(depth_words)),
	SWITCH("unknown-versions", struct rule, unknown_versions),
	LIST("versions", struct rule, versions, text_value),
	ENUM("grade", struct rule, grade, grade_words),
	MAPPING("way-out", struct rule, way_out, help_fields),
	TEXT("why", struct rule, why),
	TEXT("source", struct rule, source),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t rule_value = VALUE(CYAML_FLAG_DEFAULT, struct rule, rule_fields);

static const cyaml_schema_field_t refusal_fields[] = {
	MAPPING("when", struct refusal, when, rule_fields),
	TEXT("why", struct refusal, why),
	TEXT("source", struct refusal, source),
	MAPPING("way-out", struct refusal, way_out, help_fields),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t refusal_value = VALUE(CYAML_FLAG_DEFAULT, struct refusal, refusal_fields);

static const cyaml_schema_field_t demand_fields[] = {
	TEXT("feature", struct demand, feature),
	LIST("modes", struct demand, modes, text_value),
	MAPPING("when", struct demand, when, rule_fields),
	TEXT("why", struct demand, why),
	TEXT("source", struct demand, source),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t demand_value = VALUE(CYAML_FLAG_DEFAULT, struct demand, demand_fields);

static const cyaml_schema_field_t driver_fields[] = {
	TEXT("driver", struct driver_decl, driver),
	LIST("also", struct driver_decl, also, text_value),
	LIST("config", struct driver_decl, config, text_value),
	LIST("sysfs", struct driver_decl, sysfs, text_value),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t driver_value = VALUE(CYAML_FLAG_DEFAULT, struct driver_decl, driver_fields);

static const cyaml_schema_field_t iface_fields[] = {
	TEXT("interface", struct iface, name),
	/* Required here: once loaded, a class left out looks like the first one. */
	CYAML_FIELD_ENUM("class", CYAML_FLAG_STRICT, struct iface, class_, class_words, CLASS_COUNT),
	TEXT("kind", struct iface, kind),
	TEXT("about", struct iface, about),
	TEXT("source", struct iface, source),
	LIST("arch", struct iface, arch, text_value),
	LIST("drivers", struct iface, drivers, driver_value),
	LIST("speaks", struct iface, speaks, rule_value),
	LIST("refused-by", struct iface, refused_by, refusal_value),
	LIST("demands", struct iface, demands, demand_value),
	LIST("details", struct iface, details, rule_value),
	MAPPING("help", struct iface, help, help_fields),
	CYAML_FIELD_END,
};
const cyaml_schema_value_t schema_iface = VALUE(CYAML_FLAG_POINTER, struct iface, iface_fields);

static const cyaml_schema_field_t at_fields[] = {
	TEXT("since", struct at, since),
	LIST("versions", struct at, versions, text_value),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t at_value = VALUE(CYAML_FLAG_DEFAULT, struct at, at_fields);

static const cyaml_schema_field_t offer_fields[] = {
	TEXT("interface", struct offer, interface),
	ENUM("meets", struct offer, meets, meets_words),
	LIST("at", struct offer, at, at_value),
	LIST("modes", struct offer, modes, text_value),
	LIST("arch", struct offer, arch, text_value),
	TEXT("since", struct offer, since),
	TEXT("until", struct offer, until),
	ENUM("grade", struct offer, grade, grade_words),
	MAPPING("way-out", struct offer, way_out, help_fields),
	LIST("refused-by", struct offer, refused_by, refusal_value),
	TEXT("unread-follows", struct offer, unread_follows),
	MAPPING("help", struct offer, help, help_fields),
	TEXT("source", struct offer, source),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t offer_value = VALUE(CYAML_FLAG_DEFAULT, struct offer, offer_fields);

static const cyaml_schema_field_t provide_fields[] = {
	TEXT("feature", struct provide, feature),
	LIST("modes", struct provide, modes, text_value),
	TEXT("since", struct provide, since),
	TEXT("until", struct provide, until),
	TEXT("source", struct provide, source),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t provide_value = VALUE(CYAML_FLAG_DEFAULT, struct provide, provide_fields);

static const cyaml_schema_field_t trait_fields[] = {
	TEXT("path", struct trait, path),
	TEXT("is", struct trait, is),
	CYAML_FIELD_UINT_PTR("leaf", OPT_PTR, struct trait, leaf),
	NUMBER("register", struct trait, reg),
	NUMBER("bit", struct trait, bit),
	SWITCH("absent", struct trait, absent),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t trait_value = VALUE(CYAML_FLAG_DEFAULT, struct trait, trait_fields);

static const cyaml_schema_field_t detect_fields[] = {
	TEXT("cpuid", struct detect, cpuid),
	TEXT("word", struct detect, word),
	LIST("traits", struct detect, traits, trait_value),
	TEXT("source", struct detect, source),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t detect_value = VALUE(CYAML_FLAG_DEFAULT, struct detect, detect_fields);

static const cyaml_schema_field_t number_fields[] = {
	CYAML_FIELD_UINT_PTR("leaf", OPT_PTR, struct number, leaf),
	NUMBER("register", struct number, reg),
	LIST("files", struct number, files, text_value),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t number_value = VALUE(CYAML_FLAG_DEFAULT, struct number, number_fields);

static const cyaml_schema_field_t version_fields[] = {
	TEXT("id", struct host_version, id),
	CYAML_FIELD_UINT_PTR("number", OPT_PTR, struct host_version, number),
	LIST("detect", struct host_version, detect, trait_value),
	LIST("aliases", struct host_version, aliases, text_value),
	TEXT("released", struct host_version, released),
	TEXT("support-until", struct host_version, support_until),
	TEXT("about", struct host_version, about),
	TEXT("source", struct host_version, source),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t version_value = VALUE(CYAML_FLAG_DEFAULT, struct host_version, version_fields);

/* `needs` is an array by class. */
static const cyaml_schema_field_t need_fields[] = {
#define CLASS_NEED(word, class) \
	{ .key = word, .data_offset = (class) * sizeof(enum need), \
	  .value = { CYAML_VALUE_ENUM(OPT_ENUM, enum need, need_words, ARRAY_SIZE(need_words)) } },
	CLASSES(CLASS_NEED)
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t mode_fields[] = {
	TEXT("id", struct mode, id),
	TEXT("about", struct mode, about),
	TEXT("loader", struct mode, loader),
	LIST("arch", struct mode, arch, text_value),
	TEXT("since", struct mode, since),
	TEXT("until", struct mode, until),
	TEXT("detect-virt", struct mode, detect_virt),
	LIST("detect", struct mode, detect, trait_value),
	CYAML_FIELD_MAPPING("needs", OPT, struct mode, needs, need_fields),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t mode_value = VALUE(CYAML_FLAG_DEFAULT, struct mode, mode_fields);

#define HOST_FIELDS \
	TEXT("name", struct host, title), TEXT("detect-virt", struct host, detect_virt), \
		TEXT("about", struct host, about), TEXT("source", struct host, source), \
		LIST("detect", struct host, detect, detect_value), \
		LIST("number", struct host, number, number_value), \
		LIST("versions", struct host, versions, version_value), \
		LIST("modes", struct host, modes, mode_value), LIST("offers", struct host, offers, offer_value), \
		LIST("provides", struct host, provides, provide_value), CYAML_FIELD_END

static const cyaml_schema_field_t hypervisor_fields[] = { TEXT("hypervisor", struct host, name), HOST_FIELDS };
static const cyaml_schema_field_t userspace_fields[] = { TEXT("userspace", struct host, name), HOST_FIELDS };

const cyaml_schema_value_t schema_hypervisor = VALUE(CYAML_FLAG_POINTER, struct host, hypervisor_fields);
const cyaml_schema_value_t schema_userspace = VALUE(CYAML_FLAG_POINTER, struct host, userspace_fields);
