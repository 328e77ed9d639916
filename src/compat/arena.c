/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/arena.h"

#define CHUNK_SIZE ((size_t)64 << 10)

struct chunk {
	struct chunk *next;
	size_t room, used;
	max_align_t bytes[];
};

/* Stands before each block of libcyaml's, which grows its lists one element at a time. */
struct header {
	size_t room;
	max_align_t bytes[];
};

struct arena {
	struct chunk *chunks; /* the first is the one being filled */
	size_t left;	      /* of the limit */
	bool refused;
};

struct arena *arena_new(void)
{
	struct arena *a = xcalloc(1, sizeof(*a));

	a->left = SIZE_MAX;
	return a;
}

struct arena *arena_free(struct arena *a)
{
	while (a && a->chunks) {
		struct chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
	free(a);
	return NULL;
}

static void chunk_add(struct arena *a, size_t size)
{
	size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
	struct chunk *c = xmalloc(sizeof(*c) + room);

	*c = (struct chunk){ .next = a->chunks, .room = room };
	a->chunks = c;
}

void *arena_take(struct arena *a, size_t size)
{
	size_t step = _Alignof(max_align_t);
	void *p;

	size = (size + step - 1) / step * step;
	if (!a->chunks || a->chunks->room - a->chunks->used < size)
		chunk_add(a, size);
	p = (char *)a->chunks->bytes + a->chunks->used;
	a->chunks->used += size;
	return memset(p, 0, size);
}

void arena_limit(struct arena *a, size_t bytes)
{
	a->left = bytes;
	a->refused = false;
}

bool arena_refused(const struct arena *a)
{
	return a->refused;
}

static struct header *header_of(void *ptr)
{
	return (struct header *)((char *)ptr - offsetof(struct header, bytes));
}

/* A first block is as large as asked; one that grows doubles, so that growing by ones stays linear. */
static size_t next_room(const void *old, size_t old_room, size_t size)
{
	return old && size < 2 * old_room ? 2 * old_room : size;
}

void *arena_cyaml(void *ctx, void *ptr, size_t size)
{
	struct arena *a = ctx;
	size_t old = ptr ? header_of(ptr)->room : 0, room;
	struct header *h;

	if (size == 0) /* freed with the arena */
		return NULL;
	if (ptr && size <= old)
		return ptr;
	room = next_room(ptr, old, size);
	if (room + sizeof(*h) > a->left) {
		a->refused = true;
		return NULL;
	}
	a->left -= room + sizeof(*h);
	h = arena_take(a, sizeof(*h) + room);
	h->room = room;
	if (ptr)
		memcpy(h->bytes, ptr, old);
	return h->bytes;
}
