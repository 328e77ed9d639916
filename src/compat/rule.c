/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/rule.h"

/* docs/knowledge.md, "Rules", row by row. */
static const struct leaf leaves[] = {
#define LEAF(word, member, want, may, must)                                     \
	{                                                                       \
		word, offsetof(struct rule, member), want, (may) | (must), must \
	}
	LEAF("config", config, WANT_CONFIG, Q_VALUE, 0),
	LEAF("config-exists", config_exists, WANT_CONFIG_EXISTS, 0, 0),
	LEAF("driver", driver, WANT_DRIVER, 0, 0),
	LEAF("alias", alias, WANT_ALIAS, 0, Q_OF),
	LEAF("note", note, WANT_NOTE, Q_TYPE, 0),
	LEAF("symbol", symbol, WANT_SYMBOL, Q_OF | Q_OBJECT, 0),
	LEAF("string", string, WANT_STRING, Q_OF, 0),
	LEAF("table", table, WANT_TABLE,
	     Q_OF | Q_FORMAT | Q_ENDS | Q_STRIDE | Q_OFFSET | Q_SIZE | Q_FILE | Q_FLAG_OFFSET, Q_ELEMENT),
	LEAF("u32", u32, WANT_VALUE, Q_OF | Q_OFFSET | Q_SIZE | Q_FILE, Q_VALUE),
	LEAF("modinfo", modinfo, WANT_MODINFO, Q_VALUE, Q_OF),
	LEAF("payload", payload, WANT_PAYLOAD, 0, 0),
	LEAF("vdso", vdso, WANT_VDSO, Q_VERSION, Q_BITS),
};

static const char *leaf_name(const struct rule *r, const struct leaf *l)
{
	return *(char *const *)((const char *)r + l->offset);
}

const struct leaf *rule_leaf(const struct rule *r, const char **ret_name)
{
	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++) {
		const char *name = leaf_name(r, &leaves[i]);

		if (!name)
			continue;
		*ret_name = name;
		return &leaves[i];
	}
	return NULL;
}

const char *leaf_key(enum want_kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++)
		if (leaves[i].kind == kind)
			return leaves[i].key;
	return "leaf";
}

struct branches rule_branches(const struct rule *r)
{
	if (r->all_count)
		return (struct branches){ "all", r->all, r->all_count };
	if (r->any_count)
		return (struct branches){ "any", r->any, r->any_count };
	if (r->none_count)
		return (struct branches){ "none", r->none, r->none_count };
	return (struct branches){ 0 };
}

unsigned rule_heads(const struct rule *r)
{
	unsigned n = !!r->all_count + !!r->any_count + !!r->none_count;

	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++)
		n += leaf_name(r, &leaves[i]) != NULL;
	return n;
}

unsigned rule_qualifiers(const struct rule *r)
{
	return (r->of ? Q_OF : 0) | (r->value ? Q_VALUE : 0) | (r->version ? Q_VERSION : 0) |
	       (r->file ? Q_FILE : 0) | (r->type ? Q_TYPE : 0) | (r->bits ? Q_BITS : 0) |
	       (r->stride ? Q_STRIDE : 0) | (r->offset ? Q_OFFSET : 0) | (r->size ? Q_SIZE : 0) |
	       (r->flag_offset ? Q_FLAG_OFFSET : 0) | (r->object ? Q_OBJECT : 0) |
	       (r->element ? Q_ELEMENT : 0) | (r->format ? Q_FORMAT : 0) | (r->ends ? Q_ENDS : 0) |
	       (r->depth ? Q_DEPTH : 0) | (r->unknown_versions ? Q_UNKNOWN_VERSIONS : 0) |
	       (r->versions_count ? Q_VERSIONS : 0) | (r->grade ? Q_GRADE : 0) | (r->way_out ? Q_WAY_OUT : 0);
}

const char *qualifier_key(unsigned bit)
{
	static const char *const keys[] = {
		"of",	    "value",	   "version", "file",
		"type",	    "bits",	   "stride",  "offset",
		"size",	    "flag-offset", "object",  "element",
		"format",   "ends",	   "depth",   "unknown-versions",
		"versions", "grade",	   "way-out",
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (bit == 1u << i)
			return keys[i];
	return "qualifier";
}

bool rule_tells_versions(const struct rule *r)
{
	struct branches b = rule_branches(r);

	if (r->table || (r->modinfo && streq(r->modinfo, "version")))
		return true;
	for (unsigned i = 0; i < b.count; i++)
		if (!r->none_count && rule_tells_versions(&b.rules[i]))
			return true;
	return false;
}

void rule_leaves(struct rule *r, void (*visit)(struct rule *leaf, void *ctx), void *ctx)
{
	struct branches b = rule_branches(r);

	if (!b.key)
		visit(r, ctx);
	for (unsigned i = 0; i < b.count; i++)
		rule_leaves(&b.rules[i], visit, ctx);
}
