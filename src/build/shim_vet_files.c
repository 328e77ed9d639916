/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/shim_parts.h"

#include <errno.h>
#include <sys/stat.h>

#include "policy/range.h"

/* --- options ----------------------------------------------------------------------------------- */

static bool option_value(const char *v)
{
	size_t n = strlen(v);

	if (streq(v, "y") || streq(v, "m") || streq(v, "n"))
		return true;
	if (n >= 2 && v[0] == '"' && v[n - 1] == '"')
		return true;
	if (startswith(v, "0x"))
		return n > 2 && v[2 + strspn(v + 2, "0123456789abcdefABCDEF")] == '\0';
	v += *v == '-';
	return *v && v[strspn(v, "0123456789")] == '\0';
}

/* Which option a line is about, in characters; 0: it is no such line. */
static size_t option_name(const char *line)
{
	size_t n = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

	return line[n] == '=' && option_value(line + n + 1) ? n : 0;
}

static bool set_twice(char *const *list, unsigned i, size_t n)
{
	for (unsigned j = 0; j < i; j++)
		if (option_name(list[j]) == n && strncmp(list[j], list[i], n) == 0)
			return true;
	return false;
}

void shim_vet_config(struct shim_vet *vet, const struct step *way, char *const *list, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		size_t n = option_name(list[i]);

		if (startswith(list[i], "CONFIG_"))
			shim_flaw(vet, ITEM(way, i), "'%s': leave out CONFIG_", list[i]);
		else if (n == 0)
			shim_flaw(vet, ITEM(way, i),
				  "'%s' sets no option; expected NAME=y, =m, =n, a number or a \"text\"", list[i]);
		else if (set_twice(list, i, n))
			shim_flaw(vet, ITEM(way, i), "'%.*s' is set twice", (int)n, list[i]);
	}
}

/* --- files ------------------------------------------------------------------------------------- */

/* Whether a file beside shim.yaml may be used: it is there, and within the shim's directory. */
static bool vet_beside(struct shim_vet *vet, const struct step *way, const char *path)
{
	_cleanup_(freep) char *joined = xasprintf("%s/%s", vet->shim->dir, path);

	if (!path_is_below(path))
		shim_flaw(vet, way, "'%s' leads out of the shim's directory, or is not written plainly", path);
	else if (access(joined, R_OK) < 0)
		shim_flaw(vet, way, "'%s': %s", path, strerror(errno));
	else if (!path_stays_in(vet->shim->dir, path))
		shim_flaw(vet, way, "'%s' is a link that leads out of the shim's directory", path);
	else
		return true;
	return false;
}

static void vet_patch(struct shim_vet *vet, const struct step *way, const char *path)
{
	_cleanup_(freep) char *joined = xasprintf("%s/%s", vet->shim->dir, path);
	_cleanup_(patch_done) struct patch patch = { 0 };
	struct error why = { 0 };

	if (vet_beside(vet, way, path) && patch_read(joined, &patch, &why) < 0)
		shim_flaw(vet, way, "%s", why.text);
}

static void vet_sources(struct shim_vet *vet, const struct step *way, const char *path)
{
	_cleanup_(freep) char *joined = xasprintf("%s/%s", vet->shim->dir, path);
	_cleanup_(strings_done) struct strings files = { 0 };
	struct error why = { 0 };
	struct stat st;

	if (!vet_beside(vet, way, path))
		return;
	if (stat(joined, &st) < 0 || !S_ISDIR(st.st_mode))
		shim_flaw(vet, way, "'%s' is no directory; expected one with files as in the source tree", path);
	else if (files_below(joined, &files, &why) < 0)
		shim_flaw(vet, way, "%s", why.text);
	else if (files.n == 0)
		shim_flaw(vet, way, "'%s' holds no file", path);
}

static void vet_check(struct shim_vet *vet, const struct step *way, const struct shim_check *c)
{
	if (!c->file)
		shim_flaw(vet, way, "key 'file' is missing: a check is about one file of the source tree");
	else if (!path_is_below(c->file))
		shim_flaw(vet, STEP(way, "file"), "'%s' leads out of the source tree, or is not written plainly",
			  c->file);
}

static void vet_series(struct shim_vet *vet, const struct step *way, const struct shim_series *s)
{
	struct error why = { 0 };

	if (!s->kernels)
		shim_flaw(vet, way, "key 'kernels' is missing: say which kernels this is for, \"6.1 .. 6.1.999\"");
	else if (range_check(s->kernels, &why) < 0)
		shim_flaw(vet, STEP(way, "kernels"), "%s", why.text);
	for (unsigned i = 0; i < s->patches_count; i++)
		vet_patch(vet, ITEM(STEP(way, "patches"), i), s->patches[i]);
	if (s->sources)
		vet_sources(vet, STEP(way, "sources"), s->sources);
	for (unsigned i = 0; i < s->checks_count; i++)
		vet_check(vet, ITEM(STEP(way, "checks"), i), &s->checks[i]);
	shim_vet_config(vet, STEP(way, "config"), s->config, s->config_count);
}

static bool in_a_series(const struct shim *s, const char *path)
{
	for (unsigned i = 0; i < s->series_count; i++) {
		const char *sources = s->series[i].sources, *rest = sources ? startswith(path, sources) : NULL;

		if (rest && *rest == '/')
			return true;
		for (unsigned j = 0; j < s->series[i].patches_count; j++)
			if (streq(s->series[i].patches[j], path))
				return true;
	}
	return false;
}

/* A patch that was added and not named would be left out without a word. */
static void vet_unused(struct shim_vet *vet)
{
	_cleanup_(strings_done) struct strings files = { 0 };
	struct error why = { 0 };

	if (files_below(vet->shim->dir, &files, &why) < 0) {
		shim_flaw(vet, NULL, "%s", why.text);
		return;
	}
	for (size_t i = 0; i < files.n; i++)
		if (endswith(files.items[i], ".patch") && !in_a_series(vet->shim, files.items[i]))
			shim_flaw(vet, STEP(NULL, "series"), "no series names the patch '%s'", files.items[i]);
	if (!strings_have(&files, "README.md"))
		shim_flaw(vet, NULL, "there is no README.md beside it");
}

static bool does_something(const struct shim *s)
{
	for (unsigned i = 0; i < s->series_count; i++)
		if (s->series[i].patches_count + s->series[i].config_count > 0 || s->series[i].sources)
			return true;
	return s->config_count > 0;
}

void shim_vet_files(struct shim_vet *vet)
{
	const struct shim *s = vet->shim;

	for (unsigned i = 0; i < s->series_count; i++)
		vet_series(vet, ITEM(STEP(NULL, "series"), i), &s->series[i]);
	vet_unused(vet);
	if (!does_something(s))
		shim_flaw(vet, NULL, "this does nothing: expected 'config', or 'series' with patches or sources");
}
