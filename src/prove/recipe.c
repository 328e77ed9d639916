/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/recipe.h"

#include <errno.h>
#include <fnmatch.h>

#include "base/fs.h"
#include "compat/files.h"
#include "prove/recipe_private.h"

struct recipe_list *recipe_list_free(struct recipe_list *list)
{
	if (!list)
		return NULL;
	for (size_t i = 0; i < list->count; i++) {
		struct recipe *r = list->recipes[i];

		for (unsigned j = 0; j < r->watch_count; j++)
			regfree(&r->watch[j].compiled);
		for (unsigned j = 0; j < r->claims_count; j++)
			selection_done(&r->claims[j].selection);
	}
	free(list->recipes);
	free(list->families);
	arena_free(list->arena);
	free(list);
	return NULL;
}

/* --- what recipes build on --------------------------------------------------------------------- */

/* The base's list, and behind it the recipe's own. */
static void join(struct arena *a, void **list, unsigned *count, const void *base, unsigned base_count, size_t size)
{
	char *both;

	if (base_count == 0)
		return;
	both = arena_take(a, (base_count + *count) * size);
	memcpy(both, base, base_count * size);
	if (*count > 0)
		memcpy(both + base_count * size, *list, *count * size);
	*list = both;
	*count += base_count;
}

#define JOIN(list) join(a, (void **)&r->list, &r->list##_count, base->list, base->list##_count, sizeof(*r->list))
#define REPLACE(list) \
	do { \
		if (r->list##_count == 0) { \
			void *copy = NULL; \
			unsigned n = 0; \
			join(a, &copy, &n, base->list, base->list##_count, sizeof(*r->list)); \
			r->list = copy; \
			r->list##_count = n; \
		} \
	} while (0)
#define KEEP(value) r->value = r->value ? r->value : base->value

/* Of the base's files those that the recipe has not at the same place. */
static void join_texts(struct arena *a, struct recipe_nested *r, const struct recipe_nested *base)
{
	struct recipe_text *kept = arena_take(a, (base->texts_count + 1) * sizeof(*kept));
	unsigned n = 0;

	for (unsigned i = 0; i < base->texts_count; i++) {
		unsigned at = 0;

		while (at < r->texts_count && !streq_null(r->texts[at].path, base->texts[i].path))
			at++;
		if (at == r->texts_count)
			kept[n++] = base->texts[i];
	}
	join(a, (void **)&r->texts, &r->texts_count, kept, n, sizeof(*r->texts));
}

static void nested_build_on(struct arena *a, struct recipe_nested *r, const struct recipe_nested *base)
{
	KEEP(kernel);
	JOIN(drivers);
	JOIN(append);
	JOIN(programs);
	join_texts(a, r, base);
}

void recipe_build_on(struct arena *a, struct recipe *r, const struct recipe *base)
{
	JOIN(install);
	JOIN(arguments);
	JOIN(append);
	JOIN(drivers);
	JOIN(probes);
	JOIN(expect);
	JOIN(watch);
	REPLACE(arch);
	REPLACE(devices);
	REPLACE(files);
	REPLACE(claims);
	KEEP(runner);
	KEEP(program);
	KEEP(kernel);
	if (r->nested && base->nested)
		nested_build_on(a, r->nested, base->nested);
	KEEP(nested);
	KEEP(seconds);
	KEEP(retries);
}

/* --- loading ----------------------------------------------------------------------------------- */

/* Of what the recipe came to be: comments, and the other recipes of its file, do not count. */
static int digest(struct recipe *r, struct error *err)
{
	const cyaml_config_t config = { .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR };
	char *text = NULL;
	size_t n = 0;
	int q;

	if (cyaml_save_data(&text, &n, &config, &schema_recipe, r, 0) != CYAML_OK)
		return error_set(err, ENOMEM, "%s: recipe %s cannot be written out", r->family->file, r->name);
	q = fs_digest(text, n, r->digest, err);
	free(text);
	return q;
}

static void add_family(struct recipe_list *list, struct recipe_family *f)
{
	size_t at = 0;

	while (at < list->n_families && !streq_null(list->families[at]->name, f->name))
		at++;
	if (at == list->n_families)
		ARRAY_GROW(list->families, list->n_families);
	list->families[at] = f;
	list->n_families += at == list->n_families;
}

/* Everything in the file that can be decided without its neighbours. */
static int read_family(struct recipe_list *list, struct source *s, struct recipe_vet *v)
{
	struct error why = { 0 };
	struct recipe_family *f;
	void *value = NULL;
	int r = source_read(s, &why);

	if (r == 0 && s->masked)
		return 0;
	if (r == 0)
		r = yaml_load(s->path, s->bytes, s->size, &schema_family, list->arena, &value, &why);
	if (r < 0) {
		error_set(v->err, why.code, "%s", why.text);
		if (v->report)
			v->report(v->ctx, why.text);
		v->flaws++;
		return r;
	}
	f = value;
	f->file = strcpy(arena_take(list->arena, strlen(s->path) + 1), s->path);
	v->family = f;
	v->places = places_new(s->bytes, s->size);
	for (unsigned i = 0; i < f->recipes_count; i++) {
		struct recipe *recipe = &f->recipes[i];

		recipe->family = f;
		for (unsigned j = 0; j < i && recipe->like; j++)
			if (streq_null(f->recipes[j].name, recipe->like)) {
				/* What is common is in the other one already. */
				recipe_build_on(list->arena, recipe, &f->recipes[j]);
				break;
			}
		if (!recipe->like && f->common)
			recipe_build_on(list->arena, recipe, f->common);
	}
	recipe_vet_family(v, f);
	v->places = places_free(v->places);
	add_family(list, f);
	return 0;
}

/* Files of one name: the one of the last directory counts. */
static int list_files(const char *const *dirs, struct strings *paths, struct error *err)
{
	int r = 0;

	for (; r == 0 && *dirs; dirs++) {
		_cleanup_(freep) char *pattern = xasprintf("%s/proofs/*.yaml", *dirs);
		_cleanup_(strings_done) struct strings found = { 0 };

		r = fs_glob(pattern, &found, err);
		for (size_t i = 0; r == 0 && i < found.n; i++) {
			size_t at = 0;

			while (at < paths->n && !streq(path_base(paths->items[at]), path_base(found.items[i])))
				at++;
			if (at == paths->n) {
				strings_add(paths, xstrdup(found.items[i]));
				continue;
			}
			free(paths->items[at]);
			paths->items[at] = xstrdup(found.items[i]);
		}
	}
	return r;
}

static int collect(struct recipe_list *list, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < list->n_families && r == 0; i++)
		for (unsigned j = 0; j < list->families[i]->recipes_count && r == 0; j++) {
			ARRAY_GROW(list->recipes, list->count);
			list->recipes[list->count++] = &list->families[i]->recipes[j];
			r = digest(&list->families[i]->recipes[j], err);
		}
	return r;
}

