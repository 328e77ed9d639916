/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate/packaging.h"

#include <errno.h>
#include <fnmatch.h>

#include "base/fs.h"
#include "compat/arena.h"
#include "compat/schema.h"

#define FILE_MAX_BYTES ((size_t)1 << 20)

enum together { TOGETHER_NAME, TOGETHER_VERSION };

struct packaging {
	char *name; /* key `packaging` */
	char *about;
	enum index_family format;
	char **parts, **metas, **without; /* shell patterns of package names */
	unsigned parts_count, metas_count, without_count;
	char **keep; /* templates of lines */
	unsigned keep_count;
	char **installonly;
	unsigned installonly_count;
	enum together together;
};

struct packaging_list {
	struct packaging **items; /* in the arena */
	size_t count;
	struct arena *arena;
};

static const cyaml_strval_t formats[] = { { "deb", INDEX_DEB }, { "rpm", INDEX_RPM } };
static const cyaml_strval_t togethers[] = { { "name", TOGETHER_NAME }, { "version", TOGETHER_VERSION } };
static const cyaml_schema_value_t text_value = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 256) };
static const cyaml_schema_field_t fields[] = {
	CYAML_FIELD_STRING_PTR("packaging", CYAML_FLAG_POINTER, struct packaging, name, 1, 64),
	CYAML_FIELD_STRING_PTR("about", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct packaging, about, 0, 4096),
	CYAML_FIELD_ENUM("format", CYAML_FLAG_STRICT, struct packaging, format, formats, CYAML_ARRAY_LEN(formats)),
	CYAML_FIELD_SEQUENCE("parts", CYAML_FLAG_POINTER, struct packaging, parts, &text_value, 1, 256),
	CYAML_FIELD_SEQUENCE("metas", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct packaging, metas, &text_value, 0, 256),
	CYAML_FIELD_SEQUENCE("keep", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct packaging, keep, &text_value, 0, 16),
	CYAML_FIELD_SEQUENCE("installonly", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct packaging, installonly, &text_value, 0,
			     64),
	CYAML_FIELD_SEQUENCE("without", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct packaging, without, &text_value, 0, 256),
	CYAML_FIELD_ENUM("together", CYAML_FLAG_STRICT, struct packaging, together, togethers, CYAML_ARRAY_LEN(togethers)),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct packaging, fields) };

struct packaging_list *packaging_free(struct packaging_list *list)
{
	if (!list)
		return NULL;
	free(list->items);
	arena_free(list->arena);
	free(list);
	return NULL;
}

static int load_file(struct packaging_list *list, const char *path, struct error *err)
{
	_cleanup_(freep) char *text = NULL;
	struct packaging *p;
	void *value;
	size_t n, at;
	int r = fs_read(path, FILE_MAX_BYTES, &text, &n, err);

	if (r == 0)
		r = yaml_load(path, (const uint8_t *)text, n, &schema, list->arena, &value, err);
	if (r < 0)
		return r;
	p = value;
	/* A later directory replaces what an earlier one has under that name. */
	for (at = 0; at < list->count && !streq(list->items[at]->name, p->name); at++)
		;
	if (at == list->count)
		ARRAY_GROW(list->items, list->count);
	list->items[at] = p;
	list->count += at == list->count;
	return 0;
}

int packaging_load(const char *const *dirs, struct packaging_list **ret, struct error *err)
{
	_cleanup_(packaging_freep) struct packaging_list *list = xcalloc(1, sizeof(*list));
	int r = 0;

	list->arena = arena_new();
	for (; *dirs && r == 0; dirs++) {
		_cleanup_(freep) char *pattern = xasprintf("%s/packaging/*.yaml", *dirs);
		_cleanup_(strings_done) struct strings found = { 0 };

		r = fs_glob(pattern, &found, err);
		for (size_t i = 0; r == 0 && i < found.n; i++)
			r = load_file(list, found.items[i], err);
	}
	if (r == 0 && list->count == 0)
		r = error_set(err, ENOENT, "no packaging/*.yaml beside the policies: what kernels are called is not known");
	if (r == 0)
		*ret = TAKE_PTR(list);
	return r;
}

/* --- kernels ---------------------------------------------------------------------------------- */

/* An index has tens of thousands of names: nearly all differ in their first letters. */
static bool fits(const char *pattern, const char *name)
{
	return strncmp(pattern, name, strcspn(pattern, "*?[\\")) == 0 && fnmatch(pattern, name, 0) == 0;
}

static bool matches(char **patterns, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i++)
		if (fits(patterns[i], name))
			return true;
	return false;
}

/* What the kernel is called that a package is a part of; NULL: it is of none. Owned. */
static char *kernel_of(const struct packaging *p, const struct index_package *package)
{
	const char *best = NULL;

	/* The longest: linux-modules-extra-R is no linux-modules-* of a kernel extra-R. */
	for (unsigned i = 0; i < p->parts_count; i++)
		if (fits(p->parts[i], package->name) && (!best || strlen(p->parts[i]) > strlen(best)))
			best = p->parts[i];
	if (!best || matches(p->without, p->without_count, package->name))
		return NULL;
	if (p->together == TOGETHER_VERSION)
		return xasprintf("%s.%s", package->version, package->arch);
	return xstrdup(package->name + strcspn(best, "*[?"));
}

