/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/format.h"

#include <errno.h>

/* Strings are many, small, and die together. */
#define CHUNK_SIZE ((size_t)64 << 10)

struct chunk {
	struct chunk *next;
	size_t used, size;
	char bytes[];
};

const char *package_string(struct package *p, const char *text, size_t n)
{
	struct chunk *c = p->chunks;
	size_t size;
	char *to;

	if (!c || n + 1 > c->size - c->used) {
		size = n + 1 > CHUNK_SIZE ? n + 1 : CHUNK_SIZE;
		c = xmalloc(sizeof(*c) + size);
		*c = (struct chunk){ .next = p->chunks, .size = size };
		p->chunks = c;
	}
	to = c->bytes + c->used;
	memcpy(to, text, n);
	to[n] = '\0';
	c->used += n + 1;
	return to;
}

void package_free_strings(struct package *p)
{
	struct chunk *next;

	for (struct chunk *c = p->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	p->chunks = NULL;
}

void package_forget(struct package *p)
{
	free(p->members);
	free(p->bodies);
	p->members = NULL;
	p->bodies = NULL;
	p->n = 0;
}

int package_add(struct package *p, const struct member *m, const struct body *b, struct error *err)
{
	size_t n = p->n;

	if (m->path[0] == '\0')
		return error_set(err, EBADMSG, "it lists a file without a name");
	p->named += strlen(m->path) + (m->target ? strlen(m->target) : 0);
	if (p->named > PKG_LISTED_MAX)
		return error_set(err, E2BIG, "its paths and links take more than %zu MiB", PKG_LISTED_MAX >> 20);
	if (n == PKG_MEMBERS_MAX)
		return error_set(err, E2BIG, "it lists more than %zu members", PKG_MEMBERS_MAX);
	ARRAY_GROW(p->members, n);
	ARRAY_GROW(p->bodies, n);
	p->members[n] = *m;
	p->bodies[n] = *b;
	p->n++;
	return 0;
}

struct item {
	struct member member;
	struct body body;
};

static int item_compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return strcmp(x->member.path, y->member.path);
}

static bool package_sorted(const struct package *p)
{
	for (size_t i = 1; i < p->n; i++)
		if (strcmp(p->members[i - 1].path, p->members[i].path) > 0)
			return false;
	return true;
}

static void package_reorder(struct package *p)
{
	_cleanup_(freep) struct item *items = xcalloc(p->n, sizeof(*items));

	for (size_t i = 0; i < p->n; i++)
		items[i] = (struct item){ p->members[i], p->bodies[i] };
	qsort(items, p->n, sizeof(*items), item_compare);
	for (size_t i = 0; i < p->n; i++) {
		p->members[i] = items[i].member;
		p->bodies[i] = items[i].body;
	}
}

int package_sort(struct package *p, struct error *err)
{
	if (!package_sorted(p))
		package_reorder(p);
	for (size_t i = 1; i < p->n; i++)
		if (streq(p->members[i - 1].path, p->members[i].path))
			return error_set(err, EBADMSG, "it lists %s twice", p->members[i].path);
	return 0;
}

size_t package_members(const struct package *p, const struct member **ret)
{
	*ret = p->members;
	return p->n;
}

static int find_compare(const void *key, const void *element)
{
	return strcmp(key, ((const struct member *)element)->path);
}

ssize_t package_find(const struct package *p, const char *path)
{
	const struct member *m = NULL;

	if (p->n > 0)
		m = bsearch(path, p->members, p->n, sizeof(*m), find_compare);
	return m ? m - p->members : -1;
}

int names_add_any(struct names *l, struct package *p, const char *text, size_t n, struct error *err)
{
	if (l->n == PKG_NAMES_MAX)
		return error_set(err, E2BIG, "its dependencies name more than %zu packages", PKG_NAMES_MAX);
	ARRAY_GROW(l->items, l->n);
	l->items[l->n++] = (char *)package_string(p, text, n);
	return 0;
}

int names_add(struct names *l, struct package *p, const char *text, size_t n, struct error *err)
{
	return n > 0 ? names_add_any(l, p, text, n, err) : 0;
}

char **names_end(struct names *l)
{
	ARRAY_GROW(l->items, l->n);
	l->items[l->n] = NULL;
	return TAKE_PTR(l->items);
}
