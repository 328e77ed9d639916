/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/lint.h"

#include <ctype.h>

int driver_compare(const char *a, const char *b)
{
	for (;; a++, b++) {
		char x = *a == '-' ? '_' : *a, y = *b == '-' ? '_' : *b;

		if (x != y)
			return (unsigned char)x < (unsigned char)y ? -1 : 1;
		if (x == '\0')
			return 0;
	}
}

static int by_driver(const void *a, const void *b)
{
	return driver_compare(((const struct driver_entry *)a)->name, ((const struct driver_entry *)b)->name);
}

const struct driver_entry *lint_find_driver(const struct lint *l, const char *name)
{
	struct driver_entry wanted = { .name = name };

	return l->n_drivers ? bsearch(&wanted, l->drivers, l->n_drivers, sizeof(wanted), by_driver) : NULL;
}

static void add_driver(struct lint *l, const struct iface *i, const struct driver_decl *d, const char *name)
{
	if (!name)
		return;
	ARRAY_GROW(l->drivers, l->n_drivers);
	l->drivers[l->n_drivers++] =
		(struct driver_entry){ .name = name, .declared = d->driver, .owner = i };
}

void lint_drivers(struct lint *l)
{
	for (size_t n = 0; n < l->k->n_ifaces; n++) {
		const struct iface *i = l->k->ifaces[n];

		for (unsigned d = 0; d < i->drivers_count; d++) {
			add_driver(l, i, &i->drivers[d], i->drivers[d].driver);
			for (unsigned a = 0; a < i->drivers[d].also_count && i->drivers[d].driver; a++)
				add_driver(l, i, &i->drivers[d], i->drivers[d].also[a]);
		}
	}
	if (l->n_drivers)
		qsort(l->drivers, l->n_drivers, sizeof(*l->drivers), by_driver);
}

/* The names of one driver stand for it alone. */
static void lint_driver_name(struct lint *l, const struct step *way, const struct iface *i, const char *name)
{
	size_t twins = 0;
	const struct driver_entry *e = lint_find_driver(l, name), *other = e;

	if (!e)
		return;
	while (e > l->drivers && driver_compare(e[-1].name, name) == 0)
		e--;
	for (; e < l->drivers + l->n_drivers && driver_compare(e->name, name) == 0; e++, twins++)
		other = e->owner != i ? e : other;
	if (twins > 1)
		lint_flaw(
			l, way,
			"driver '%s' is declared more than once (interface '%s'); name it by `of` or `driver`",
			name, other->owner->name);
}

/* Kconfig symbols are written as Kconfig does, without "CONFIG_". */
static void lint_symbol(struct lint *l, const struct step *way, const char *symbol)
{
	for (const char *s = symbol; *s; s++)
		if (!isalnum((unsigned char)*s) && *s != '_') {
			lint_flaw(l, way, "'%s' is no name of a config symbol", symbol);
			return;
		}
	if (startswith(symbol, "CONFIG_"))
		lint_flaw(l, way, "write '%s' without CONFIG_", symbol);
}

static void lint_driver(struct lint *l, const struct step *way, const struct iface *i,
			const struct driver_decl *d)
{
	lint_required(l, way, "driver", d->driver);
	if (d->driver)
		lint_driver_name(l, STEP(way, "driver"), i, d->driver);
	for (unsigned n = 0; n < d->also_count; n++)
		lint_driver_name(l, ITEM(STEP(way, "also"), n), i, d->also[n]);
	if (d->config_count == 0)
		lint_flaw(l, way, "driver '%s' needs at least one `config`", d->driver ? d->driver : "?");
	for (unsigned n = 0; n < d->config_count; n++)
		lint_symbol(l, ITEM(STEP(way, "config"), n), d->config[n]);
}

/* A leaf's driver, which must be declared; afterwards it is called as it is declared. */
static void lint_driver_use(struct lint *l, const struct step *way, char **name)
{
	const struct driver_entry *e = lint_find_driver(l, *name);

	if (e)
		*name = (char *)e->declared;
	else
		lint_flaw(l, way, "no interface declares a driver '%s'", *name);
}

