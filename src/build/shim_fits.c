/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fs.h"
#include "build/shim_parts.h"

#include <errno.h>

#include "policy/range.h"

/* --- versions ---------------------------------------------------------------------------------- */

/* "6" of a line "VERSION = 6". NULL: there is no such line, or no number. Owned. */
static char *makefile_number(const char *text, const char *key)
{
	for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		const char *rest = startswith(line, key);
		size_t n;

		if (!rest)
			continue;
		rest += strspn(rest, " \t");
		if (*rest++ != '=')
			continue;
		rest += strspn(rest, " \t");
		n = strspn(rest, "0123456789");
		return n > 0 && n < 10 ? xstrndup(rest, n) : NULL;
	}
	return NULL;
}

int tree_version(const char *tree, char **ret, struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/Makefile", tree), *text = NULL;
	_cleanup_(freep) char *version = NULL, *patchlevel = NULL, *sublevel = NULL;

	if (fs_read(path, SHIM_FILE_MAX, &text, NULL, NULL) == 0) {
		version = makefile_number(text, "VERSION");
		patchlevel = makefile_number(text, "PATCHLEVEL");
		sublevel = makefile_number(text, "SUBLEVEL");
	}
	if (!version || !patchlevel || !sublevel)
		return error_set(err, EINVAL,
				 "%s: is no kernel source: expected a Makefile that says VERSION, PATCHLEVEL and "
				 "SUBLEVEL",
				 tree);
	*ret = xasprintf("%s.%s.%s", version, patchlevel, sublevel);
	return 0;
}

/* --- options ----------------------------------------------------------------------------------- */

bool shim_config_satisfied(const char *line, const char *value)
{
	const char *asked = strchr(line, '=');

	if (!value || !*value)
		value = "n";
	if (!asked)
		return false;
	return streq(asked + 1, value) || (streq(asked + 1, "m") && streq(value, "y"));
}

/* --- trees ------------------------------------------------------------------------------------- */

static int check_fails(const struct shim *s, const struct shim_series *series, const struct shim_check *c,
		       struct error *err, const char *what, const char *text)
{
	return error_set(err, EINVAL, "shim %s: %s %s%s%.200s%s: this source is not what its series for %s expects",
			 s->name, c->file, what, text ? " '" : "", text ? text : "", text ? "'" : "",
			 series->kernels);
}

static int check_file(const struct shim *s, const struct shim_series *series, const struct shim_check *c,
		      const char *tree, struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", tree, c->file), *text = NULL;
	size_t n;

	if (!path_stays_in(tree, c->file) || fs_read(path, SHIM_FILE_MAX, &text, &n, NULL) < 0)
		return check_fails(s, series, c, err, "is not there, or is no file", NULL);
	if (c->contains && !memmem(text, n, c->contains, strlen(c->contains)))
		return check_fails(s, series, c, err, "does not contain", c->contains);
	if (c->lacks && memmem(text, n, c->lacks, strlen(c->lacks)))
		return check_fails(s, series, c, err, "contains already", c->lacks);
	return 0;
}

static int series_fits(const struct shim *s, const struct shim_series *series, const char *tree,
		       struct error *err)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < series->checks_count; i++)
		r = check_file(s, series, &series->checks[i], tree, err);
	return r;
}

static int wrong_kernel(const struct shim *s, const char *version, struct error *err)
{
	struct buf ranges = { 0 };

	for (unsigned i = 0; i < s->series_count; i++)
		buf_addf(&ranges, "%s%s", i ? "; " : "", s->series[i].kernels);
	error_set(err, EINVAL, "shim %s is for kernels %s; this source is %s", s->name, ranges.text, version);
	buf_done(&ranges);
	return -EINVAL;
}

static int wrong_arch(const struct shim *s, const char *arch, struct error *err)
{
	_cleanup_(freep) char *list = strings_text(s->arch, s->arch_count);

	return error_set(err, EINVAL, "shim %s is for %s, not for %s", s->name, list, arch);
}

int shim_fits(const struct shim *s, const char *tree, const char *version, const char *arch,
	      const struct shim_series **ret, struct error *err)
{
	const struct shim_series *fits = NULL, *applied = NULL;
	struct error why = { 0 };

	if (!arch_listed(s->arch, s->arch_count, arch))
		return wrong_arch(s, arch, err);
	for (unsigned i = 0; !fits && i < s->series_count; i++) {
		const struct shim_series *series = &s->series[i];

		if (!range_covers(series->kernels, version))
			continue;
		if (series_fits(s, series, tree, &why) == 0)
			fits = series;
		else if (!applied && shim_series_applied(s, series, tree))
			applied = series;
	}
	if (!fits && applied)
		return error_set(err, EALREADY, "shim %s: is applied already in %s", s->name, tree);
	if (!fits && why.code)
		return error_set(err, EINVAL, "%s", why.text);
	if (!fits && s->series_count > 0)
		return wrong_kernel(s, version, err);
	if (ret)
		*ret = fits;
	return 0;
}

/* --- the options of a tree --------------------------------------------------------------------- */

/* An applied series does not pass its checks any more, and one that other shims have patched since fits neither way. */
static const struct shim_series *series_of(const struct shim *s, const char *tree, const char *version)
{
	const struct shim_series *covers = NULL, *fits = NULL;

	for (unsigned i = 0; i < s->series_count; i++) {
		const struct shim_series *series = &s->series[i];

		if (!range_covers(series->kernels, version))
			continue;
		if (shim_series_applied(s, series, tree))
			return series;
		if (!fits && series_fits(s, series, tree, NULL) == 0)
			fits = series;
		if (!covers)
			covers = series;
	}
	return fits ? fits : covers;
}

const char **shim_config(const struct shim *s, const char *tree, const char *version)
{
	const struct shim_series *series = series_of(s, tree, version);
	unsigned more = series ? series->config_count : 0;
	const char **lines = xcalloc(s->config_count + more + 1, sizeof(*lines));

	for (unsigned i = 0; i < s->config_count; i++)
		lines[i] = s->config[i];
	for (unsigned i = 0; i < more; i++)
		lines[s->config_count + i] = series->config[i];
	return lines;
}
