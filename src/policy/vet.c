/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "policy/decide.h"
#include "policy/parts.h"
#include "policy/range.h"

/* --- requirements ------------------------------------------------------------------------------ */

static const struct host *vet_host(struct vet *vet, unsigned i)
{
	const struct requirement *r = &vet->policy->requires[i];
	const char *key = r->userspace ? "userspace" : "hypervisor",
		   *name = r->userspace ? r->userspace : r->hypervisor;
	const struct host *host;

	if (!r->hypervisor == !r->userspace) {
		vet_requirement_flaw(vet, i, r->userspace ? "userspace" : NULL,
				     "a requirement is about one 'hypervisor' or one 'userspace'");
		return NULL;
	}
	host = knowledge_host(vet->knowledge, name);
	if (host && host->userspace == !!r->userspace)
		return host;
	if (host)
		vet_requirement_flaw(vet, i, key, "'%s' is no %s; write \"%s: %s\"", name, key,
				     host->userspace ? "userspace" : "hypervisor", name);
	else
		vet_requirement_flaw(vet, i, key, "unknown %s '%s'", key, name);
	return NULL;
}

static bool loader_known(const struct host *h, const char *loader)
{
	for (unsigned i = 0; i < h->modes_count; i++)
		if (h->modes[i].loader && streq(h->modes[i].loader, loader))
			return true;
	return false;
}

/* Whether all words of the requirement that narrow the host mean something there. */
static bool vet_words(struct vet *vet, unsigned i, const struct host *h)
{
	const struct requirement *r = &vet->policy->requires[i];
	bool good = true;

	for (unsigned j = 0; j < r->modes_count; j++) {
		if (host_mode_index(h, r->modes[j]) >= 0)
			continue;
		vet_requirement_flaw(vet, i, "modes", "%s has no mode '%s'", h->name, r->modes[j]);
		good = false;
	}
	if (r->loader && !loader_known(h, r->loader)) {
		vet_requirement_flaw(vet, i, "loader", "no mode of %s has the loader '%s'", h->name,
				     r->loader);
		good = false;
	}
	for (unsigned j = 0; j < r->arch_count; j++)
		/* It would never apply, without a word. */
		if (!arch_known(r->arch[j]))
			vet_requirement_flaw(vet, i, "arch", "unknown architecture '%s'; there are " ARCHES_TEXT, r->arch[j]);
	return good;
}

/* Whether a mode exists at that version. */
static bool mode_exists(const struct mode *m, unsigned version)
{
	return m->first <= version && version <= m->last;
}

static bool selected(const struct selection *s, unsigned version, unsigned mode)
{
	return s->versions[version] && s->modes[mode] && mode_exists(&s->host->modes[mode], version);
}

static bool selects_any(const struct selection *s)
{
	for (unsigned v = 0; v < s->host->versions_count; v++)
		for (unsigned m = 0; m < s->host->modes_count; m++)
			if (selected(s, v, m))
				return true;
	return false;
}

static bool offers(const struct host *h, unsigned version, unsigned mode, const struct iface *iface)
{
	const struct mode *m = &h->modes[mode];

	if (m->needs[iface->class_] == NEED_NONE)
		return false;
	for (unsigned i = 0; i < h->offers_count; i++)
		if (h->offers[i].iface == iface && offer_active(&h->offers[i], version, m, NULL))
			return true;
	return false;
}

/* An interface that the host does not offer somewhere could never be met there. */
static void vet_through(struct vet *vet, unsigned i, const char *name)
{
	const struct selection *s = &vet->policy->requires[i].selection;
	const struct iface *iface = knowledge_iface(vet->knowledge, name);

	if (!iface) {
		vet_requirement_flaw(vet, i, "through", "unknown interface '%s'", name);
		return;
	}
	for (unsigned v = 0; v < s->host->versions_count; v++) {
		for (unsigned m = 0; m < s->host->modes_count; m++) {
			_cleanup_(freep) char *label = NULL;

			if (!selected(s, v, m) || offers(s->host, v, m, iface))
				continue;
			label = verdict_label(s->host, v, m);
			vet_requirement_flaw(vet, i, "through",
					     "%s does not offer '%s' as something a guest needs; narrow "
					     "'versions' or 'modes'",
					     label, name);
			return;
		}
	}
}

static void vet_requirement(struct vet *vet, unsigned i)
{
	struct requirement *r = &vet->policy->requires[i];
	const struct host *host = vet_host(vet, i);
	struct error why = { 0 };

	if (!host || !vet_words(vet, i, host))
		return;
	if (selection_make(vet->knowledge, host->name, r->versions, r->modes, r->modes_count, r->loader,
			   &r->selection, &why) < 0) {
		vet_requirement_flaw(vet, i, r->versions ? "versions" : NULL, "%s", why.text);
		return;
	}
	if (!selects_any(&r->selection)) {
		vet_requirement_flaw(
			vet, i, NULL,
			"this selects nothing of %s: none of these modes exists in any of these versions",
			host->name);
		return;
	}
	for (unsigned j = 0; j < r->through_count; j++)
		vet_through(vet, i, r->through[j]);
}

