/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/lint.h"

/* What is looked at is below these; a file elsewhere is the administrator's, and says nothing of the machine. */
static bool path_good(const char *path)
{
	return (startswith(path, "/sys/") || startswith(path, "/proc/")) && !strstr(path, "/../") &&
	       !endswith(path, "/..");
}

static void lint_trait(struct lint *l, const struct step *at, const struct trait *t)
{
	if (!t->path == !t->leaf)
		lint_flaw(l, at, "a trait is about one 'path' or one 'leaf'");
	if (t->path && !path_good(t->path))
		lint_flaw(l, STEP(at, "path"), "'%s' is no path below /sys or /proc", t->path);
	if (t->leaf && t->is)
		lint_flaw(l, STEP(at, "is"), "'is' belongs to a 'path'");
	if (t->leaf && (*t->leaf > 0xff || t->reg > 3 || t->bit > 31))
		lint_flaw(l, at, "leaf is 0 to 255, register 0 to 3 (EAX to EDX), bit 0 to 31");
	if (t->path && (t->reg || t->bit))
		lint_flaw(l, at, "'register' and 'bit' belong to a 'leaf'");
}

static void lint_traits(struct lint *l, const struct step *at, const struct trait *list, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		lint_trait(l, ITEM(at, i), &list[i]);
}

static void lint_ways(struct lint *l, const struct host *h)
{
	for (unsigned i = 0; i < h->detect_count; i++) {
		const struct detect *d = &h->detect[i];
		const struct step *at = ITEM(STEP(NULL, "detect"), i);

		if (!d->cpuid && d->traits_count == 0)
			lint_flaw(l, at, "'cpuid' or 'traits' is missing: every machine would be recognised");
		if (d->cpuid && (!*d->cpuid || strlen(d->cpuid) > 12))
			lint_flaw(l, STEP(at, "cpuid"), "a signature has 1 to 12 characters");
		lint_required(l, at, "source", d->source);
		lint_traits(l, STEP(at, "traits"), d->traits, d->traits_count);
	}
}

static void lint_numbers(struct lint *l, const struct host *h)
{
	const unsigned *before = NULL;

	for (unsigned i = 0; i < h->number_count; i++) {
		const struct number *n = &h->number[i];
		const struct step *at = ITEM(STEP(NULL, "number"), i);

		if (!n->leaf == !n->files_count || n->files_count > 2)
			lint_flaw(l, at, "a number is in one 'leaf', or in one or two 'files'");
		if (n->leaf && (*n->leaf > 0xff || n->reg > 3))
			lint_flaw(l, at, "leaf is 0 to 255, register 0 to 3 (EAX to EDX)");
		for (unsigned f = 0; f < n->files_count; f++)
			if (!path_good(n->files[f]))
				lint_flaw(l, at, "'%s' is no path below /sys or /proc", n->files[f]);
	}
	for (unsigned v = 0; v < h->versions_count; v++) {
		const unsigned *this = h->versions[v].number;
		const struct step *at = ITEM(STEP(NULL, "versions"), v);

		lint_traits(l, STEP(at, "detect"), h->versions[v].detect, h->versions[v].detect_count);
		if (this && h->number_count == 0)
			lint_flaw(l, STEP(at, "number"), "key 'number' of the host is missing: where is it read?");
		if (this && before && *this <= *before)
			lint_flaw(l, STEP(at, "number"), "%u is not above %u, that of an older version", *this, *before);
		if (this)
			before = this;
	}
}

void lint_detect(struct lint *l, const struct host *h)
{
	if (h->userspace && (h->detect_count || h->number_count))
		lint_flaw(l, STEP(NULL, "detect"), "only a hypervisor is recognised");
	lint_ways(l, h);
	lint_numbers(l, h);
	for (unsigned m = 0; m < h->modes_count; m++)
		lint_traits(l, STEP(ITEM(STEP(NULL, "modes"), m), "detect"), h->modes[m].detect, h->modes[m].detect_count);
}
