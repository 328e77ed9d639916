/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/arena.h"
#include "compat/lint.h"

#include <ctype.h>

/* Days of a month; February has 29 often enough to let it. */
static bool is_date(const char *s)
{
	static const unsigned days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned y, m, d;

	for (int i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? s[i] != '-' : !isdigit((unsigned char)s[i]))
			return false;
	return s[10] == '\0' && sscanf(s, "%4u-%2u-%2u", &y, &m, &d) == 3 && m >= 1 && m <= 12 && d >= 1 &&
	       d <= days[m - 1];
}

static void lint_date(struct lint *l, const struct step *way, const char *date)
{
	if (date && !is_date(date))
		lint_flaw(l, way, "'%s' is no date; expected YYYY-MM-DD", date);
}

/* Ids stand in labels, ranges and findings: what separates those cannot be in them. */
static void lint_id(struct lint *l, const struct step *way, const char *id)
{
	bool good = isalnum((unsigned char)id[0]);

	for (const char *s = id; *s; s++)
		good &= isalnum((unsigned char)*s) || strchr("._-+", *s);
	if (!good || strstr(id, ".."))
		lint_flaw(l, way, "'%s' cannot be an id: letters and digits, and . _ - + behind the first",
			  id);
	if (streq(id, "all"))
		lint_flaw(l, way, "'all' cannot be an id: it stands for all of them");
}

static void lint_version_id(struct lint *l, const struct step *way, const struct host *h, unsigned upto,
			    const char *id)
{
	lint_id(l, way, id);
	for (unsigned i = 0; i < upto; i++) {
		bool twin = streq_null(h->versions[i].id, id);

		for (unsigned a = 0; a < h->versions[i].aliases_count; a++)
			twin |= streq(h->versions[i].aliases[a], id);
		if (twin)
			lint_flaw(l, way, "version '%s' occurs twice", id);
	}
}

static void lint_version(struct lint *l, struct host *h, unsigned n)
{
	const struct step *at = ITEM(STEP(NULL, "versions"), n);
	struct host_version *v = &h->versions[n];

	lint_required(l, at, "id", v->id);
	if (v->id)
		lint_version_id(l, STEP(at, "id"), h, n, v->id);
	for (unsigned a = 0; a < v->aliases_count; a++) {
		const struct step *alias = ITEM(STEP(at, "aliases"), a);

		lint_version_id(l, alias, h, n, v->aliases[a]);
		if (streq_null(v->id, v->aliases[a]))
			lint_flaw(l, alias, "version '%s' occurs twice", v->id);
	}
	lint_date(l, STEP(at, "released"), v->released);
	lint_date(l, STEP(at, "support-until"), v->support_until);
	if (v->released && v->support_until && strcmp(v->released, v->support_until) > 0)
		lint_flaw(l, STEP(at, "support-until"), "support ended before the release");
}

/* Finds a range of versions, both ends inclusive. */
static void lint_range(struct lint *l, const struct step *way, const struct host *h, const char *since,
		       const char *until, unsigned *ret_first, unsigned *ret_last)
{
	int first = since ? host_version_index(h, since) : 0;
	int last = until ? host_version_index(h, until) : (int)h->versions_count - 1;

	if (first < 0)
		lint_flaw(l, STEP(way, "since"), "%s has no version '%s'", h->name, since);
	if (last < 0)
		lint_flaw(l, STEP(way, "until"), "%s has no version '%s'", h->name, until);
	if (first >= 0 && last >= 0 && first > last)
		lint_flaw(l, STEP(way, "until"), "'%s' is older than '%s'", until, since);
	*ret_first = first < 0 ? 0 : (unsigned)first;
	*ret_last = last < 0 ? 0 : (unsigned)last;
}

static void lint_mode(struct lint *l, struct host *h, unsigned n)
{
	const struct step *at = ITEM(STEP(NULL, "modes"), n);
	struct mode *m = &h->modes[n];
	bool needs = false;

	lint_required(l, at, "id", m->id);
	if (m->id)
		lint_id(l, STEP(at, "id"), m->id);
	for (unsigned i = 0; i < n; i++)
		if (streq_null(h->modes[i].id, m->id))
			lint_flaw(l, STEP(at, "id"), "mode '%s' occurs twice", m->id ? m->id : "");
	lint_arch(l, STEP(at, "arch"), m->arch, m->arch_count);
	lint_range(l, at, h, m->since, m->until, &m->first, &m->last);
	for (unsigned c = 0; c < CLASS_COUNT; c++)
		needs |= m->needs[c] == NEED_REQUIRED;
	if (!needs)
		lint_flaw(l, at, "mode '%s' requires nothing: every kernel would run there",
			  m->id ? m->id : "");
}

