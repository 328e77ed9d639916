/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/lint.h"

/*
 * Ids of findings are HOST-VERSION[-MODE]-INTERFACE, and must mean one thing each although '-' may be in any
 * part. Two of them can only be equal when the stems before the interface are equal or one begins the other;
 * so only stems are compared, and interfaces of those few pairs.
 */
struct stem {
	char *text;
	const struct host *host;
	unsigned version, mode;
};

struct stems {
	struct stem *stems;
	size_t count;
};

static void stems_done(struct stems *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->stems[i].text);
	free(s->stems);
}

static void add_stem(struct stems *s, const struct host *h, unsigned version, unsigned mode)
{
	const char *id = h->modes[mode].id;

	ARRAY_GROW(s->stems, s->count);
	s->stems[s->count++] = (struct stem){
		.text = xasprintf("%s-%s%s%s", h->name, h->versions[version].id, id[0] ? "-" : "", id),
		.host = h,
		.version = version,
		.mode = mode,
	};
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct stem *)a)->text, ((const struct stem *)b)->text);
}

/* Index of the offer of `interface` that holds there; -1: there is none. */
static ssize_t offer_here(const struct stem *s, const char *interface)
{
	const struct host *h = s->host;

	for (unsigned i = 0; i < h->offers_count; i++)
		if (streq(h->offers[i].interface, interface) &&
		    offer_active(&h->offers[i], s->version, &h->modes[s->mode], NULL))
			return (ssize_t)i;
	return -1;
}

/* What is behind "rest-" in the name of an interface; all of it where there is no rest. NULL: it begins otherwise. */
static const char *behind(const char *interface, const char *rest, size_t n)
{
	if (n == 0)
		return interface;
	return strncmp(interface, rest, n) == 0 && interface[n] == '-' ? interface + n + 1 : NULL;
}

/* `longer` is `shorter` with `rest` behind it: do "rest-INTERFACE" and INTERFACE both occur? */
static void compare_stems(struct lint *l, const struct stem *shorter, const struct stem *longer, const char *rest)
{
	const struct host *h = shorter->host;
	size_t n = strlen(rest);

	for (unsigned i = 0; i < h->offers_count; i++) {
		const char *interface = behind(h->offers[i].interface, rest, n);
		ssize_t other = interface ? offer_here(longer, interface) : -1;

		if (other < 0 || offer_here(shorter, h->offers[i].interface) != (ssize_t)i)
			continue;
		lint_file(l, longer->host->file);
		lint_flaw(l, ITEM(STEP(NULL, "offers"), (unsigned)other),
			  "the finding id %s-%s could be one of %s as well", longer->text, interface,
			  h->file);
	}
}

struct prefix {
	const char *text;
	size_t n;
};

static int by_prefix(const void *key, const void *element)
{
	const struct prefix *p = key;
	const char *text = ((const struct stem *)element)->text;
	int r = strncmp(p->text, text, p->n);

	return r ? r : -(text[p->n] != '\0');
}

static void compare_prefixes(struct lint *l, const struct stems *s, const struct stem *stem)
{
	for (const char *dash = strchr(stem->text, '-'); dash; dash = strchr(dash + 1, '-')) {
		struct prefix key = { stem->text, (size_t)(dash - stem->text) };
		const struct stem *shorter = bsearch(&key, s->stems, s->count, sizeof(*shorter), by_prefix);

		if (shorter)
			compare_stems(l, shorter, stem, dash + 1);
	}
}

void lint_finding_ids(struct lint *l)
{
	_cleanup_(stems_done) struct stems s = { 0 };
	const struct knowledge *k = l->k;

	for (size_t n = 0; n < k->n_hosts; n++)
		for (unsigned m = 0; m < k->hosts[n]->modes_count; m++)
			for (unsigned v = k->hosts[n]->modes[m].first; v <= k->hosts[n]->modes[m].last; v++)
				add_stem(&s, k->hosts[n], v, m);
	if (s.count == 0)
		return;
	qsort(s.stems, s.count, sizeof(*s.stems), by_text);
	for (size_t i = 0; i < s.count; i++) {
		if (i > 0 && streq(s.stems[i].text, s.stems[i - 1].text))
			compare_stems(l, &s.stems[i - 1], &s.stems[i], "");
		compare_prefixes(l, &s, &s.stems[i]);
	}
}
