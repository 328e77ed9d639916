/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/lint.h"
#include "compat/arena.h"

#include <errno.h>
#include <stdarg.h>

void lint_file(struct lint *l, const char *file)
{
	l->file = file;
	l->places = places_free(l->places);
}

static const struct source *source_of(const struct lint *l)
{
	for (size_t i = 0; i < l->sources->count; i++)
		if (l->file && streq(l->sources->sources[i].path, l->file))
			return &l->sources->sources[i];
	return NULL;
}

void lint_sentence(struct lint *l, const char *sentence)
{
	l->flaws++;
	error_set(l->err, EINVAL, "%s", sentence);
	if (l->report)
		l->report(l->ctx, sentence);
}

void lint_flaw(struct lint *l, const struct step *way, const char *fmt, ...)
{
	const struct source *s = source_of(l);
	struct position at = { 1, 1 };
	char what[400], line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	if (s && !l->places)
		l->places = places_new(s->bytes, s->size);
	if (l->places)
		at = places_find(l->places, way);
	snprintf(line, sizeof(line), "%s:%zu:%zu: %s", l->file, at.line, at.column, what);
	lint_sentence(l, line);
}

void lint_required(struct lint *l, const struct step *way, const char *key, const char *text)
{
	if (!text)
		lint_flaw(l, way, "key '%s' is missing", key);
}

void lint_file_name(struct lint *l, const char *key, const char *name)
{
	const char *rest = startswith(path_base(l->file), name);

	if (!rest || !streq(rest, ".yaml"))
		lint_flaw(l, STEP(NULL, key), "%s '%s' must be in a file %s.yaml", key, name, name);
}

void lint_arch(struct lint *l, const struct step *way, char *const *list, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!arch_known(list[i]))
			lint_flaw(l, ITEM(way, i), "unknown architecture '%s'; there are " ARCHES_TEXT, list[i]);
}

static unsigned parts_of(const char *text)
{
	unsigned parts = 1;

	for (; *text; text++)
		parts += *text == '.';
	return parts;
}

/* Stricter than version_parse(), which passes over tails: what we write ourselves has none. */
static bool plain_version(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789.")] == '\0' && parts_of(text) <= 4 &&
	       !endswith(text, ".");
}

version_t *lint_versions(struct lint *l, const struct step *way, char *const *texts, unsigned count,
			 unsigned *ret_parts)
{
	version_t *versions;
	unsigned parts = 1;

	if (count == 0)
		return NULL;
	versions = arena_take(l->k->arena, count * sizeof(*versions));
	for (unsigned i = 0; i < count; i++) {
		if (!plain_version(texts[i]) || version_parse(texts[i], &versions[i]) < 0)
			lint_flaw(l, ITEM(way, i),
				  "'%s' is no version; expected up to four numbers, as in 5.3", texts[i]);
		if (parts_of(texts[i]) > parts)
			parts = parts_of(texts[i]);
	}
	*ret_parts = parts;
	return versions;
}

/* Names are sorted: twins stand side by side. */
static void lint_twins(struct lint *l)
{
	const struct knowledge *k = l->k;

	for (size_t i = 1; i < k->n_ifaces; i++)
		if (streq(k->ifaces[i]->name, k->ifaces[i - 1]->name)) {
			lint_file(l, k->ifaces[i]->file);
			lint_flaw(l, STEP(NULL, "interface"), "interface '%s' is also in %s",
				  k->ifaces[i]->name, k->ifaces[i - 1]->file);
		}
	for (size_t i = 0; i < k->n_hosts; i++)
		for (size_t j = 0; j < i; j++)
			if (streq(k->hosts[i]->name, k->hosts[j]->name)) {
				lint_file(l, k->hosts[i]->file);
				lint_flaw(l, STEP(NULL, k->hosts[i]->userspace ? "userspace" : "hypervisor"),
					  "'%s' is also in %s", k->hosts[i]->name, k->hosts[j]->file);
			}
}

static const struct offer *offer_of(const struct host *h, const struct iface *i)
{
	for (unsigned n = 0; n < h->offers_count; n++)
		if (h->offers[n].iface == i)
			return &h->offers[n];
	return NULL;
}

static bool provides(const struct host *h, const char *feature)
{
	for (unsigned n = 0; n < h->provides_count; n++)
		if (streq_null(h->provides[n].feature, feature))
			return true;
	return false;
}

/* A demand that no host of the interface could ever meet, or only in modes that none has, is misspelled. */
static void lint_demand_met(struct lint *l, const struct step *way, const struct iface *i,
			    const struct demand *d)
{
	bool provided = false;

	for (size_t n = 0; n < l->k->n_hosts && d->feature; n++)
		provided |= offer_of(l->k->hosts[n], i) && provides(l->k->hosts[n], d->feature);
	if (d->feature && !provided)
		lint_flaw(l, STEP(way, "feature"), "no host that offers '%s' provides '%s'", i->name,
			  d->feature);
	for (unsigned m = 0; m < d->modes_count; m++) {
		bool there = false;

		for (size_t n = 0; n < l->k->n_hosts; n++)
			there |= offer_of(l->k->hosts[n], i) &&
				 host_mode_index(l->k->hosts[n], d->modes[m]) >= 0;
		if (!there)
			lint_flaw(l, ITEM(STEP(way, "modes"), m), "no host that offers '%s' has a mode '%s'",
				  i->name, d->modes[m]);
	}
}

/* What an interface can be asked only once all hosts are known. */
static void lint_offered(struct lint *l, const struct iface *i)
{
	bool offered = false;

	lint_file(l, i->file);
	for (size_t n = 0; n < l->k->n_hosts; n++)
		offered |= offer_of(l->k->hosts[n], i) != NULL;
	if (!offered) {
		lint_flaw(l, STEP(NULL, "interface"), "no host offers '%s'", i->name);
		return;
	}
	for (unsigned n = 0; n < i->demands_count; n++)
		lint_demand_met(l, ITEM(STEP(NULL, "demands"), n), i, &i->demands[n]);
}

void lint_knowledge(struct lint *l)
{
	struct knowledge *k = l->k;

	lint_twins(l);
	lint_drivers(l);
	for (size_t i = 0; i < k->n_ifaces; i++)
		lint_iface(l, k->ifaces[i]);
	for (size_t i = 0; i < k->n_hosts; i++) {
		size_t before = l->flaws;

		lint_host(l, k->hosts[i]);
		lint_offers(l, k->hosts[i]);
		/* Behind a wrong range or name each gap would be told as well. */
		if (l->flaws == before)
			lint_coverage(l, k->hosts[i]);
	}
	for (size_t i = 0; i < k->n_ifaces; i++)
		lint_offered(l, k->ifaces[i]);
	if (l->flaws == 0)
		lint_finding_ids(l);
	lint_file(l, NULL);
	free(l->drivers);
	l->drivers = NULL;
}
