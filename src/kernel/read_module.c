/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/read.h"

#include <errno.h>

static const char *file_name(const struct reading *r, size_t driver)
{
	return r->files[driver].module->base;
}

static int answer_symbol(struct reading *r, size_t i, size_t driver, const struct location *at,
			 struct error *err)
{
	const char *name = r->wants->wants[i].name, *section = NULL;
	struct error why = { 0 };
	int q = module_has_symbol(r->modules[driver], name, &section, &why);

	if (q == -ENODATA)
		fact_unknown(r, i, "%s: %s", file_name(r, driver), why.text);
	else if (q < 0)
		return error_set(err, q, "%s", why.text);
	else if (q > 0)
		fact_found(r, i, at, NULL, "%s %s", section, name);
	else
		fact_absent(r, i, at, NULL, "symbol %s", name);
	return 0;
}

static int answer_array(struct reading *r, size_t i, size_t driver, const struct location *at,
			struct error *err)
{
	const struct want *w = &r->wants->wants[i];
	struct table_bytes bytes = { .big_endian = module_big_endian(r->modules[driver]) };
	_cleanup_(freep) char *place = NULL;
	struct error why = { 0 };
	const char *section;
	int q = module_symbol(r->modules[driver], w->name, w->layout.size, w->layout.file, &bytes.data,
			      &bytes.size, &section, &why);

	if (q == -ENOENT && w->layout.size)
		fact_unknown(r, i, "%s has no symbol %s of %u bytes", file_name(r, driver), w->name,
			     w->layout.size);
	else if (q == -ENOENT || q == -ENODATA)
		fact_unknown(r, i, "%s: %s", file_name(r, driver), why.text);
	else if (q < 0)
		return error_set(err, q, "%s", why.text);
	if (q < 0) {
		fact_locate(&r->facts->facts[i], at);
		return 0;
	}
	place = xasprintf("%s %s", section, w->name);
	answer_bytes(r, i, &bytes, at, place);
	return 0;
}

static void answer_alias(struct reading *r, size_t i, size_t driver, const struct location *at)
{
	const char *name = r->wants->wants[i].name, *alias;
	size_t walk = 0;

	while ((alias = module_modinfo(r->modules[driver], "alias", &walk))) {
		if (!streq(alias, name))
			continue;
		fact_found(r, i, at, xstrdup(alias), ".modinfo alias");
		return;
	}
	fact_absent(r, i, at, NULL, ".modinfo alias");
}

/* Whether a line is `value`, or is about it ("value:TEXT", as parm lines are). NULL: any line. */
static bool line_matches(const char *line, const char *value)
{
	const char *rest = value ? startswith(line, value) : NULL;

	return !value || (rest && (*rest == '\0' || *rest == ':'));
}

static void fact_line(struct reading *r, size_t i, const struct location *at, const char *line,
		      const char *section)
{
	const char *key = r->wants->wants[i].name;

	fact_found(r, i, at, xstrdup(line), "%s %s", section, key);
	if (streq(key, "version"))
		fact_version(&r->facts->facts[i], line);
}

static void answer_modinfo(struct reading *r, size_t i, size_t driver, const struct location *at)
{
	const struct want *w = &r->wants->wants[i];
	const char *line;
	size_t walk = 0;

	while ((line = module_modinfo(r->modules[driver], w->name, &walk))) {
		if (!line_matches(line, w->value))
			continue;
		fact_line(r, i, at, line, ".modinfo");
		return;
	}
	fact_absent(r, i, at, NULL, ".modinfo %s", w->name);
}

static void answer_string(struct reading *r, size_t i, size_t driver, const struct location *at)
{
	const char *text = r->wants->wants[i].name;

	if (module_has_string(r->modules[driver], text))
		fact_found(r, i, at, xstrdup(text), "string");
	else
		fact_absent(r, i, at, NULL, "string");
}

