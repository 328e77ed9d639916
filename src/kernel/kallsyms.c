/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/kallsyms.h"

#include <errno.h>

/* Longer names are cut: the kernel's own bound is 512 (KSYM_NAME_LEN). */
#define NAME_ROOM 1024
#define ENTRIES_PER_MARKER 256
#define COMPILER_SPLIT ".cold"
/* Compilers give a name two or three; a hostile one could hold hundreds, each of which would be looked up. */
#define SUFFIXES_MAX 16

uint64_t kallsyms_address(const struct kallsyms *k, size_t i)
{
	bool absolute = k->encoding == KALLSYMS_ABSOLUTE;
	unsigned size = absolute ? k->word : 4;
	uint64_t raw = load_uint(k->view.bytes + k->addresses + i * size, size, k->view.big);
	uint64_t address = raw, distance = (uint64_t)(int64_t)(int32_t)(uint32_t)raw;

	if (k->encoding == KALLSYMS_RELATIVE)
		address = k->relative_base + raw;
	else if (k->encoding == KALLSYMS_PERCPU && distance >> 63)
		address = k->relative_base - 1 - distance;
	else if (k->encoding == KALLSYMS_PLACE)
		address = k->table_address + i * 4 + distance;
	return k->word == 4 ? (uint32_t)address : address;
}

size_t kallsyms_lower_bound(const struct kallsyms *k, uint64_t address)
{
	size_t low = 0, high = k->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (kallsyms_address(k, mid) < address)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool kallsyms_entry_length(const struct view *v, size_t end, size_t *at, size_t *ret_length)
{
	size_t p = *at, length;

	if (p >= end)
		return false;
	length = v->bytes[p++];
	if (length & 0x80) {
		if (p >= end)
			return false;
		length = (length & 0x7f) | (size_t)v->bytes[p++] << 7;
	}
	if (length == 0 || length > end - p)
		return false;
	*at = p;
	*ret_length = length;
	return true;
}

size_t kallsyms_entry(const struct kallsyms *k, size_t i)
{
	size_t length = 0, marker = i / ENTRIES_PER_MARKER;
	size_t at = k->names + load_uint(k->view.bytes + k->markers + marker * k->marker_size, k->marker_size,
					 k->view.big);

	for (size_t n = i % ENTRIES_PER_MARKER; n > 0; n--) {
		if (!kallsyms_entry_length(&k->view, k->names_end, &at, &length))
			break;
		at += length;
	}
	return at;
}

/* Expands tokens until `enough` bytes are there; `into` has room for one token more than that. */
static size_t expand(const struct kallsyms *k, const uint8_t *entry, size_t length, char *into, size_t enough)
{
	const char *table = (const char *)k->view.bytes + k->token_table;
	size_t n = 0;

	for (size_t i = 0; i < length && n < enough; i++) {
		size_t size = k->token_size[entry[i]];

		memcpy(into + n, table + k->token[entry[i]], size);
		n += size;
	}
	return n;
}

size_t kallsyms_expand(const struct kallsyms *k, size_t *at, char *into, size_t room)
{
	char name[2 * NAME_ROOM];
	size_t length, n;

	into[0] = '\0';
	if (!kallsyms_entry_length(&k->view, k->names_end, at, &length))
		return 0;
	n = expand(k, k->view.bytes + *at, length, name, NAME_ROOM);
	n = n < room ? n : room - 1;
	memcpy(into, name, n);
	into[n] = '\0';
	*at += length;
	return n;
}

/*
 * What is looked for, in a hash by name, and a filter by the first three characters that spares all but some
 * hundred of the entries their expansion.
 */
struct lookup {
	const struct kallsyms *k;
	struct image_symbol *symbols;
	size_t n;
	uint32_t *heads; /* by hash: index + 1 of the first; 0: none */
	uint32_t *next;	 /* by index: index + 1 of the next with that hash */
	uint32_t mask;
	bool all; /* a name of one character was asked for, which the filter cannot tell */
	uint8_t filter[8192];
};

static uint32_t hash(const char *name, size_t n)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)name[i]) * 16777619u;
	return h;
}