/* Whether two lists of words, in which none means all, have something in common. */
static bool lists_meet(char *const *a, unsigned n, char *const *b, unsigned m)
{
	if (n == 0 || m == 0)
		return true;
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; j < m; j++)
			if (streq(a[i], b[j]))
				return true;
	return false;
}

static bool contains(char *const *list, unsigned n, const char *word)
{
	for (unsigned i = 0; i < n; i++)
		if (streq(list[i], word))
			return true;
	return false;
}

static bool same_words(char *const *a, unsigned n, char *const *b, unsigned m)
{
	for (unsigned i = 0; i < n; i++)
		if (!contains(b, m, a[i]))
			return false;
	for (unsigned i = 0; i < m; i++)
		if (!contains(a, n, b[i]))
			return false;
	return true;
}

/* The first row that two selections have in common, as an owned label; NULL: none. */
static char *common_row(const struct selection *a, const struct selection *b)
{
	if (!a->host || a->host != b->host)
		return NULL;
	for (unsigned v = 0; v < a->host->versions_count; v++)
		for (unsigned m = 0; m < a->host->modes_count; m++)
			if (selected(a, v, m) && selected(b, v, m))
				return verdict_label(a->host, v, m);
	return NULL;
}

/* One row, one requirement: else a reader who finds the one does not know that the other says something else.
 */
static void vet_overlap(struct vet *vet, unsigned i, unsigned j)
{
	const struct requirement *a = &vet->policy->requires[i], *b = &vet->policy->requires[j];
	_cleanup_(freep) char *row = common_row(&a->selection, &b->selection);
	struct step top = { .key = "requires" }, element = { .up = &top, .index = vet->requires[i].index };
	struct part *part = vet->requires[i].part;
	struct position at;
	bool same;

	if (!row || !lists_meet(a->arch, a->arch_count, b->arch, b->arch_count) ||
	    !lists_meet(a->flavour, a->flavour_count, b->flavour, b->flavour_count))
		return;
	same = a->grade == b->grade && same_words(a->through, a->through_count, b->through, b->through_count);
	if (!part->places)
		part->places = places_new(part->bytes, part->n);
	at = places_find(part->places, &element);
	vet_requirement_flaw(vet, j, NULL, "%s is also required at %s:%zu:%zu%s", row, part->file, at.line,
			     at.column,
			     same ? "; say it once"
				  : ", with another grade or through other interfaces; narrow one of them");
}

void vet_requirements(struct vet *vet)
{
	for (unsigned i = 0; i < vet->policy->requires_count; i++)
		vet_requirement(vet, i);
	for (unsigned j = 0; j < vet->policy->requires_count; j++)
		for (unsigned i = 0; i < j; i++)
			vet_overlap(vet, i, j);
}

/* --- waivers ----------------------------------------------------------------------------------- */

/* Whether there can be a finding of that id, and it can be waived. */
static bool id_known(const struct knowledge *k, const char *id)
{
	const struct iface *iface;
	struct id_row row;
	enum id_kind kind;
	const char *rest;

	if (id_find_row(k, id, &row) || id_find_arch(k, id))
		return true;
	if (!id_parse(id, &kind, &rest))
		return false;
	if (kind == ID_CONTRADICTION && id_find_doubt(k, rest, &iface))
		return true;
	return (kind == ID_UNPROVEN || kind == ID_CONTRADICTION) && id_find_row(k, rest, &row);
}

static void vet_finding(struct vet *vet, unsigned i)
{
	const struct waiver *v = &vet->policy->waivers[i];

	if (!v->finding) {
		vet_waiver_flaw(vet, i, NULL,
				"key 'finding' is missing: a waiver is for one finding, by its id");
		return;
	}
	if (!id_known(vet->knowledge, v->finding))
		vet_waiver_flaw(
			vet, i, "finding",
			"no finding is called '%s'; write HOST-VERSION[-MODE]-INTERFACE as reports show it",
			v->finding);
	for (unsigned j = 0; j < i; j++) {
		const struct waiver *other = &vet->policy->waivers[j];

		if (other->finding && streq(other->finding, v->finding) &&
		    streq_null(other->kernels, v->kernels))
			vet_waiver_flaw(vet, i, "finding", "'%s' is waived twice for the same kernels",
					v->finding);
	}
}

static void vet_waiver(struct vet *vet, unsigned i)
{
	const struct waiver *v = &vet->policy->waivers[i];
	struct error why = { 0 };

	vet_finding(vet, i);
	if (!v->reason)
		vet_waiver_flaw(vet, i, NULL, "key 'reason' is missing: say why this may be lost");
	if (!v->by)
		vet_waiver_flaw(vet, i, NULL, "key 'by' is missing: say who answers for it");
	if (!v->until)
		vet_waiver_flaw(vet, i, NULL, "key 'until' is missing: a waiver ends on a day, YYYY-MM-DD");
	else if (!date_valid(v->until))
		vet_waiver_flaw(vet, i, "until", "'%s' is no day of the calendar; write YYYY-MM-DD",
				v->until);
	if (v->kernels && range_check(v->kernels, &why) < 0)
		vet_waiver_flaw(vet, i, "kernels", "%s", why.text);
}

void vet_waivers(struct vet *vet)
{
	for (unsigned i = 0; i < vet->policy->waivers_count; i++)
		vet_waiver(vet, i);
}