static void default_version(struct lint *l, struct host *h)
{
	h->versions = arena_take(l->k->arena, sizeof(*h->versions));
	h->versions->id = "any";
	h->versions_count = 1;
}

/* Needs every class that is offered. */
static void default_mode(struct lint *l, struct host *h)
{
	h->modes = arena_take(l->k->arena, sizeof(*h->modes));
	h->modes->id = "";
	h->modes->last = h->versions_count - 1;
	h->modes_count = 1;
	for (unsigned i = 0; i < h->offers_count; i++) {
		const char *name = h->offers[i].interface;
		const struct iface *iface = name ? knowledge_iface(l->k, name) : NULL;

		if (iface)
			h->modes->needs[iface->class_] = NEED_REQUIRED;
	}
}

void lint_host(struct lint *l, struct host *h)
{
	const char *key = h->userspace ? "userspace" : "hypervisor";

	lint_file(l, h->file);
	lint_file_name(l, key, h->name);
	lint_id(l, STEP(NULL, key), h->name);
	lint_required(l, NULL, "name", h->title);
	lint_required(l, NULL, "source", h->source);
	for (unsigned i = 0; i < h->versions_count; i++)
		lint_version(l, h, i);
	if (h->versions_count == 0)
		default_version(l, h);
	for (unsigned i = 0; i < h->modes_count; i++)
		lint_mode(l, h, i);
	if (h->modes_count == 0)
		default_mode(l, h);
	lint_detect(l, h);
	if (h->offers_count == 0)
		lint_flaw(l, NULL, "key 'offers' is missing: what does a guest find there?");
}

static void lint_mode_names(struct lint *l, const struct step *way, const struct host *h, char *const *modes,
			    unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (host_mode_index(h, modes[i]) < 0)
			lint_flaw(l, ITEM(way, i), "%s has no mode '%s'", h->name, modes[i]);
}

static void lint_at(struct lint *l, const struct step *way, const struct host *h, struct offer *o, unsigned n)
{
	const struct step *here = ITEM(STEP(way, "at"), n);
	struct at *at = &o->at[n];
	int first = at->since ? host_version_index(h, at->since) : 0;

	if (first < 0)
		lint_flaw(l, STEP(here, "since"), "%s has no version '%s'", h->name, at->since);
	at->first = first < 0 ? 0 : (unsigned)first;
	if (n > 0 && at->first <= at[-1].first)
		lint_flaw(l, STEP(here, "since"), "must be newer than the entry before it");
	if (n == 0 && at->first > o->first)
		lint_flaw(l, STEP(here, "since"), "leaves open what the versions from '%s' on offer",
			  h->versions[o->first].id);
	if (at->versions_count == 0)
		lint_flaw(l, here, "key 'versions' is missing");
	at->given = lint_versions(l, STEP(here, "versions"), at->versions, at->versions_count, &at->parts);
}

static void lint_meets(struct lint *l, const struct step *way, const struct host *h, struct offer *o)
{
	for (unsigned i = 0; i < o->at_count; i++)
		lint_at(l, way, h, o, i);
	if (o->meets == MEETS_PRESENCE && o->at_count)
		lint_flaw(l, STEP(way, "at"), "versions do not matter here without `meets`");
	if (o->meets != MEETS_PRESENCE && !o->at_count)
		lint_flaw(l, STEP(way, "meets"), "needs `at`: which versions does the host have?");
	if (o->meets != MEETS_PRESENCE && o->iface && !o->iface->versioned)
		lint_flaw(l, STEP(way, "meets"), "interface '%s' never tells versions", o->interface);
	if (o->unread_follows && o->meets == MEETS_PRESENCE)
		lint_flaw(l, STEP(way, "unread-follows"),
			  "needs `meets`: without versions there is nothing to infer");
}

static const struct offer *offer_named(const struct host *h, const char *interface)
{
	for (unsigned i = 0; i < h->offers_count; i++)
		if (streq_null(h->offers[i].interface, interface))
			return &h->offers[i];
	return NULL;
}

static void lint_follows(struct lint *l, const struct step *way, const struct host *h, const struct offer *o)
{
	const struct offer *leader = offer_named(h, o->unread_follows);

	if (!leader)
		lint_flaw(l, way, "%s does not offer '%s'", h->name, o->unread_follows);
	else if (leader->unread_follows)
		lint_flaw(l, way, "'%s' itself follows another", o->unread_follows);
}