static unsigned prefix(const char *name)
{
	return ((uint32_t)(uint8_t)name[0] | (uint32_t)(uint8_t)name[1] << 8 |
		(uint32_t)(uint8_t)name[2] << 16) *
		       2654435761u >>
	       16;
}

static void filter_add(struct lookup *l, const char *name)
{
	char three[3] = { 0 };

	if (!name[0] || !name[1]) {
		l->all = true;
		return;
	}
	memcpy(three, name, strnlen(name, sizeof(three)));
	l->filter[prefix(three) / 8] |= (uint8_t)(1u << prefix(three) % 8);
	if (three[2] == '\0') { /* "ab" also stands for "ab.…" */
		three[2] = '.';
		l->filter[prefix(three) / 8] |= (uint8_t)(1u << prefix(three) % 8);
	}
}

static void lookup_prepare(struct lookup *l)
{
	size_t room = 64;

	while (room < 2 * l->n)
		room *= 2;
	l->mask = (uint32_t)(room - 1);
	l->heads = xcalloc(room, sizeof(*l->heads));
	l->next = xcalloc(l->n, sizeof(*l->next));
	for (size_t i = 0; i < l->n; i++) {
		struct image_symbol *s = &l->symbols[i];
		uint32_t *head = &l->heads[hash(s->name, strlen(s->name)) & l->mask];

		s->n = 0;
		s->address = s->next = 0;
		s->type = '\0';
		l->next[i] = *head;
		*head = (uint32_t)i + 1;
		filter_add(l, s->name);
	}
}

static void credit(struct lookup *l, size_t symbol, size_t i, char type)
{
	struct image_symbol *s = &l->symbols[symbol];
	size_t above;

	if (s->n++ > 0)
		return;
	s->address = kallsyms_address(l->k, i);
	s->type = type;
	above = kallsyms_lower_bound(l->k, s->address + 1);
	s->next = above < l->k->count ? kallsyms_address(l->k, above) : 0;
}

/* Credits symbol `i` to all who asked for the first `n` characters of `name`. */
static void match(struct lookup *l, const char *name, size_t n, size_t i, char type)
{
	for (uint32_t at = l->heads[hash(name, n) & l->mask]; at; at = l->next[at - 1]) {
		const char *wanted = l->symbols[at - 1].name;

		if (strncmp(wanted, name, n) == 0 && wanted[n] == '\0')
			credit(l, at - 1, i, type);
	}
}

/* `name` as a whole, and without each of its suffixes (but for the part that was split off as unlikely). */
static void match_all(struct lookup *l, const char *name, size_t n, size_t i, char type)
{
	const char *split = name, *dot = name;
	unsigned suffixes = 0;

	match(l, name, n, i, type);
	for (const char *next = name; (next = strstr(next, COMPILER_SPLIT)); next++)
		split = next;
	while (suffixes++ < SUFFIXES_MAX && (dot = strchr(dot + 1, '.')))
		if (split == name || dot > split)
			match(l, name, (size_t)(dot - name), i, type);
}

/* Whether the beginning of an entry's name is one that was asked for. */
static bool filter_lets(const struct lookup *l, const uint8_t *entry, size_t length)
{
	char head[NAME_ROOM + 8];
	size_t n;

	if (l->all)
		return true;
	n = expand(l->k, entry, length, head, 4);
	while (n < 4)
		head[n++] = '\0';
	return l->filter[prefix(head + 1) / 8] >> (prefix(head + 1) % 8) & 1;
}

void kallsyms_lookup(const struct kallsyms *k, struct image_symbol *symbols, size_t n)
{
	struct lookup l = { .k = k, .symbols = symbols, .n = n };
	size_t at = k->names, length, size;
	char name[2 * NAME_ROOM];

	lookup_prepare(&l);
	for (size_t i = 0; i < k->count && kallsyms_entry_length(&k->view, k->names_end, &at, &length); i++) {
		const uint8_t *entry = k->view.bytes + at;

		at += length;
		if (!filter_lets(&l, entry, length))
			continue;
		size = expand(k, entry, length, name, NAME_ROOM - 1);
		name[size] = '\0';
		if (size > 1)
			match_all(&l, name + 1, size - 1, i, name[0]);
	}
	free(l.heads);
	free(l.next);
}
