/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/explain.h"
#include "report/wording.h"

static const char *place_of(const struct rule *r)
{
	return r->of ? r->of : "the kernel image";
}

static void add_vdso(struct buf *b, const struct rule *r)
{
	const char *bits = r->bits == 3264 ? "x32" : r->bits == 32 ? "32-bit" : "64-bit";

	if (*r->vdso)
		buf_addf(b, "the %s vDSO exports %s%s%s", bits, r->vdso, r->version ? "@" : "",
			 r->version ? r->version : "");
	else
		buf_addf(b, "the image has a %s vDSO", bits);
}

static void add_table(struct buf *b, const struct rule *r)
{
	static const char *const formats[] = { "major << 16 | minor", "minor << 16 | major",
					       "major << 8 | minor", "number" };

	buf_addf(b, "the table %s is in %s (its u%u entries, %s, are the versions)", r->table, place_of(r),
		 (unsigned)r->element * 8,
		 (size_t)r->format < ARRAY_SIZE(formats) ? formats[r->format] : "?");
}

static void add_leaf(struct buf *b, const struct rule *r)
{
	if (r->config)
		buf_addf(b, "CONFIG_%s is %s", r->config, r->value ? r->value : "set");
	else if (r->config_exists)
		buf_addf(b, "CONFIG_%s exists", r->config_exists);
	else if (r->driver)
		buf_addf(b, "the driver %s is there", r->driver);
	else if (r->alias)
		buf_addf(b, "%s claims the devices %s", place_of(r), r->alias);
	else if (r->note)
		buf_addf(b, "the image has the ELF note %s/%u", r->note, r->type);
	else if (r->symbol)
		buf_addf(b, "the symbol %s is in %s", r->symbol, place_of(r));
	else if (r->string)
		buf_addf(b, "\"%s\" occurs in %s", r->string, place_of(r));
	else if (r->table)
		add_table(b, r);
	else if (r->u32)
		buf_addf(b, "the variable %s of %s is %s", r->u32, place_of(r), r->value ? r->value : "?");
	else if (r->modinfo)
		buf_addf(b, "modinfo of %s has %s%s%s", place_of(r), r->modinfo, r->value ? " " : "",
			 r->value ? r->value : "");
	else if (r->payload)
		buf_addf(b, "the image is packed with %s", r->payload);
	else if (r->vdso)
		add_vdso(b, r);
}

static void add_rule(struct buf *b, const struct rule *r, bool nested);

static void add_list(struct buf *b, const struct rule *list, unsigned n, const char *between, bool nested)
{
	bool brackets = nested && n > 1;

	buf_addf(b, "%s", brackets ? "(" : "");
	for (unsigned i = 0; i < n; i++) {
		buf_addf(b, "%s", i > 0 ? between : "");
		add_rule(b, &list[i], true);
	}
	buf_addf(b, "%s", brackets ? ")" : "");
}

/* Its depth was bounded when it was loaded. */
static void add_rule(struct buf *b, const struct rule *r, bool nested)
{
	if (r->all_count > 0) {
		add_list(b, r->all, r->all_count, " and ", nested);
	} else if (r->any_count > 0) {
		add_list(b, r->any, r->any_count, " or ", nested);
	} else if (r->none_count > 0) {
		buf_addf(b, "not (");
		add_list(b, r->none, r->none_count, " or ", false);
		buf_addf(b, ")");
	} else {
		add_leaf(b, r);
	}
}

char *rule_text(const struct rule *r)
{
	struct buf b = { 0 };

	buf_add(&b, "", 0);
	add_rule(&b, r, false);
	return b.text;
}