int recipe_list_load(const char *const *dirs, const struct knowledge *k, knowledge_report report, void *ctx,
		     struct recipe_list **ret, struct error *err)
{
	_cleanup_(recipe_list_freep) struct recipe_list *list = xcalloc(1, sizeof(*list));
	_cleanup_(strings_done) struct strings paths = { 0 };
	struct recipe_vet v = { .k = k, .list = list, .report = report, .ctx = ctx, .err = err };
	int r;

	list->arena = arena_new();
	r = list_files(dirs, &paths, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < paths.n; i++) {
		struct source s = { .path = paths.items[i] };

		read_family(list, &s, &v);
		free(s.bytes);
	}
	r = collect(list, err);
	if (r < 0)
		return r;
	if (v.flaws > 0)
		return -EINVAL;
	*ret = TAKE_PTR(list);
	return 0;
}

const struct recipe *recipe_find(const struct recipe_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (streq(list->recipes[i]->name, name))
			return list->recipes[i];
	return NULL;
}

bool recipe_stands_for(const struct recipe *r, const struct selection *s)
{
	for (unsigned i = 0; i < r->claims_count; i++) {
		const struct selection *mine = &r->claims[i].selection;

		for (unsigned v = 0; mine->host == s->host && v < s->host->versions_count; v++)
			for (unsigned m = 0; mine->versions[v] && s->versions[v] && m < s->host->modes_count; m++)
				if (mine->modes[m] && s->modes[m])
					return true;
	}
	return false;
}

/* --- what a boot says -------------------------------------------------------------------------- */

static bool was_seen(const struct record *record, const struct recipe_expect *e)
{
	const char *value = record_seen(record, e->seen);

	return value && fnmatch(e->is, value, 0) == 0;
}

static bool all_seen(const struct record *record, const struct recipe_expect *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!was_seen(record, &list[i]))
			return false;
	return true;
}

char *recipe_missing(const struct recipe *r, const struct record *record)
{
	for (unsigned i = 0; i < r->devices_count; i++) {
		bool disk = streq(r->devices[i], "disk");
		const struct record_device *d = disk ? &record->disk : &record->net;

		if (!d->name)
			return xasprintf("no %s device came up", r->devices[i]);
		if (!d->verified)
			return xasprintf(disk ? "disk %s could not be read and written" : "network device %s got no answer", d->name);
	}
	for (unsigned i = 0; i < r->expect_count; i++) {
		const char *value = record_seen(record, r->expect[i].seen);

		if (!was_seen(record, &r->expect[i]))
			return xasprintf("%s is %s, expected %s", r->expect[i].seen, value ? value : "not there", r->expect[i].is);
	}
	return NULL;
}

static enum holds holds(const struct recipe_claim *c, const struct record *record)
{
	switch (record->outcome) {
	case OUTCOME_BOOTED:
		return all_seen(record, c->when, c->when_count) ? HOLDS_YES : HOLDS_NO;
	case OUTCOME_BOOTED_WITHOUT_DEVICE:
	case OUTCOME_PANICKED:
	case OUTCOME_REFUSED:
		return HOLDS_NO;
	default:
		return HOLDS_UNKNOWN;
	}
}

static bool exists(const struct mode *m, unsigned version, const char *arch)
{
	return m->first <= version && version <= m->last && arch_listed(m->arch, m->arch_count, arch);
}

static void claim_one(const struct recipe_claim *c, unsigned version, unsigned mode, struct record *record)
{
	const struct host *h = c->selection.host;
	struct record_claim *to;

	ARRAY_GROW(record->claims, record->n_claims);
	to = &record->claims[record->n_claims++];
	*to = (struct record_claim){
		.host = xstrdup(h->name),
		.userspace = h->userspace,
		.version = xstrdup(h->versions[version].id),
		.mode = *h->modes[mode].id ? xstrdup(h->modes[mode].id) : NULL,
		.holds = holds(c, record),
	};
	for (unsigned i = 0; i < c->through_count; i++)
		strings_add(&to->through, xstrdup(c->through[i]));
}

void recipe_claim(const struct recipe *r, struct record *record)
{
	for (unsigned i = 0; i < r->claims_count; i++) {
		const struct selection *s = &r->claims[i].selection;

		for (unsigned v = 0; v < s->host->versions_count; v++)
			for (unsigned m = 0; m < s->host->modes_count; m++)
				if (s->versions[v] && s->modes[m] && exists(&s->host->modes[m], v, record->arch))
					claim_one(&r->claims[i], v, m, record);
	}
}
