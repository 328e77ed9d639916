/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/shim_parts.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "compat/files.h"
#include "compat/schema.h"

#define OPT_PTR (CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER)
#define LIST_MAX 512
#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, OPT_PTR, type, member, 1, CYAML_UNLIMITED)
#define LIST(key, type, member, entry) CYAML_FIELD_SEQUENCE(key, OPT_PTR, type, member, &(entry), 0, LIST_MAX)
#define VALUE(flags, type, fields) { CYAML_VALUE_MAPPING(flags, type, fields) }

static const cyaml_schema_value_t text_value = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED),
};

static const cyaml_schema_field_t check_fields[] = {
	TEXT("file", struct shim_check, file),
	TEXT("contains", struct shim_check, contains),
	TEXT("lacks", struct shim_check, lacks),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t check_value = VALUE(CYAML_FLAG_DEFAULT, struct shim_check, check_fields);

static const cyaml_schema_field_t series_fields[] = {
	TEXT("kernels", struct shim_series, kernels),
	LIST("patches", struct shim_series, patches, text_value),
	TEXT("sources", struct shim_series, sources),
	LIST("checks", struct shim_series, checks, check_value),
	LIST("config", struct shim_series, config, text_value),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t series_value = VALUE(CYAML_FLAG_DEFAULT, struct shim_series, series_fields);

static const cyaml_schema_field_t proof_fields[] = {
	TEXT("interface", struct shim_proof, interface),
	LIST("versions", struct shim_proof, versions, text_value),
	LIST("one-of", struct shim_proof, one_of, text_value),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t proof_value = VALUE(CYAML_FLAG_DEFAULT, struct shim_proof, proof_fields);

static const cyaml_schema_field_t shim_fields[] = {
	TEXT("shim", struct shim, name),
	TEXT("about", struct shim, about),
	LIST("keeps", struct shim, keeps, text_value),
	LIST("arch", struct shim, arch, text_value),
	LIST("series", struct shim, series, series_value),
	LIST("config", struct shim, config, text_value),
	LIST("proof", struct shim, proof, proof_value),
	TEXT("cost", struct shim, cost),
	TEXT("risk", struct shim, risk),
	TEXT("source", struct shim, source),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t shim_schema = VALUE(CYAML_FLAG_POINTER, struct shim, shim_fields);

/* --- flaws ------------------------------------------------------------------------------------- */

static void tell(struct shim_vet *vet, const char *line)
{
	if (vet->report)
		vet->report(vet->ctx, line);
	error_set(vet->err, EINVAL, "%s", line);
	vet->flaws++;
}

void shim_flaw(struct shim_vet *vet, const struct step *way, const char *fmt, ...)
{
	_cleanup_(freep) char *what = NULL, *line = NULL;
	struct position at;
	va_list args;

	if (!vet->places)
		vet->places = places_new(vet->bytes, vet->n);
	at = places_find(vet->places, way);
	va_start(args, fmt);
	what = xvasprintf(fmt, args);
	va_end(args);
	line = xasprintf("%s:%zu:%zu: %s", vet->shim->file, at.line, at.column, what);
	tell(vet, line);
}

/* --- finding ----------------------------------------------------------------------------------- */

static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static bool holds_shim(const char *dir)
{
	_cleanup_(freep) char *file = xasprintf("%s/shim.yaml", dir);

	return access(file, F_OK) == 0;
}

static void names_remove(struct strings *list, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (streq(list->items[i], name))
			free(list->items[i]);
		else
			list->items[kept++] = list->items[i];
	}
	list->n = kept;
	if (list->items)
		list->items[kept] = NULL;
}

/* What is neither a shim nor a mask, as a README beside them, says nothing of its name. */
static void name_in_dir(const char *dir, const char *name, struct strings *into)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", dir, name), *real = realpath(path, NULL);

	if (real && streq(real, "/dev/null"))
		names_remove(into, name);
	else if (holds_shim(path) && !strings_have(into, name))
		strings_add(into, xstrdup(name));
}

static int names_in_dir(const char *dir, struct strings *into, struct error *err)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int r = 0;

	if (!d)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : error_set(err, errno, "%s: cannot list: %s", dir, strerror(errno));
	while ((e = fs_next(d, dir, &r, err)))
		if (e->d_name[0] != '.')
			name_in_dir(dir, e->d_name, into);
	closedir(d);
	return r;
}

int shim_names(const char *const *dirs, char ***ret, struct error *err)
{
	struct strings names = { 0 };

	for (size_t i = 0; dirs && dirs[i]; i++) {
		int r = names_in_dir(dirs[i], &names, err);

		if (r < 0) {
			strings_done(&names);
			return r;
		}
	}
	strings_sort(&names);
	*ret = names.items ? names.items : xcalloc(1, sizeof(**ret));
	return 0;
}

char **shim_names_free(char **names)
{
	for (size_t i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
	return NULL;
}

static int no_such_shim(const char *const *dirs, const char *name, struct error *err)
{
	_cleanup_(shim_names_freep) char **names = NULL;
	_cleanup_(freep) char *text = NULL;
	size_t n = 0;

	if (shim_names(dirs, &names, err) < 0)
		return err ? err->code : -EIO;
	while (names[n])
		n++;
	text = strings_text(names, n);
	return error_set(err, ENOENT, "there is no shim '%s'; there is %s", name, text);
}

/* The directory of highest precedence that has something of that name. */
static int find_dir(const char *const *dirs, const char *name, char **ret, struct error *err)
{
	_cleanup_(freep) char *found = NULL;

	if (strchr(name, '/')) {
		size_t n = strlen(name);

		while (n > 1 && name[n - 1] == '/')
			n--;
		found = xstrndup(name, n);
		if (!holds_shim(found))
			return error_set(err, ENOENT, "%s: is no shim: expected a directory with a shim.yaml",
					 name);
		*ret = TAKE_PTR(found);
		return 0;
	}
	for (size_t i = 0; dirs && dirs[i] && *name && name[0] != '.'; i++) {
		_cleanup_(freep) char *dir = xasprintf("%s/%s", dirs[i], name);

		if (!is_there(dir))
			continue;
		free(found);
		found = TAKE_PTR(dir);
	}
	if (!found || !holds_shim(found))
		return no_such_shim(dirs, name, err);
	*ret = TAKE_PTR(found);
	return 0;
}

/* --- loading ----------------------------------------------------------------------------------- */

static char *arena_text(struct arena *arena, const char *text)
{
	return strcpy(arena_take(arena, strlen(text) + 1), text);
}

/* What libcyaml makes of the file. A flaw that it finds is the only one: it stops there. */
static int parse(struct shim_vet *vet, const struct source *source)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct error why = { 0 };
	void *value;
	int r = yaml_load(source->path, source->bytes, source->size, &shim_schema, arena, &value, &why);

	if (r < 0) {
		tell(vet, why.text);
		return r;
	}
	vet->shim = value;
	vet->shim->file = arena_text(arena, source->path);
	vet->shim->arena = TAKE_PTR(arena);
	vet->bytes = source->bytes;
	vet->n = source->size;
	return 0;
}

int shim_load(const struct knowledge *k, const char *const *dirs, const char *name, knowledge_report report,
	      void *ctx, struct shim **ret, struct error *err)
{
	struct shim_vet vet = { .knowledge = k, .report = report, .ctx = ctx, .err = err };
	_cleanup_(freep) char *dir = NULL, *file = NULL;
	struct source source = { 0 };
	int r = find_dir(dirs, name, &dir, err);

	if (r < 0)
		return r;
	file = xasprintf("%s/shim.yaml", dir);
	source.path = file;
	r = source_read(&source, err);
	if (r == 0 && source.masked)
		r = error_set(err, ENOENT, "%s: is empty or masked: there is no such shim", file);
	if (r == 0)
		r = parse(&vet, &source);
	if (r == 0) {
		vet.shim->dir = arena_text(vet.shim->arena, dir);
		shim_vet(&vet);
	}
	places_free(vet.places);
	free(source.bytes);
	if (r == 0 && vet.flaws == 0) {
		*ret = vet.shim;
		return 0;
	}
	shim_free(vet.shim);
	return r < 0 && vet.flaws == 0 ? r : -EINVAL;
}

struct shim *shim_free(struct shim *s)
{
	if (s)
		arena_free(s->arena);
	return NULL;
}