static void lint_offer(struct lint *l, struct host *h, unsigned n)
{
	const struct step *way = ITEM(STEP(NULL, "offers"), n);
	struct offer *o = &h->offers[n];

	lint_required(l, way, "interface", o->interface);
	o->iface = o->interface ? knowledge_iface(l->k, o->interface) : NULL;
	if (o->interface && !o->iface)
		lint_flaw(l, STEP(way, "interface"), "there is no interface '%s'", o->interface);
	lint_mode_names(l, STEP(way, "modes"), h, o->modes, o->modes_count);
	lint_arch(l, STEP(way, "arch"), o->arch, o->arch_count);
	lint_range(l, way, h, o->since, o->until, &o->first, &o->last);
	lint_meets(l, way, h, o);
	lint_refusals(l, STEP(way, "refused-by"), o->refused_by, o->refused_by_count);
	if (o->unread_follows)
		lint_follows(l, STEP(way, "unread-follows"), h, o);
}

static void lint_provide(struct lint *l, struct host *h, unsigned n)
{
	const struct step *way = ITEM(STEP(NULL, "provides"), n);
	struct provide *p = &h->provides[n];

	lint_required(l, way, "feature", p->feature);
	lint_mode_names(l, STEP(way, "modes"), h, p->modes, p->modes_count);
	lint_range(l, way, h, p->since, p->until, &p->first, &p->last);
}

static bool share_mode_and_arch(const struct host *h, const struct offer *a, const struct offer *b)
{
	bool mode = false, arch = false;

	for (unsigned m = 0; m < h->modes_count; m++)
		mode |= mode_listed(a->modes, a->modes_count, h->modes[m].id) &&
			mode_listed(b->modes, b->modes_count, h->modes[m].id);
	for (size_t i = 0; i < ARCHES; i++)
		arch |= arch_listed(a->arch, a->arch_count, arch_names[i]) &&
			arch_listed(b->arch, b->arch_count, arch_names[i]);
	return mode && arch;
}

/* An interface is offered one way at a time. */
static void lint_offer_twins(struct lint *l, const struct host *h, unsigned n)
{
	const struct offer *o = &h->offers[n];

	for (unsigned i = 0; i < n && o->iface; i++) {
		const struct offer *e = &h->offers[i];

		if (e->iface == o->iface && e->first <= o->last && o->first <= e->last &&
		    share_mode_and_arch(h, e, o))
			lint_flaw(l, STEP(ITEM(STEP(NULL, "offers"), n), "interface"),
				  "'%s' is offered twice for the same version and mode", o->interface);
	}
}

void lint_offers(struct lint *l, struct host *h)
{
	for (unsigned i = 0; i < h->offers_count; i++)
		lint_offer(l, h, i);
	for (unsigned i = 0; i < h->offers_count; i++)
		lint_offer_twins(l, h, i);
	for (unsigned i = 0; i < h->provides_count; i++)
		lint_provide(l, h, i);
}

/* Which classes a version offers anything of, as bits. */
static unsigned classes_offered(const struct host *h, const struct mode *m, unsigned version,
				const char *arch)
{
	unsigned classes = 0;

	for (unsigned i = 0; i < h->offers_count; i++)
		if (h->offers[i].iface && offer_active(&h->offers[i], version, m, arch))
			classes |= 1u << h->offers[i].iface->class_;
	return classes;
}

static void lint_needs(struct lint *l, const struct host *h, unsigned mode, unsigned version,
		       const char *arch)
{
	const struct mode *m = &h->modes[mode];
	unsigned offered = classes_offered(h, m, version, arch);
	const struct step *way = STEP(ITEM(STEP(NULL, "modes"), mode), "needs");

	for (unsigned c = 0; c < CLASS_COUNT; c++)
		if (m->needs[c] == NEED_REQUIRED && !(offered & 1u << c))
			lint_flaw(
				l, STEP(way, iface_class_name(c)),
				"version '%s' offers nothing of class %s%s%s on %s: no kernel could run there",
				h->versions[version].id, iface_class_name(c), m->id[0] ? " in mode " : "",
				m->id, arch);
}

/* Whether offers tell architectures apart at all. */
static bool arch_matters(const struct host *h)
{
	for (unsigned i = 0; i < h->offers_count; i++)
		if (h->offers[i].arch_count)
			return true;
	return false;
}

void lint_coverage(struct lint *l, const struct host *h)
{
	bool each = arch_matters(h);

	for (unsigned m = 0; m < h->modes_count; m++)
		for (size_t a = 0, seen = 0; a < ARCHES && (each || !seen); a++) {
			if (!arch_listed(h->modes[m].arch, h->modes[m].arch_count, arch_names[a]))
				continue;
			seen = 1;
			for (unsigned v = h->modes[m].first; v <= h->modes[m].last; v++)
				lint_needs(l, h, m, v, arch_names[a]);
		}
}
