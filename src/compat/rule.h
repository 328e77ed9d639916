/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_COMPAT_RULE_H
#define HVCOMPAT_COMPAT_RULE_H

#include "compat/knowledge.h"

/* How deep rules may nest. */
#define RULE_DEPTH_MAX 8

/* Qualifiers of a rule, as bits: which ones it has, and which ones its kind allows. */
enum qualifier {
	Q_OF = 1 << 0, Q_VALUE = 1 << 1, Q_VERSION = 1 << 2, Q_FILE = 1 << 3, Q_TYPE = 1 << 4,
	Q_BITS = 1 << 5, Q_STRIDE = 1 << 6, Q_OFFSET = 1 << 7, Q_SIZE = 1 << 8, Q_FLAG_OFFSET = 1 << 9,
	Q_OBJECT = 1 << 10, Q_ELEMENT = 1 << 11, Q_FORMAT = 1 << 12, Q_ENDS = 1 << 13, Q_DEPTH = 1 << 14,
	Q_UNKNOWN_VERSIONS = 1 << 15, Q_VERSIONS = 1 << 16, Q_GRADE = 1 << 17, Q_WAY_OUT = 1 << 18,
};
/* What a top-level rule of `speaks` gives. */
#define Q_GIVES (Q_UNKNOWN_VERSIONS | Q_VERSIONS | Q_GRADE | Q_WAY_OUT)

/* One kind of leaf. */
struct leaf {
	const char *key;
	size_t offset; /* of its char * in struct rule */
	enum want_kind kind;
	unsigned allowed, required; /* qualifiers */
};

/* The leaf that a rule is; NULL: a combinator (or nothing). *ret_name borrows the key's value. */
const struct leaf *rule_leaf(const struct rule *r, const char **ret_name);

/* The key of a kind, as the files spell it. */
const char *leaf_key(enum want_kind kind);

/* The rules below a combinator. */
struct branches {
	const char *key; /* "all", "any", "none"; NULL: the rule is a leaf */
	struct rule *rules;
	unsigned count;
};
struct branches rule_branches(const struct rule *r);

/* How many of leaf and combinator keys the rule has; an honest one has one. */
unsigned rule_heads(const struct rule *r);

unsigned rule_qualifiers(const struct rule *r);
const char *qualifier_key(unsigned bit);

/* Whether the rule, somewhere, can tell versions: a table, or a modinfo "version". */
bool rule_tells_versions(const struct rule *r);

/* Calls `visit` for the rule and all below it that are leaves. */
void rule_leaves(struct rule *r, void (*visit)(struct rule *leaf, void *ctx), void *ctx);

#endif
