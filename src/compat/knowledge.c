/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/knowledge.h"
#include "compat/arena.h"
#include "compat/files.h"
#include "compat/lint.h"
#include "compat/schema.h"
#include "compat/wants.h"

#include <errno.h>

struct knowledge *knowledge_free(struct knowledge *k)
{
	if (!k)
		return NULL;
	want_list_done(&k->wants);
	arena_free(k->arena);
	free(k->ifaces);
	free(k->hosts);
	free(k->files);
	free(k);
	return NULL;
}

static char *arena_text(struct arena *a, const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(arena_take(a, n), s, n);
}

static void add_iface(struct knowledge *k, const struct source *s, struct iface *i, char *file)
{
	i->file = file;
	if (!i->name)
		i->name = arena_text(k->arena, s->name);
	ARRAY_GROW(k->ifaces, k->n_ifaces);
	k->ifaces[k->n_ifaces++] = i;
}

static void add_host(struct knowledge *k, const struct source *s, struct host *h, char *file)
{
	h->file = file;
	h->userspace = s->kind == SOURCE_USERSPACE;
	if (!h->name)
		h->name = arena_text(k->arena, s->name);
	ARRAY_GROW(k->hosts, k->n_hosts);
	k->hosts[k->n_hosts++] = h;
}

static const cyaml_schema_value_t *schema_of(enum source_kind kind)
{
	if (kind == SOURCE_INTERFACE)
		return &schema_iface;
	return kind == SOURCE_HYPERVISOR ? &schema_hypervisor : &schema_userspace;
}

static void take_value(struct knowledge *k, const struct source *s, void *value)
{
	char *file = arena_text(k->arena, s->path);

	ARRAY_GROW(k->files, k->n_files);
	k->files[k->n_files++] = file;
	if (s->kind == SOURCE_INTERFACE)
		add_iface(k, s, value, file);
	else
		add_host(k, s, value, file);
}

/*
 * What can be wrong with one file is told of each; what files say of each other only when all could be
 * loaded. Nearly all of the time goes to libyaml, 1.8 ms for 150 files of 125 KB; a second thread was tried
 * and gained nothing.
 */
static void load_source(struct lint *l, struct source *s)
{
	struct error err = { 0 };
	void *value = NULL;
	int r = source_read(s, &err);

	if (r == 0 && s->masked)
		return;
	if (r == 0)
		r = yaml_load(s->path, s->bytes, s->size, schema_of(s->kind), l->k->arena, &value, &err);
	if (r < 0)
		lint_sentence(l, err.text);
	else
		take_value(l->k, s, value);
}

static int by_iface_name(const void *a, const void *b)
{
	return strcmp((*(struct iface *const *)a)->name, (*(struct iface *const *)b)->name);
}

static int by_host_name(const void *a, const void *b)
{
	const struct host *x = *(struct host *const *)a, *y = *(struct host *const *)b;

	return x->userspace != y->userspace ? x->userspace - y->userspace : strcmp(x->name, y->name);
}

static void sort(struct knowledge *k)
{
	if (k->n_ifaces)
		qsort(k->ifaces, k->n_ifaces, sizeof(*k->ifaces), by_iface_name);
	if (k->n_hosts)
		qsort(k->hosts, k->n_hosts, sizeof(*k->hosts), by_host_name);
}

static int nothing_found(const char *const *dirs, struct error *err)
{
	_cleanup_(buf_done) struct buf list = { 0 };

	for (size_t i = 0; dirs[i]; i++)
		buf_addf(&list, "%s%s", i ? ", " : "", dirs[i]);
	return error_set(
		err, ENOENT,
		"no knowledge found: neither interfaces/ nor hypervisors/ nor userspace/ of %s holds "
		"a .yaml file; is hvcompat installed?",
		list.text ? list.text : "(no directory)");
}

int knowledge_load(const char *const *dirs, knowledge_report report, void *ctx, struct knowledge **ret,
		   struct error *err)
{
	_cleanup_(knowledge_freep) struct knowledge *k = xcalloc(1, sizeof(*k));
	_cleanup_(source_list_done) struct source_list sources = { 0 };
	struct lint l = { .k = k, .sources = &sources, .report = report, .ctx = ctx, .err = err };
	int r;

	k->arena = arena_new();
	r = source_list_fill(dirs, &sources, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < sources.count; i++)
		load_source(&l, &sources.sources[i]);
	if (l.flaws == 0 && k->n_files == 0)
		return nothing_found(dirs, err);
	sort(k);
	if (l.flaws == 0)
		lint_knowledge(&l);
	if (l.flaws)
		return -EINVAL;
	wants_intern(k);
	*ret = TAKE_PTR(k);
	return 0;
}

const struct iface *knowledge_iface(const struct knowledge *k, const char *name)
{
	struct iface wanted = { .name = (char *)name };
	struct iface *key = &wanted, **found = NULL;

	if (k->n_ifaces)
		found = bsearch(&key, k->ifaces, k->n_ifaces, sizeof(*k->ifaces), by_iface_name);
	return found ? *found : NULL;
}

const struct host *knowledge_host(const struct knowledge *k, const char *name)
{
	for (size_t i = 0; i < k->n_hosts; i++)
		if (streq(k->hosts[i]->name, name))
			return k->hosts[i];
	return NULL;
}

static bool version_is(const struct host_version *v, const char *id)
{
	if (streq_null(v->id, id))
		return true;
	for (unsigned i = 0; i < v->aliases_count; i++)
		if (id && streq(v->aliases[i], id))
			return true;
	return false;
}

int host_version_index(const struct host *h, const char *id)
{
	for (unsigned i = 0; i < h->versions_count; i++)
		if (version_is(&h->versions[i], id))
			return (int)i;
	return -1;
}

int host_mode_index(const struct host *h, const char *id)
{
	id = id ? id : "";
	for (unsigned i = 0; i < h->modes_count; i++)
		if (streq_null(h->modes[i].id, id))
			return (int)i;
	return -1;
}

const char *const arch_names[ARCHES] = { "x86_64", "i686", "aarch64" };

bool arch_known(const char *word)
{
	for (size_t i = 0; i < ARCHES; i++)
		if (streq(arch_names[i], word))
			return true;
	return false;
}

static bool listed(char *const *list, unsigned count, const char *word)
{
	for (unsigned i = 0; i < count; i++)
		if (streq(list[i], word))
			return true;
	return count == 0;
}

bool arch_listed(char *const *list, unsigned count, const char *arch)
{
	return !arch || listed(list, count, arch);
}

bool mode_listed(char *const *list, unsigned count, const char *id)
{
	return listed(list, count, id);
}

bool offer_active(const struct offer *o, unsigned version, const struct mode *m, const char *arch)
{
	return version >= o->first && version <= o->last && mode_listed(o->modes, o->modes_count, m->id) &&
	       arch_listed(o->arch, o->arch_count, arch);
}

const struct at *offer_at(const struct offer *o, unsigned version)
{
	const struct at *found = NULL;

	for (unsigned i = 0; i < o->at_count && o->at[i].first <= version; i++)
		found = &o->at[i];
	return found;
}
