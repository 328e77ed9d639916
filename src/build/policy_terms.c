/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/package.h"
#include "build/policy_terms.h"

/* One need of one place: what would meet it, and why that cannot be put into a term. */
struct need_terms {
	struct strings any; /* "hypervisor(vmbus) <= 1.1" */
	const struct iface *beyond; /* would meet it, and has no Provides */
	const struct iface *several; /* must be spoken in several versions at once */
};

static void add_once(struct strings *list, char *item)
{
	if (strings_have(list, item))
		free(item);
	else
		strings_add(list, item);
}

/* "hypervisor(vmbus) <= 1.1"; `version` NULL: in any. */
static void add_term(struct need_terms *n, const struct iface *i, const char *sign, const version_t *version,
		     unsigned parts)
{
	struct provide_line line = { .name = i->name };
	_cleanup_(freep) char *name = NULL;
	char text[32];

	provides_may(i, &line.userspace);
	name = provide_text(&line, PACKAGE_RPM);
	add_once(&n->any, version ? xasprintf("%s %s %s", name, sign, version_text(*version, parts, text)) :
				    xstrdup(name));
}

static void add_offer(struct need_terms *n, const struct offer *o, unsigned version)
{
	const struct at *at = offer_at(o, version);
	bool userspace;
	unsigned most = 0;

	if (!provides_may(o->iface, &userspace)) {
		n->beyond = o->iface;
		return;
	}
	if (o->meets == MEETS_PRESENCE || !at || at->versions_count == 0) {
		add_term(n, o->iface, "", NULL, 0);
		return;
	}
	for (unsigned i = 1; i < at->versions_count; i++)
		most = at->given[i] > at->given[most] ? i : most;
	if (o->meets == MEETS_HOST_MAXIMUM) {
		add_term(n, o->iface, "<=", &at->given[most], at->parts);
		return;
	}
	if (o->meets != MEETS_OVERLAP && at->versions_count > 1) {
		n->several = o->iface;
		add_term(n, o->iface, "", NULL, 0);
		return;
	}
	for (unsigned i = 0; i < at->versions_count; i++)
		add_term(n, o->iface, "=", &at->given[i], at->parts);
}

/* Takes the terms. */
static char *any_of(struct need_terms *n)
{
	struct buf b = { 0 };

	if (n->any.n == 1)
		return xstrdup(n->any.items[0]);
	for (size_t i = 0; i < n->any.n; i++)
		buf_addf(&b, "%s%s", i > 0 ? " or " : "(", n->any.items[i]);
	buf_add(&b, ")", 1);
	return b.text;
}

static void close_need(struct policy_terms *t, struct need_terms *n, const char *place, const char *what)
{
	if (n->beyond)
		add_once(&t->gaps, xasprintf("%s, %s: %s will do as well, and is nothing that packages provide",
					     place, what, n->beyond->name));
	else if (n->any.n > 0)
		add_once(&t->terms, any_of(n));
	if (!n->beyond && n->several)
		add_once(&t->gaps, xasprintf("%s, %s: %s is needed in several versions at once; any is taken", place,
					     what, n->several->name));
	strings_done(&n->any);
}

static void add_place(struct policy_terms *t, const struct requirement *r, unsigned version, const struct mode *m,
		      const char *arch)
{
	const struct host *h = r->selection.host;
	_cleanup_(freep) char *place = xasprintf("%s%s%s", h->name, *m->id ? "/" : "", m->id);

	for (unsigned c = 0; c < CLASS_COUNT; c++) {
		struct need_terms n = { 0 };

		for (unsigned i = 0; m->needs[c] == NEED_REQUIRED && i < h->offers_count; i++)
			if (h->offers[i].iface->class_ == c && offer_active(&h->offers[i], version, m, arch))
				add_offer(&n, &h->offers[i], version);
		close_need(t, &n, place, iface_class_name(c));
	}
	for (unsigned i = 0; i < r->through_count; i++) {
		struct need_terms n = { 0 };

		for (unsigned j = 0; j < h->offers_count; j++)
			if (streq(h->offers[j].interface, r->through[i]) &&
			    offer_active(&h->offers[j], version, m, arch))
				add_offer(&n, &h->offers[j], version);
		close_need(t, &n, place, r->through[i]);
	}
}

static bool for_arch(const struct requirement *r, const char *arch)
{
	for (unsigned i = 0; i < r->arch_count; i++)
		if (streq(r->arch[i], arch))
			return true;
	return r->arch_count == 0;
}

static bool mode_has_arch(const struct mode *m, const char *arch)
{
	for (unsigned i = 0; i < m->arch_count; i++)
		if (streq(m->arch[i], arch))
			return true;
	return m->arch_count == 0;
}

static void add_requirement(struct policy_terms *t, const struct requirement *r, const char *arch)
{
	const struct host *h = r->selection.host;

	if (!for_arch(r, arch))
		return;
	if (r->flavour_count > 0) {
		add_once(&t->gaps, xasprintf("%s: is required of certain flavours only, which solvers do not tell apart",
					     h->name));
		return;
	}
	for (unsigned v = 0; v < h->versions_count; v++)
		for (unsigned m = 0; m < h->modes_count; m++)
			if (r->selection.versions[v] && r->selection.modes[m] && v >= h->modes[m].first &&
			    v <= h->modes[m].last && mode_has_arch(&h->modes[m], arch))
				add_place(t, r, v, &h->modes[m], arch);
}

void policy_terms_of(const struct policy *p, const char *arch, struct policy_terms *ret)
{
	*ret = (struct policy_terms){ 0 };
	for (unsigned i = 0; i < p->requires_count; i++)
		add_requirement(ret, &p->requires[i], arch);
	for (unsigned i = 0; i < p->waivers_count; i++)
		add_once(&ret->gaps, xasprintf("%s: the waiver does not count; solvers know no day",
					       p->waivers[i].finding));
	strings_sort(&ret->terms);
}

void policy_terms_done(struct policy_terms *t)
{
	strings_done(&t->terms);
	strings_done(&t->gaps);
}