static void lint_qualifiers(struct lint *l, const struct step *way, const struct rule *r, const char *what,
			    unsigned allowed, unsigned required)
{
	unsigned has = rule_qualifiers(r);

	for (unsigned bit = 1; bit <= Q_WAY_OUT; bit <<= 1) {
		const char *key = qualifier_key(bit);

		if (has & bit & ~allowed)
			lint_flaw(l, STEP(way, key), "'%s' does not go with '%s'%s", key, what,
				  bit & Q_GIVES ? " here" : "");
		if (required & bit & ~has)
			lint_flaw(l, way, "'%s' needs '%s'", what, key);
	}
}

static bool is_number(const char *s)
{
	return s[0] != '\0' && strlen(s) <= 10 && s[strspn(s, "0123456789")] == '\0' &&
	       strtoull(s, NULL, 10) <= UINT32_MAX;
}

/* Combinations of layout that no reader could make sense of. */
static void lint_table(struct lint *l, const struct step *way, const struct rule *r)
{
	bool fits = r->format == FORMAT_NUMBER || r->element == ELEMENT_U32 ||
		    (r->element == ELEMENT_U16 && r->format == FORMAT_HI8_LO8) || r->element == 0;

	if (!fits)
		lint_flaw(l, STEP(way, "element"),
			  "only u32 has room for this `format` (hi16.lo16 when left out)");
	if (r->stride > 65536 || r->offset > 65536 || r->size > 1 << 20)
		lint_flaw(l, way, "a table's stride and offset are at most 65536, its size 1048576");
	if (r->flag_offset && (*r->flag_offset < 0 || *r->flag_offset > 65536))
		lint_flaw(l, STEP(way, "flag-offset"), "is at least 0 and at most 65536");
	if (r->stride && r->element && r->offset + r->element > r->stride && r->offset + r->element > 0)
		lint_flaw(l, STEP(way, "stride"), "the field at `offset` does not lie inside one element");
}

static void lint_payload(struct lint *l, const struct step *way, const char *codec)
{
	static const char *const codecs[] = { "gzip", "bzip2", "lzma", "xz", "lzo", "lz4", "zstd", "none" };

	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++)
		if (streq(codec, codecs[i]))
			return;
	lint_flaw(l, way, "unknown codec '%s'; there are gzip bzip2 lzma xz lzo lz4 zstd none", codec);
}

static void lint_leaf(struct lint *l, const struct step *way, struct rule *r, const struct leaf *leaf,
		      const char *name)
{
	const struct step *at = STEP(way, leaf->key);

	if (leaf->kind == WANT_CONFIG || leaf->kind == WANT_CONFIG_EXISTS)
		lint_symbol(l, at, name);
	if (leaf->kind == WANT_DRIVER)
		lint_driver_use(l, at, &r->driver);
	if (leaf->kind == WANT_TABLE)
		lint_table(l, way, r);
	if (leaf->kind == WANT_PAYLOAD)
		lint_payload(l, at, name);
	if (leaf->kind == WANT_VALUE && r->value && !is_number(r->value))
		lint_flaw(l, STEP(way, "value"), "'%s' is no 32-bit number", r->value);
	if (leaf->kind == WANT_VDSO && r->bits && r->bits != 64 && r->bits != 32 && r->bits != 3264)
		lint_flaw(l, STEP(way, "bits"), "a vDSO has 64, 32 or 3264 (x32) bits");
	if (r->of && (leaf->allowed & Q_OF))
		lint_driver_use(l, STEP(way, "of"), &r->of);
}

/* `any` hands grade and way-out on to its branches; the other combinators do not. */
static void lint_branches(struct lint *l, const struct step *way, const struct branches *b, unsigned may_give,
			  unsigned depth);

