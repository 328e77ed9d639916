/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/wants.h"
#include "compat/rule.h"

/* Wants by content: a table of indices + 1, open addressing, at most half full. */
struct interner {
	struct want_list *list;
	size_t *slots;
	size_t room;	  /* a power of two */
	enum depth least; /* for the rules being interned: no want of theirs is shallower */
};

static uint64_t hash_text(uint64_t h, const char *s)
{
	for (; s && *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u; /* FNV-1a */
	return (h ^ 0xff) * 0x100000001b3u;
}

static uint64_t hash_want(const struct want *w)
{
	uint64_t h = 0xcbf29ce484222325u ^ w->kind;

	h = hash_text(h, w->name);
	h = hash_text(h, w->of);
	return hash_text(h, w->value);
}

static bool same_layout(const struct table_layout *a, const struct table_layout *b)
{
	return a->element == b->element && a->format == b->format && a->ends == b->ends &&
	       a->stride == b->stride && a->offset == b->offset && a->size == b->size &&
	       a->flag_offset == b->flag_offset && streq_null(a->file, b->file);
}

static bool same_want(const struct want *a, const struct want *b)
{
	return a->kind == b->kind && streq(a->name, b->name) && streq_null(a->of, b->of) &&
	       streq_null(a->value, b->value) && streq_null(a->version, b->version) && a->type == b->type &&
	       a->object == b->object && same_layout(&a->layout, &b->layout);
}

static void grow(struct interner *in)
{
	free(in->slots);
	in->room = in->room ? 2 * in->room : 1024;
	in->slots = xcalloc(in->room, sizeof(*in->slots));
	for (size_t i = 0; i < in->list->count; i++) {
		size_t slot = hash_want(&in->list->wants[i]) & (in->room - 1);

		while (in->slots[slot])
			slot = (slot + 1) & (in->room - 1);
		in->slots[slot] = i + 1;
	}
}

static char *copied(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

/* `borrowed` becomes the list's own. */
static size_t append(struct want_list *list, const struct want *borrowed)
{
	struct want w = *borrowed;

	w.name = xstrdup(w.name);
	w.of = copied(w.of);
	w.value = copied(w.value);
	w.version = copied(w.version);
	w.layout.file = copied(w.layout.file);
	ARRAY_GROW(list->wants, list->count);
	list->wants[list->count] = w;
	return list->count++;
}

static size_t intern(struct interner *in, const struct want *w)
{
	size_t slot;

	if (2 * in->list->count >= in->room)
		grow(in);
	slot = hash_want(w) & (in->room - 1);
	while (in->slots[slot]) {
		struct want *old = &in->list->wants[in->slots[slot] - 1];

		if (same_want(old, w)) {
			/* One rule of several is content with a shallow look: then all are. */
			old->depth = w->depth < old->depth ? w->depth : old->depth;
			return in->slots[slot] - 1;
		}
		slot = (slot + 1) & (in->room - 1);
	}
	in->slots[slot] = append(in->list, w) + 1;
	return in->slots[slot] - 1;
}

/* How deep a reading must be to see a leaf, where the rule does not say. */
static enum depth default_depth(const struct want *w)
{
	if (w->kind == WANT_CONFIG || w->kind == WANT_CONFIG_EXISTS || w->kind == WANT_DRIVER)
		return DEPTH_QUICK;
	if (w->of)
		return DEPTH_DEEP;
	return w->kind == WANT_VALUE ? DEPTH_VERIFY : DEPTH_NORMAL; /* data sections come last in an image */
}

static void set_layout(struct want *w, const struct rule *r)
{
	w->layout.flag_offset = -1;
	if (w->kind != WANT_TABLE && w->kind != WANT_VALUE)
		return;
	w->layout = (struct table_layout){
		.element = w->kind == WANT_VALUE ? ELEMENT_U32 : r->element,
		.format = w->kind == WANT_VALUE ? FORMAT_NUMBER : r->format,
		.ends = r->ends,
		.stride = r->stride,
		.offset = r->offset,
		.size = r->size,
		.file = r->file,
		.flag_offset = r->flag_offset ? *r->flag_offset : -1,
	};
}

static void intern_leaf(struct rule *r, void *ctx)
{
	struct interner *in = ctx;
	const char *name = NULL;
	const struct leaf *leaf = rule_leaf(r, &name);
	struct want w = {
		.kind = leaf->kind,
		.name = (char *)name,
		.of = r->of,
		.value = r->value,
		.version = r->version,
		.type = leaf->kind == WANT_VDSO ? r->bits : r->type,
		.object = r->object,
	};

	set_layout(&w, r);
	w.depth = r->depth ? *r->depth : default_depth(&w);
	if (w.depth < in->least)
		w.depth = in->least;
	r->want = intern(in, &w);
}

static void intern_refusals(struct interner *in, struct refusal *list, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		rule_leaves(list[i].when, intern_leaf, in);
}

static void intern_iface(struct interner *in, struct iface *i)
{
	for (unsigned n = 0; n < i->speaks_count; n++)
		rule_leaves(&i->speaks[n], intern_leaf, in);
	intern_refusals(in, i->refused_by, i->refused_by_count);
	for (unsigned n = 0; n < i->demands_count; n++)
		rule_leaves(i->demands[n].when, intern_leaf, in);
	in->least = DEPTH_DEEP;
	for (unsigned n = 0; n < i->details_count; n++)
		rule_leaves(&i->details[n], intern_leaf, in);
	in->least = DEPTH_QUICK;
}

static char **copied_list(char *const *list, unsigned count)
{
	char **copy = xcalloc((size_t)count + 1, sizeof(*copy));

	for (unsigned i = 0; i < count; i++)
		copy[i] = xstrdup(list[i]);
	return copy;
}

static void declare_drivers(struct want_list *list, const struct iface *i)
{
	for (unsigned n = 0; n < i->drivers_count; n++) {
		const struct driver_decl *d = &i->drivers[n];

		ARRAY_GROW(list->drivers, list->n_drivers);
		list->drivers[list->n_drivers++] = (struct driver){
			.name = xstrdup(d->driver),
			.also = copied_list(d->also, d->also_count),
			.configs = copied_list(d->config, d->config_count),
		};
	}
}

void wants_intern(struct knowledge *k)
{
	struct interner in = { .list = &k->wants };

	for (size_t i = 0; i < k->n_ifaces; i++) {
		declare_drivers(&k->wants, k->ifaces[i]);
		intern_iface(&in, k->ifaces[i]);
	}
	for (size_t i = 0; i < k->n_hosts; i++)
		for (unsigned n = 0; n < k->hosts[i]->offers_count; n++)
			intern_refusals(&in, k->hosts[i]->offers[n].refused_by,
					k->hosts[i]->offers[n].refused_by_count);
	free(in.slots);
}
