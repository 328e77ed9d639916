/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the tokens, the markers and the names; kallsyms_address.c goes on from there. */
#include "kernel/kallsyms.h"

#include <errno.h>

/* Every kernel has six places that look like the digits' tokens; a hostile image may have any number. */
#define TOKENS_TRIED_MAX 256
/* A token's text; a name is at most 512 long. */
#define TOKEN_MAX 512
/* The markers are at most the order by name away from the tokens: 3 bytes a symbol. */
#define MARKERS_AWAY_MAX (3 * (size_t)KALLSYMS_COUNT_MAX + (1u << 20))
#define ENTRIES_PER_MARKER 256
/* 256 entries of at least two bytes, and of at most what a u16 counts. */
#define MARKER_STEP_MIN 512
#define MARKER_STEP_MAX 65536
/* Fewer would make a random run of numbers look like markers; the smallest kernels have some 40. */
#define MARKERS_MIN 4
/* The run of growing numbers may go on by accident behind the markers. */
#define MARKERS_TOO_MANY 2
/* All searching together, in bytes looked at: some 100 times what a real image takes. */
#define WORK_MAX (256u << 20)

struct finder {
	struct kallsyms k;
	size_t work;
};

static bool worked(struct finder *f, size_t n)
{
	f->work += n;
	return f->work <= WORK_MAX;
}

