/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/package.h"

/*
 * Emulated and passed-through devices are left out: they are real hardware to the kernel, and say nothing of a
 * hypervisor.
 */
bool provides_may(const struct iface *i, bool *ret_userspace)
{
	static const struct {
		const char *kind;
		bool userspace;
	} kinds[] = { { "paravirtual", false }, { "boot", false }, { "abi", true } };

	for (size_t n = 0; n < ARRAY_SIZE(kinds); n++) {
		*ret_userspace = kinds[n].userspace;
		if (streq(i->kind, kinds[n].kind))
			return true;
	}
	return false;
}

/*
 * What may be promised to a package manager: an interface that the kernel speaks in full as it is, without a
 * boot parameter, in versions that are known (a capability without a version would meet a demand for any of
 * them, to rpm). Not knowing, or not having read, is no promise.
 */
static bool promised(const struct spoken *s, bool *ret_userspace)
{
	if (s->present != TRUTH_YES || s->grade != GRADE_FULL || s->way_out || s->unread)
		return false;
	if (s->iface->versioned && (!s->versions_known || s->n_versions == 0))
		return false;
	return provides_may(s->iface, ret_userspace);
}

static void add_line(struct provides *p, const struct spoken *s, const char *version, bool userspace)
{
	ARRAY_GROW(p->lines, p->n);
	p->lines[p->n++] = (struct provide_line){
		.name = xstrdup(s->iface->name),
		.version = version ? xstrdup(version) : NULL,
		.userspace = userspace,
	};
}

static int by_number(const void *a, const void *b)
{
	version_t x = *(const version_t *)a, y = *(const version_t *)b;

	return (x > y) - (x < y);
}

/* A table has them in the order of the source, and may repeat one. */
static void add_versions(struct provides *p, const struct spoken *s, bool userspace)
{
	_cleanup_(freep) version_t *v = xcalloc(s->n_versions, sizeof(*v));
	char text[32];

	memcpy(v, s->versions, s->n_versions * sizeof(*v));
	qsort(v, s->n_versions, sizeof(*v), by_number);
	for (size_t i = 0; i < s->n_versions; i++)
		if (i == 0 || v[i] != v[i - 1])
			add_line(p, s, version_text(v[i], s->parts, text), userspace);
}

/* The knowledge has its interfaces by name, so the lines are in order. */
void provides_of(const struct support *built, struct provides *ret)
{
	*ret = (struct provides){ 0 };
	for (size_t i = 0; i < built->knowledge->n_ifaces; i++) {
		const struct spoken *s = &built->spoken[i];
		bool userspace;

		if (!promised(s, &userspace))
			continue;
		if (s->n_versions > 0)
			add_versions(ret, s, userspace);
		else
			add_line(ret, s, NULL, userspace);
	}
}

char *provide_text(const struct provide_line *l, enum package_format format)
{
	const char *family = l->userspace ? "userspace" : "hypervisor";

	if (format == PACKAGE_RPM)
		return xasprintf("%s(%s)%s%s", family, l->name, l->version ? " = " : "", l->version ? l->version : "");
	return l->version ? xasprintf("%s-%s (= %s)", family, l->name, l->version) :
			    xasprintf("%s-%s", family, l->name);
}

void provides_done(struct provides *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->lines[i].name);
		free(p->lines[i].version);
	}
	free(p->lines);
	*p = (struct provides){ 0 };
}