static void lint_rule_at(struct lint *l, const struct step *way, struct rule *r, unsigned may_give,
			 unsigned depth)
{
	struct branches b = rule_branches(r);
	const char *name = NULL;
	const struct leaf *leaf = rule_leaf(r, &name);
	unsigned heads = rule_heads(r);

	if (depth > RULE_DEPTH_MAX) {
		lint_flaw(l, way, "rules nest deeper than %d", RULE_DEPTH_MAX);
		return;
	}
	if (heads != 1) {
		lint_flaw(l, way,
			  heads ? "a rule has one leaf or combinator, this has several"
				: "a rule needs a leaf, or one of all, any, none with rules in it");
		return;
	}
	if (leaf) {
		lint_qualifiers(l, way, r, leaf->key, leaf->allowed | Q_DEPTH | may_give, leaf->required);
		lint_leaf(l, way, r, leaf, name);
	} else {
		lint_qualifiers(l, way, r, b.key, may_give, 0);
		lint_branches(l, way, &b, may_give, depth);
	}
	if (r->versions_count && r->unknown_versions)
		lint_flaw(l, STEP(way, "unknown-versions"), "either versions or unknown-versions");
	r->given = lint_versions(l, STEP(way, "versions"), r->versions, r->versions_count, &r->parts);
}

static void lint_branches(struct lint *l, const struct step *way, const struct branches *b, unsigned may_give,
			  unsigned depth)
{
	unsigned below = streq(b->key, "any") ? may_give & (Q_GRADE | Q_WAY_OUT) : 0;

	for (unsigned i = 0; i < b->count; i++)
		lint_rule_at(l, ITEM(STEP(way, b->key), i), &b->rules[i], below, depth + 1);
}

void lint_rule(struct lint *l, const struct step *way, struct rule *r, unsigned may_give)
{
	lint_rule_at(l, way, r, may_give, 1);
}

void lint_refusals(struct lint *l, const struct step *way, struct refusal *list, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct step *at = ITEM(way, i);

		if (list[i].when)
			lint_rule(l, STEP(at, "when"), list[i].when, 0);
		else
			lint_flaw(l, at, "key 'when' is missing");
		lint_required(l, at, "source", list[i].source);
	}
}

static void lint_demands(struct lint *l, struct iface *i)
{
	for (unsigned n = 0; n < i->demands_count; n++) {
		const struct step *at = ITEM(STEP(NULL, "demands"), n);
		struct demand *d = &i->demands[n];

		lint_required(l, at, "feature", d->feature);
		lint_required(l, at, "source", d->source);
		if (d->when)
			lint_rule(l, STEP(at, "when"), d->when, 0);
		else
			lint_flaw(l, at, "key 'when' is missing");
	}
}

static void lint_kind(struct lint *l, const char *kind)
{
	static const char *const kinds[] = { "paravirtual", "emulated", "passthrough", "boot", "abi" };

	lint_required(l, NULL, "kind", kind);
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && kind; i++)
		if (streq(kind, kinds[i]))
			return;
	if (kind)
		lint_flaw(l, STEP(NULL, "kind"),
			  "unknown kind '%s'; there are paravirtual, emulated, passthrough, "
			  "boot, abi",
			  kind);
}

static void lint_speaks(struct lint *l, struct iface *i)
{
	if (i->speaks_count == 0)
		lint_flaw(l, NULL, "key 'speaks' is missing: how does a kernel show that it speaks this?");
	for (unsigned n = 0; n < i->speaks_count; n++) {
		struct rule *r = &i->speaks[n];

		lint_rule(l, ITEM(STEP(NULL, "speaks"), n), r, Q_GIVES);
		i->versioned |= r->unknown_versions || r->versions_count || rule_tells_versions(r);
	}
}

void lint_iface(struct lint *l, struct iface *i)
{
	lint_file(l, i->file);
	lint_file_name(l, "interface", i->name);
	lint_required(l, NULL, "about", i->about);
	lint_required(l, NULL, "source", i->source);
	lint_kind(l, i->kind);
	lint_arch(l, STEP(NULL, "arch"), i->arch, i->arch_count);
	for (unsigned n = 0; n < i->drivers_count; n++)
		lint_driver(l, ITEM(STEP(NULL, "drivers"), n), i, &i->drivers[n]);
	lint_speaks(l, i);
	lint_refusals(l, STEP(NULL, "refused-by"), i->refused_by, i->refused_by_count);
	lint_demands(l, i);
	for (unsigned n = 0; n < i->details_count; n++)
		lint_rule(l, ITEM(STEP(NULL, "details"), n), &i->details[n], 0);
}
