/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/mutate.h"
#include "compat/rule.h"

static void touch(struct edit *e, size_t want)
{
	e->changed += !e->touched[want];
	e->touched[want] = true;
}

void edit_fact(struct edit *e, size_t want, enum fact_state state)
{
	struct fact *f = &e->facts->facts[want];

	if (f->state == state && f->n_versions == 0)
		return;
	f->state = state;
	f->n_versions = 0;
	touch(e, want);
}

/* "CONFIG_X=m", or what stands behind "IKCONFIG ", is about X. */
static bool place_is_of(const struct fact *f, const char *symbol)
{
	const char *at = f->place ? strstr(f->place, "CONFIG_") : NULL;
	const char *rest = at ? startswith(at + strlen("CONFIG_"), symbol) : NULL;

	return rest && (*rest == '=' || *rest == '\0');
}

static bool is_module(const struct fact *f)
{
	return f->state == FACT_PRESENT &&
	       (f->placement == PLACEMENT_MODULE || f->placement == PLACEMENT_OTHER);
}

static bool want_is_of(const struct want *w, const char *driver)
{
	return w->kind == WANT_DRIVER ? streq(w->name, driver) : w->of && streq(w->of, driver);
}

static const struct fact *driver_fact(const struct edit *e, const char *driver)
{
	for (size_t i = 0; i < e->k->wants.count; i++)
		if (e->k->wants.wants[i].kind == WANT_DRIVER && streq(e->k->wants.wants[i].name, driver))
			return &e->facts->facts[i];
	return NULL;
}

/* All that is known of a driver, be it of its file. */
static void edit_all_of(struct edit *e, const char *driver, enum fact_state state, enum placement placement)
{
	for (size_t i = 0; i < e->k->wants.count; i++) {
		if (!want_is_of(&e->k->wants.wants[i], driver))
			continue;
		edit_fact(e, i, state);
		e->facts->facts[i].placement = placement;
	}
}

bool edit_driver(struct edit *e, const char *driver, enum mutation_kind kind)
{
	const struct fact *f = driver_fact(e, driver);
	const struct driver *d = NULL;

	for (size_t i = 0; i < e->k->wants.n_drivers; i++)
		if (streq(e->k->wants.drivers[i].name, driver))
			d = &e->k->wants.drivers[i];
	if (!d || !f || !is_module(f))
		return false;
	if (kind == MUTATE_MOVED)
		edit_all_of(e, driver, FACT_ABSENT, PLACEMENT_NOT_REQUIRED);
	else if (kind == MUTATE_RENAMED && d->configs && d->configs[0]) /* its config says =m, and no file is there */
		edit_all_of(e, driver, FACT_UNKNOWN, PLACEMENT_NONE);
	else
		edit_all_of(e, driver, FACT_ABSENT, PLACEMENT_NONE);
	return true;
}

/* What the reader says of a module whose config denies it. */
static void add_denial(struct edit *e, const struct fact *f, const char *symbol)
{
	struct facts *facts = e->facts;
	_cleanup_(freep) char *what = xasprintf("%s holds %s, but the config does not set CONFIG_%s", f->package,
						f->member ? path_base(f->member) : "the module", symbol);

	for (size_t i = 0; i < facts->n_contradictions; i++)
		if (streq(facts->contradictions[i].what, what))
			return;
	ARRAY_GROW(facts->contradictions, facts->n_contradictions);
	facts->contradictions[facts->n_contradictions++].what = TAKE_PTR(what);
	e->changed++;
}

/* Built in, the driver goes with its option; its module does not, and the two disagree. */
static void follow_config(struct edit *e, const char *symbol, bool gone)
{
	for (size_t i = 0; i < e->k->wants.count; i++) {
		const struct want *w = &e->k->wants.wants[i];
		const struct fact *f = &e->facts->facts[i];

		if (w->kind != WANT_DRIVER || f->state != FACT_PRESENT)
			continue;
		for (size_t d = 0; d < e->k->wants.n_drivers; d++) {
			char **configs = e->k->wants.drivers[d].configs;

			if (!streq(e->k->wants.drivers[d].name, w->name) || !configs || !configs[0])
				continue;
			if (!place_is_of(f, symbol))
				continue;
			if (f->placement == PLACEMENT_BUILTIN)
				edit_all_of(e, w->name, FACT_ABSENT, PLACEMENT_NONE);
			else if (is_module(f))
				add_denial(e, f, gone ? configs[0] : symbol);
		}
	}
}

