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

static bool offers_here(const struct stem *s, const char *interface)
{
	const struct host *h = s->host;

	for (unsigned i = 0; i < h->offers_count; i++)
		if (streq(h->offers[i].interface, interface) &&
		    offer_active(&h->offers[i], s->version, &h->modes[s->mode], NULL))
			return true;
	return false;
}

/* `longer` is `shorter` with `rest` behind it: do "rest-INTERFACE" and INTERFACE both occur? */
static void compare_stems(struct lint *l, const struct stem *shorter, const struct stem *longer,
			  const char *rest)
{
	const struct host *h = longer->host;

	for (unsigned i = 0; i < h->offers_count; i++) {
		_cleanup_(freep) char *name =
			xasprintf("%s%s%s", rest, rest[0] ? "-" : "", h->offers[i].interface);

		if (!offer_active(&h->offers[i], longer->version, &h->modes[longer->mode], NULL) ||
		    !offers_here(shorter, name))
			continue;
		lint_file(l, h->file);
		lint_flaw(l, ITEM(STEP(NULL, "offers"), i), "the finding id %s-%s could be one of %s as well",
			  longer->text, h->offers[i].interface, shorter->host->file);
	}
}

static void compare_prefixes(struct lint *l, const struct stems *s, const struct stem *stem)
{
	for (const char *dash = strchr(stem->text, '-'); dash; dash = strchr(dash + 1, '-')) {
		_cleanup_(freep) char *text = xstrndup(stem->text, (size_t)(dash - stem->text));
		struct stem key = { .text = text };
		const struct stem *shorter = bsearch(&key, s->stems, s->count, sizeof(key), by_text);

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