int answer_module(struct reading *r, size_t i, size_t driver, struct error *err)
{
	const struct driver_file *f = &r->files[driver];
	struct location at;
	int q = 0;

	if (!f->part) {
		fact_unknown(r, i, "%s.ko is not among what was given; give the package that holds it",
			     r->wants->drivers[driver].name);
		return 0;
	}
	at = (struct location){ f->part, f->module->member };
	switch (r->wants->wants[i].kind) {
	case WANT_SYMBOL:
		q = answer_symbol(r, i, driver, &at, err);
		break;
	case WANT_TABLE:
	case WANT_VALUE:
		q = answer_array(r, i, driver, &at, err);
		break;
	case WANT_ALIAS:
		answer_alias(r, i, driver, &at);
		break;
	case WANT_MODINFO:
		answer_modinfo(r, i, driver, &at);
		break;
	default:
		answer_string(r, i, driver, &at);
		break;
	}
	if (q < 0)
		error_prefix(err, "%s: %s", part_info(f->part)->path, file_name(r, driver));
	return q;
}

/* The value in a line of modules.builtin.modinfo, "NAME.key=value", of that driver and key; else NULL. */
static const char *builtin_value(const char *line, const struct driver *d, const char *key, bool *is_driver)
{
	const char *dot = strchr(line, '.'), *value;
	bool same;

	*is_driver = false;
	if (!dot)
		return NULL;
	same = locate_same_name(line, (size_t)(dot - line), d->name);
	for (size_t i = 0; !same && d->also && d->also[i]; i++)
		same = locate_same_name(line, (size_t)(dot - line), d->also[i]);
	*is_driver = same;
	value = same ? startswith(dot + 1, key) : NULL;
	return value && *value == '=' ? value + 1 : NULL;
}

/* Older kernels write neither of these for what is built in: their absence says nothing. */
static bool key_may_be_missing(const char *key)
{
	return streq(key, "alias") || streq(key, "version");
}

static void no_builtin_line(struct reading *r, size_t i, size_t driver, const char *key, bool listed,
			    bool any)
{
	if (any || (listed && !key_may_be_missing(key)))
		fact_absent(r, i, &r->builtin_modinfo_at, NULL, "modules.builtin.modinfo %s", key);
	else
		fact_unknown(r, i, "%s is built in, and modules.builtin.modinfo does not list %s of it",
			     r->wants->drivers[driver].name, key);
}

static void search_builtin(struct reading *r, size_t i, size_t driver, const char *key, const char *value)
{
	const struct driver *d = &r->wants->drivers[driver];
	/* The sink's bytes do not end in NUL. */
	_cleanup_(freep) char *text = xcalloc(r->builtin_modinfo.size + 1, 1);
	bool listed = false, any = false, is_driver;

	if (r->builtin_modinfo.size > 0)
		memcpy(text, r->builtin_modinfo.data, r->builtin_modinfo.size);
	for (size_t at = 0; at < r->builtin_modinfo.size; at += strlen(text + at) + 1) {
		const char *line = builtin_value(text + at, d, key, &is_driver);

		listed = listed || is_driver;
		any = any || line;
		if (!line || !(streq(key, "alias") ? streq(line, value) : line_matches(line, value)))
			continue;
		fact_line(r, i, &r->builtin_modinfo_at, line, "modules.builtin.modinfo");
		return;
	}
	no_builtin_line(r, i, driver, key, listed, any);
}

void answer_builtin_modinfo(struct reading *r, size_t i, size_t driver)
{
	const struct want *w = &r->wants->wants[i];
	bool alias = w->kind == WANT_ALIAS;

	if (!r->builtin_modinfo_at.part)
		fact_unknown(r, i,
			     "%s is built in, and modules.builtin.modinfo, which could tell, was not given",
			     r->wants->drivers[driver].name);
	else if (r->builtin_modinfo.data || r->depth >= DEPTH_DEEP)
		search_builtin(r, i, driver, alias ? "alias" : w->name, alias ? w->name : w->value);
}