void edit_config(struct edit *e, const char *symbol, enum mutation_kind kind)
{
	for (size_t i = 0; i < e->k->wants.count; i++) {
		const struct want *w = &e->k->wants.wants[i];

		if (!streq(w->name, symbol) || e->facts->facts[i].state != FACT_PRESENT)
			continue;
		if (w->kind == WANT_CONFIG || (w->kind == WANT_CONFIG_EXISTS && kind == MUTATE_REMOVED))
			edit_fact(e, i, FACT_ABSENT);
	}
	follow_config(e, symbol, kind == MUTATE_REMOVED);
}

void edit_versions(struct edit *e, size_t want, size_t first, size_t keep)
{
	struct fact *f = &e->facts->facts[want];

	memmove(f->versions, f->versions + first, keep * sizeof(*f->versions));
	f->n_versions = keep;
	touch(e, want);
}

static void zero_leaf(struct edit *e, size_t want)
{
	const struct want *w = &e->k->wants.wants[want];
	const struct fact *f = &e->facts->facts[want];

	if (w->kind == WANT_CONFIG)
		edit_config(e, w->name, MUTATE_ZEROED);
	else if (w->kind == WANT_VALUE && strtoull(w->value, NULL, 0) != 0)
		edit_fact(e, want, FACT_ABSENT);
	else if (w->kind == WANT_TABLE && is_module(f))
		edit_versions(e, want, 0, 0);
	else if (w->kind == WANT_TABLE) /* in an image, where a table cannot begin with its end */
		edit_fact(e, want, FACT_UNKNOWN);
}

void edit_leaf(struct edit *e, size_t want, bool negated, enum mutation_kind kind)
{
	const struct want *w = &e->k->wants.wants[want];
	const struct fact *f = &e->facts->facts[want];

	if (f->state != (negated ? FACT_ABSENT : FACT_PRESENT))
		return;
	if (kind == MUTATE_UNKNOWN || kind == MUTATE_UNREAD)
		edit_fact(e, want, kind == MUTATE_UNKNOWN ? FACT_UNKNOWN : FACT_UNREAD);
	else if (kind == MUTATE_ZEROED && !negated)
		zero_leaf(e, want);
	else if (kind == MUTATE_REMOVED && negated)
		edit_fact(e, want, FACT_PRESENT);
	else if (kind == MUTATE_REMOVED && (w->kind == WANT_CONFIG || w->kind == WANT_CONFIG_EXISTS))
		edit_config(e, w->name, MUTATE_REMOVED);
	else if (kind == MUTATE_REMOVED)
		edit_fact(e, want, FACT_ABSENT);
}

void edit_rule(struct edit *e, const struct rule *r, bool negated, enum mutation_kind kind)
{
	struct branches b = rule_branches(r);

	if (!b.key)
		edit_leaf(e, r->want, negated, kind);
	for (unsigned i = 0; i < b.count; i++)
		edit_rule(e, &b.rules[i], negated ^ (r->none_count > 0), kind);
}

void edit_whole_rule(struct edit *e, const struct rule *r, bool negated, enum mutation_kind kind)
{
	struct branches b = rule_branches(r);
	enum fact_state turned = negated ? FACT_ABSENT : FACT_PRESENT;

	if (!b.key)
		edit_fact(e, r->want,
			  kind == MUTATE_TURNED	   ? turned
			  : kind == MUTATE_UNKNOWN ? FACT_UNKNOWN
						   : FACT_UNREAD);
	for (unsigned i = 0; i < b.count; i++)
		edit_whole_rule(e, &b.rules[i], negated ^ (r->none_count > 0), kind);
}

/* The options of a driver that is a module; one that is built in would only be gone. */
static void deny_driver(struct edit *e, const char *driver)
{
	const struct fact *f = driver_fact(e, driver);

	for (size_t i = 0; f && is_module(f) && i < e->k->wants.n_drivers; i++)
		for (char **c = e->k->wants.drivers[i].configs; c && *c; c++)
			if (streq(e->k->wants.drivers[i].name, driver))
				edit_config(e, *c, MUTATE_ZEROED);
}

static void deny_rule(struct edit *e, const struct rule *r, bool negated)
{
	struct branches b = rule_branches(r);
	const struct want *w = b.key ? NULL : &e->k->wants.wants[r->want];

	if (w && w->kind == WANT_CONFIG && !negated && e->facts->facts[r->want].state == FACT_PRESENT)
		edit_config(e, w->name, MUTATE_ZEROED);
	if (w && !negated && (w->of || w->kind == WANT_DRIVER))
		deny_driver(e, w->of ? w->of : w->name);
	for (unsigned i = 0; i < b.count; i++)
		deny_rule(e, &b.rules[i], negated ^ (r->none_count > 0));
}

void edit_contradict(struct edit *e, const struct iface *i)
{
	for (unsigned n = 0; n < i->speaks_count; n++)
		deny_rule(e, &i->speaks[n], false);
}