static size_t aligned(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

/* Length of the NUL-terminated token at `at`; false when it does not end. */
static bool token_length(const struct view *v, size_t at, size_t *ret)
{
	size_t room = at < v->size ? v->size - at : 0;
	const uint8_t *end = room ? memchr(v->bytes + at, 0, room < TOKEN_MAX ? room : TOKEN_MAX) : NULL;

	if (end)
		*ret = (size_t)(end - (v->bytes + at));
	return end;
}

/* Whether tokens `from` to 255 stand one behind the other from `at` on, where the index at `index` says they
 * do. */
static bool index_fits(struct finder *f, size_t index, unsigned from, size_t at)
{
	struct kallsyms *k = &f->k;
	uint64_t offset;
	size_t length;

	for (unsigned t = from; t < 256; t++) {
		if (!view_uint(&k->view, index + 2 * t, 2, &offset) || at != k->token_table + offset ||
		    !token_length(&k->view, at, &length) || !worked(f, length + 1))
			return false;
		k->token[t] = (uint16_t)offset;
		k->token_size[t] = (uint16_t)length;
		at += length + 1;
	}
	return true;
}

/* Whether `zero`, the place of the token "0", belongs to a token table with its index behind it. */
static bool tokens_at(struct finder *f, size_t zero)
{
	struct kallsyms *k = &f->k;
	size_t end = zero, length;
	uint64_t first, offset;

	for (unsigned t = '0'; t < 256; t++) {
		if (!token_length(&k->view, end, &length))
			return false;
		end += length + 1;
	}
	if (!worked(f, end - zero))
		return false;
	for (unsigned align = 4; align <= 8; align += 4) {
		size_t index = aligned(end, align);

		if (!view_uint(&k->view, index, 2, &first) ||
		    !view_uint(&k->view, index + 2 * '0', 2, &offset) || first != 0 || offset > zero)
			continue;
		k->token_table = zero - offset;
		k->token_index = index;
		if (index_fits(f, index, 0, k->token_table))
			return view_at(&k->view, index, 512);
	}
	return false;
}

static uint64_t number(const struct kallsyms *k, size_t at, unsigned size)
{
	return load_uint(k->view.bytes + at, size, k->view.big);
}

/* Walks the first entries: decisive, and cheap when it is wrong. */
static bool first_markers_fit(struct finder *f, size_t names, size_t markers, unsigned size)
{
	struct kallsyms *k = &f->k;
	size_t at = names, length;

	for (unsigned i = 1; i < MARKERS_MIN; i++) {
		for (unsigned n = 0; n < ENTRIES_PER_MARKER; n++) {
			if (!kallsyms_entry_length(&k->view, markers, &at, &length))
				return false;
			at += length;
		}
		if (!worked(f, MARKER_STEP_MIN) || at != names + number(k, markers + i * size, size))
			return false;
	}
	return true;
}

/* Walks all entries; each 256th must be where its marker says, and the last must end at the markers. */
static bool all_markers_fit(struct finder *f, size_t names, size_t count, size_t markers, unsigned size)
{
	struct kallsyms *k = &f->k;
	size_t at = names, length, n_data = 0;

	for (size_t i = 0; i < count; i++) {
		if (i % ENTRIES_PER_MARKER == 0 &&
		    at != names + number(k, markers + i / ENTRIES_PER_MARKER * size, size))
			return false;
		if (!kallsyms_entry_length(&k->view, markers, &at, &length))
			return false;
		if (memchr("dDbBrR", k->view.bytes[k->token_table + k->token[k->view.bytes[at]]], 6))
			n_data++;
		at += length;
	}
	if (!worked(f, at - names) || markers - at >= 8)
		return false;
	k->names_end = at;
	/* Without CONFIG_KALLSYMS_ALL there is at most one such letter; with it they are a quarter. */
	k->lists_data = n_data > 1 + count / 256;
	return true;
}

/* Whether the names begin at `names`: the number of symbols before them must agree with that of the markers.
 */
static bool names_at(struct finder *f, size_t names, size_t markers, unsigned size, size_t n_markers)
{
	struct kallsyms *k = &f->k;

	for (unsigned back = 4; back <= 8 && back <= names; back += 4) {
		uint64_t count = number(k, names - back, 4);

		if (count > KALLSYMS_COUNT_MAX || (count + 255) / 256 != n_markers ||
		    (back == 8 && number(k, names - 4, 4) != 0))
			continue;
		if (!first_markers_fit(f, names, markers, size) ||
		    !all_markers_fit(f, names, count, markers, size))
			continue;
		k->count = count;
		k->count_at = names - back;
		k->names = names;
		k->markers = markers;
		k->marker_size = size;
		return true;
	}
	return false;
}

/* Looks for names that end right before `markers`, `n` numbers that grow. */
static bool names_before(struct finder *f, size_t markers, unsigned size, size_t n)
{
	for (size_t m = n; m >= MARKERS_MIN && m + MARKERS_TOO_MANY >= n; m--) {
		uint64_t last = number(&f->k, markers + (m - 1) * size, size);
		size_t from = last < markers ? (markers - last) & ~(size_t)3 : 0;

		for (size_t away = 0; away <= MARKER_STEP_MAX && from >= 8 + away; away += 4)
			if (!worked(f, 4) || names_at(f, from - away, markers, size, m))
				return f->work <= WORK_MAX;
	}
	return false;
}

/* Goes back from the tokens, counting how far the numbers grow as markers do, to a zero. */
static bool markers_of_size(struct finder *f, unsigned size)
{
	size_t at = f->k.token_table & ~(size_t)(size - 1), grows = 0;
	size_t stop = at > MARKERS_AWAY_MAX ? at - MARKERS_AWAY_MAX : 0;
	uint64_t above = UINT64_MAX;

	while (at >= stop + size) {
		uint64_t value;

		at -= size;
		value = number(&f->k, at, size);
		grows = above - value >= MARKER_STEP_MIN && above - value <= MARKER_STEP_MAX ? grows + 1 : 0;
		above = value;
		if (value == 0 && grows + 1 >= MARKERS_MIN && names_before(f, at, size, grows + 1))
			return true;
	}
	return false;
}

int kallsyms_find(const struct elfimage *elf, struct kallsyms *ret, struct error *err)
{
	static const char digits[] = "0\0"
				     "1\0"
				     "2\0"
				     "3\0"
				     "4\0"
				     "5\0"
				     "6\0"
				     "7\0"
				     "8\0"
				     "9";
	struct finder f = { .k = { .view = elf->view, .word = elf->bits / 8 } };
	const uint8_t *at = elf->view.bytes, *end = at + elf->view.size;
	bool tokens = false;

	for (unsigned tried = 0; tried < TOKENS_TRIED_MAX; tried++, at++) {
		at = memmem(at, (size_t)(end - at), digits, sizeof(digits));
		if (!at)
			break;
		if (!tokens_at(&f, (size_t)(at - elf->view.bytes)))
			continue;
		tokens = true;
		if (!markers_of_size(&f, 4) && !(f.k.word == 8 && markers_of_size(&f, 8)))
			continue;
		if (!kallsyms_find_addresses(elf, &f.k))
			return error_set(err, EBADMSG,
					 "kallsyms: %zu names at 0x%zx, but no addresses that belong to them",
					 f.k.count, f.k.names);
		*ret = f.k;
		return 0;
	}
	if (tokens)
		return error_set(err, EBADMSG,
				 "kallsyms: a token table at 0x%zx, but no names that belong to it",
				 f.k.token_table);
	return error_set(err, ENODATA, "no kallsyms in the image: CONFIG_KALLSYMS=n, or a layout not known");
}
