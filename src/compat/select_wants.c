/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/rule.h"
#include "compat/select.h"

static void mark_leaf(struct rule *leaf, void *ctx)
{
	bool *wanted = ctx;

	wanted[leaf->want] = true;
}

static void mark_refusals(const struct refusal *list, unsigned count, bool *wanted)
{
	for (unsigned i = 0; i < count; i++)
		rule_leaves(list[i].when, mark_leaf, wanted);
}

static void mark_iface(const struct iface *i, bool details, bool *wanted)
{
	for (unsigned n = 0; n < i->speaks_count; n++)
		rule_leaves(&i->speaks[n], mark_leaf, wanted);
	mark_refusals(i->refused_by, i->refused_by_count, wanted);
	for (unsigned n = 0; n < i->demands_count; n++)
		rule_leaves(i->demands[n].when, mark_leaf, wanted);
	for (unsigned n = 0; n < i->details_count && details; n++)
		rule_leaves(&i->details[n], mark_leaf, wanted);
}

/* Whether an offer counts for anything that is selected: some version and mode where its class is needed. */
static bool offer_selected(const struct selection *s, const struct offer *o)
{
	const struct host *h = s->host;

	for (unsigned m = 0; m < h->modes_count; m++)
		for (unsigned v = o->first; v <= o->last && s->modes[m]; v++)
			if (s->versions[v] && v >= h->modes[m].first && v <= h->modes[m].last &&
			    h->modes[m].needs[o->iface->class_] != NEED_NONE &&
			    offer_active(o, v, &h->modes[m], NULL))
				return true;
	return false;
}

static void mark_offer(const struct knowledge *k, const struct offer *o, bool details, bool *wanted)
{
	mark_iface(o->iface, details, wanted);
	mark_refusals(o->refused_by, o->refused_by_count, wanted);
	if (o->unread_follows)
		mark_iface(knowledge_iface(k, o->unread_follows), details, wanted);
}

/* With nothing selected everything is, also what no host needs: `query --facts` shows it. */
static void mark_everything(const struct knowledge *k, bool details, bool *wanted)
{
	for (size_t i = 0; i < k->n_ifaces; i++)
		mark_iface(k->ifaces[i], details, wanted);
	for (size_t i = 0; i < k->n_hosts; i++)
		for (unsigned n = 0; n < k->hosts[i]->offers_count; n++)
			mark_offer(k, &k->hosts[i]->offers[n], details, wanted);
}

void selection_wants(const struct knowledge *k, const struct selection *s, size_t n, bool details,
		     bool *ret_wanted)
{
	for (size_t i = 0; i < k->wants.count; i++)
		ret_wanted[i] = false;
	if (n == 0)
		mark_everything(k, details, ret_wanted);
	for (size_t i = 0; i < n; i++)
		for (unsigned o = 0; o < s[i].host->offers_count; o++)
			if (offer_selected(&s[i], &s[i].host->offers[o]))
				mark_offer(k, &s[i].host->offers[o], details, ret_wanted);
}

static char *copied(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static struct want want_copy(const struct want *w)
{
	struct want c = *w;

	c.name = copied(w->name);
	c.of = copied(w->of);
	c.value = copied(w->value);
	c.version = copied(w->version);
	c.layout.file = copied(w->layout.file);
	return c;
}

static char **copied_list(char *const *list)
{
	size_t n = 0;
	char **copy;

	while (list && list[n])
		n++;
	copy = xcalloc(n + 1, sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = xstrdup(list[i]);
	return copy;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_driver(struct want_list *list, const struct driver *d)
{
	ARRAY_GROW(list->drivers, list->n_drivers);
	list->drivers[list->n_drivers++] = (struct driver){
		.name = xstrdup(d->name),
		.also = copied_list(d->also),
		.configs = copied_list(d->configs),
	};
}

/* Wants call drivers as they are declared, so names compare exactly. */
static void add_named_drivers(struct want_list *list, const struct want_list *all)
{
	const char **named = xcalloc(list->count, sizeof(*named));
	size_t n = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct want *w = &list->wants[i];
		const char *name = w->kind == WANT_DRIVER ? w->name : w->of;

		if (name)
			named[n++] = name;
	}
	if (n)
		qsort(named, n, sizeof(*named), by_text);
	for (size_t i = 0; i < all->n_drivers && n; i++)
		if (bsearch(&all->drivers[i].name, named, n, sizeof(*named), by_text))
			add_driver(list, &all->drivers[i]);
	free(named);
}

void want_list_subset(const struct want_list *all, const bool *wanted, struct want_list *ret)
{
	struct want_list list = { 0 };

	for (size_t i = 0; i < all->count; i++) {
		if (!wanted[i])
			continue;
		ARRAY_GROW(list.wants, list.count);
		list.wants[list.count++] = want_copy(&all->wants[i]);
	}
	add_named_drivers(&list, all);
	*ret = list;
}

void facts_widen(struct facts *facts, const struct want_list *all, const bool *wanted)
{
	struct fact *wide = xcalloc(all->count, sizeof(*wide));
	size_t n = 0;

	for (size_t i = 0; i < all->count; i++)
		wide[i] = wanted[i] && n < facts->count ? facts->facts[n++]
							: (struct fact){ .state = FACT_UNREAD };
	free(facts->facts);
	facts->facts = wide;
	facts->count = all->count;
}