static void add(struct index_kernels *k, const struct index *index, const struct index_package *package, char *name)
{
	struct index_kernel *found = NULL;

	for (size_t i = 0; i < k->count && !found; i++)
		if (k->kernels[i].index == index && streq(k->kernels[i].name, name))
			found = &k->kernels[i];
	if (!found) {
		ARRAY_GROW(k->kernels, k->count);
		found = &k->kernels[k->count++];
		*found = (struct index_kernel){ .name = xstrdup(name), .index = index };
	}
	ARRAY_GROW(found->packages, found->n_packages);
	found->packages[found->n_packages++] = package;
}

static int by_version(const void *a, const void *b)
{
	const struct index_kernel *x = a, *y = b;

	return strverscmp(x->name, y->name);
}

static int by_package(const void *a, const void *b)
{
	const struct index_package *x = *(struct index_package *const *)a, *y = *(struct index_package *const *)b;
	int r = strcmp(x->name, y->name);

	return r ? r : strcmp(x->sha256, y->sha256);
}

void packaging_kernels(const struct packaging_list *list, const struct index *index, struct index_kernels *k)
{
	for (size_t i = 0; i < list->count; i++) {
		for (size_t j = 0; list->items[i]->format == index->family && j < index->n_packages; j++) {
			_cleanup_(freep) char *name = kernel_of(list->items[i], &index->packages[j]);

			if (name)
				add(k, index, &index->packages[j], name);
		}
	}
	if (k->count > 1)
		qsort(k->kernels, k->count, sizeof(*k->kernels), by_version);
	for (size_t i = 0; i < k->count; i++)
		qsort(k->kernels[i].packages, k->kernels[i].n_packages, sizeof(*k->kernels[i].packages), by_package);
}

void index_kernels_done(struct index_kernels *k)
{
	for (size_t i = 0; i < k->count; i++) {
		free(k->kernels[i].name);
		free(k->kernels[i].packages);
	}
	free(k->kernels);
	*k = (struct index_kernels){ 0 };
}

/* --- what brings them, and what keeps them away ------------------------------------------------- */

unsigned packaging_meta(const struct packaging_list *list, enum index_family family, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct packaging *p = list->items[i];

		for (unsigned j = 0; p->format == family && j < p->metas_count; j++)
			if (fits(p->metas[j], name))
				return matches(p->without, p->without_count, name) ? 0 : j + 1;
	}
	return 0;
}

/* "-cloud-amd64" of "6.1.0-50-cloud-amd64": from the first dash that a letter follows. */
static const char *flavour(const char *name)
{
	for (const char *s = name; (s = strchr(s, '-')); s++)
		if ((s[1] >= 'a' && s[1] <= 'z') || (s[1] >= 'A' && s[1] <= 'Z'))
			return s;
	return NULL;
}

bool packaging_same_line(const struct index_kernel *a, const struct index_kernel *b)
{
	const char *x = flavour(a->name), *y = flavour(b->name);

	if (a->index->family != b->index->family)
		return false;
	for (size_t i = 0; i < a->n_packages; i++)
		for (size_t j = 0; j < b->n_packages; j++)
			if (streq(a->packages[i]->name, b->packages[j]->name))
				return true;
	return x && y && streq(x, y);
}

static void put_filled(struct buf *b, const char *template, const struct packaging_words *w)
{
	const struct {
		const char *mark, *text;
	} known[] = { { "{metas}", w->metas }, { "{names}", w->names }, { "{version}", w->version }, { "{nevras}", w->nevras },
		      { "{locks}", w->locks } };

	buf_add(b, "", 0);
	while (*template) {
		size_t i = 0;

		while (i < ARRAY_SIZE(known) && !startswith(template, known[i].mark))
			i++;
		if (i < ARRAY_SIZE(known)) {
			buf_addf(b, "%s", known[i].text);
			template += strlen(known[i].mark);
		} else {
			buf_add(b, template++, 1);
		}
	}
}

static bool names_none(const char *template, const struct packaging_words *w)
{
	return !*w->metas && strstr(template, "{metas}");
}

void packaging_keep(const struct packaging_list *list, enum index_family family, const struct packaging_words *words,
		    struct strings *lines)
{
	for (size_t i = 0; i < list->count; i++)
		for (unsigned j = 0; list->items[i]->format == family && j < list->items[i]->keep_count; j++) {
			struct buf b = { 0 };

			if (names_none(list->items[i]->keep[j], words))
				continue;
			put_filled(&b, list->items[i]->keep[j], words);
			strings_add(lines, b.text);
		}
}

void packaging_installonly(const struct packaging_list *list, enum index_family family, struct strings *provides)
{
	for (size_t i = 0; i < list->count; i++)
		for (unsigned j = 0; list->items[i]->format == family && j < list->items[i]->installonly_count; j++)
			strings_add(provides, xstrdup(list->items[i]->installonly[j]));
}
