/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the layouts and encodings a kallsyms table has: each is tried, and must fit in full. */
#include "kernel/kallsyms.h"

#include <elf.h>

#define SEQ_SIZE 3 /* an entry of the order by name: always most significant byte first */
/* Of so many entries one is held against the segments; that they ascend is checked of all. */
#define SAMPLE 16
/* How far behind the start of the image _stext may be. */
#define TEXT_START_MAX (2u << 20)
#define TEXT_START_TRIED 8192

static size_t aligned(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

/* Whether `count` three-byte numbers at `at` are each of 0 … count-1 once. */
static bool is_permutation(const struct kallsyms *k, size_t at)
{
	const uint8_t *p = view_at(&k->view, at, k->count * SEQ_SIZE);
	_cleanup_(freep) uint8_t *seen = NULL;

	if (!p)
		return false;
	seen = xcalloc(k->count / 8 + 1, 1);
	for (size_t i = 0; i < k->count; i++, p += SEQ_SIZE) {
		size_t n = (size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2];

		if (n >= k->count || seen[n / 8] >> (n % 8) & 1)
			return false;
		seen[n / 8] |= (uint8_t)(1u << n % 8);
	}
	return true;
}

/*
 * Addresses never descend, and most are in loaded memory; not so in the encoding with per-CPU symbols, which
 * has some hundred offsets at its start.
 */
static bool addresses_fit(const struct elfimage *elf, const struct kallsyms *k)
{
	uint64_t above = 0;
	size_t inside = 0, asked = 0;

	if (!view_at(&k->view, k->addresses, k->count * (k->encoding == KALLSYMS_ABSOLUTE ? k->word : 4)))
		return false;
	for (size_t i = 0; i < k->count; i++) {
		uint64_t address = kallsyms_address(k, i);

		if (address < above)
			return false;
		above = address;
		if (i % SAMPLE == 0) {
			asked++;
			inside += elfimage_holds(elf, address);
		}
	}
	return inside >= asked - asked / 4;
}

static bool encoding_fits(const struct elfimage *elf, struct kallsyms *k, enum kallsyms_encoding encoding,
			  size_t addresses)
{
	k->encoding = encoding;
	k->addresses = addresses;
	if (encoding == KALLSYMS_PLACE && !elfimage_address(elf, addresses, &k->table_address))
		return false;
	return addresses_fit(elf, k);
}

#define R_AARCH64_RELATIVE_INFO 0x403u
#define IMAGE_ALIGN 0x10000u /* what an arm64 Image is linked to, at least */
#define TEXT_ALIGN 0x1000u

static bool is_kernel_address(uint64_t address)
{
	return address >> 48 == 0xffff;
}

/* The relocation at `at` (r_offset, r_info, r_addend), if it is one that adds the load address. */
static bool relocation_at(const struct view *v, size_t at, uint64_t *ret_place, uint64_t *ret_value)
{
	if (load_uint(v->bytes + at + 8, 8, v->big) != R_AARCH64_RELATIVE_INFO)
		return false;
	*ret_place = load_uint(v->bytes + at, 8, v->big);
	*ret_value = load_uint(v->bytes + at + 16, 8, v->big);
	return is_kernel_address(*ret_place);
}

/*
 * A position-independent image keeps its pointers in RELA relocations and zero in place. The one of the
 * relative base is at (start of the image + its offset), and nothing else tells where the image starts: so
 * look for the only start that is aligned, has all places that are relocated behind it, and the value of this
 * one inside.
 */
static void base_by_relocation(struct kallsyms *k)
{
	const struct view *v = &k->view;
	uint64_t lowest = UINT64_MAX, highest = 0, place, value;

	for (size_t at = 0; at + 24 <= v->size; at += 8)
		if (relocation_at(v, at, &place, &value)) {
			lowest = place < lowest ? place : lowest;
			highest = place > highest ? place : highest;
		}
	for (size_t at = 0; at + 24 <= v->size; at += 8) {
		uint64_t start;

		if (!relocation_at(v, at, &place, &value))
			continue;
		start = place - k->base_at;
		if (start % IMAGE_ALIGN || value % TEXT_ALIGN || start > lowest ||
		    highest - start >= v->size || value < start || value - start >= v->size)
			continue;
		if (k->base_known && k->base != start) { /* two that fit: none is sure */
			k->base_known = false;
			k->relative_base = 0;
			return;
		}
		k->base_known = true;
		k->base = start;
		k->relative_base = value;
	}
}

static bool base_plausible(const struct elfimage *elf, struct kallsyms *k, size_t at)
{
	const uint8_t *p = view_at(&k->view, at, k->word);

	if (!p)
		return false;
	k->base_at = at;
	k->relative_base = load_uint(p, k->word, k->view.big);
	if (!elf->flat)
		return elfimage_holds(elf, k->relative_base);
	if (k->relative_base == 0)
		base_by_relocation(k);
	return k->relative_base == 0 || is_kernel_address(k->relative_base);
}

/* Entries of 32 bit and a base. Which of two encodings: where one fits, the other descends at once. */
static bool with_base(const struct elfimage *elf, struct kallsyms *k, size_t addresses, size_t base_at)
{
	struct elfimage loaded = *elf;

	if (!base_plausible(elf, k, base_at))
		return false;
	if (elf->flat)
		loaded.base = k->relative_base;
	if (encoding_fits(&loaded, k, KALLSYMS_PERCPU, addresses) ||
	    encoding_fits(&loaded, k, KALLSYMS_RELATIVE, addresses))
		return true;
	k->base_at = 0;
	return false;
}

/* An arm64 Image with plain addresses: they all lie close together, high up. */
static bool absolute(const struct elfimage *elf, struct kallsyms *k, size_t addresses)
{
	struct elfimage loaded = *elf;
	uint64_t first;

	if (elf->flat) {
		if (!view_uint(&k->view, addresses, k->word, &first) || !is_kernel_address(first))
			return false;
		loaded.base = first;
	}
	return encoding_fits(&loaded, k, KALLSYMS_ABSOLUTE, addresses);
}

/* Layouts 1 and 2: the addresses stand before the number of symbols. */
static bool addresses_before(const struct elfimage *elf, struct kallsyms *k)
{
	size_t end = k->count_at & ~(size_t)(k->word - 1), base_at = end - k->word;

	if (end >= k->word + 4 * k->count &&
	    with_base(elf, k, (base_at - 4 * k->count) & ~(size_t)(k->word - 1), base_at))
		return true;
	return end >= k->word * k->count && absolute(elf, k, end - k->word * k->count);
}

/* Layouts 3 and 4: they stand behind the tokens, and behind them the order by name. */
static bool addresses_behind(const struct elfimage *elf, struct kallsyms *k)
{
	size_t from = aligned(k->token_index + 512, k->word), close = aligned(k->token_index + 512, 4);
	size_t base_at = aligned(from + 4 * k->count, k->word);

	k->layout = KALLSYMS_L3;
	k->seqs = base_at + k->word;
	if (is_permutation(k, k->seqs) && with_base(elf, k, from, base_at))
		return true;
	k->layout = KALLSYMS_L4;
	k->seqs = close + 4 * k->count;
	if (is_permutation(k, k->seqs) &&
	    (encoding_fits(elf, k, KALLSYMS_PLACE, close) || (k->word == 4 && absolute(elf, k, close))))
		return true;
	k->layout = KALLSYMS_L3;
	k->seqs = from + k->word * k->count;
	return is_permutation(k, k->seqs) && absolute(elf, k, from);
}

/* The symbol that marks the start of the text, among those from `address` on. */
static bool text_starts_at(const struct kallsyms *k, uint64_t address, bool *ret_whole)
{
	size_t i = kallsyms_lower_bound(k, address), at = i < k->count ? kallsyms_entry(k, i) : 0;
	char name[16];

	for (size_t tried = 0; i < k->count && tried < TEXT_START_TRIED; i++, tried++) {
		uint64_t here = kallsyms_address(k, i);

		if (here - address > TEXT_START_MAX)
			break;
		kallsyms_expand(k, &at, name, sizeof(name));
		*ret_whole = streq(name + 1, "_text") && here == address;
		if (*ret_whole || streq(name + 1, "_stext"))
			return true;
	}
	return false;
}

/* A last proof: the kernel's own start is where the image is loaded. For an arm64 Image, this is what tells
 * where. */
static bool start_fits(const struct elfimage *elf, struct kallsyms *k)
{
	uint64_t start = k->encoding == KALLSYMS_ABSOLUTE ? kallsyms_address(k, 0) : k->relative_base;
	bool whole = false;

	if (!elf->flat) {
		for (size_t i = 0; i < elf->n_segments; i++)
			if (elf->segments[i].type == PT_LOAD)
				return text_starts_at(k, elf->segments[i].address, &whole);
		return false;
	}
	if (k->base_known)
		return true;
	if (k->encoding == KALLSYMS_PLACE)
		start = 0;
	k->base_known = text_starts_at(k, start, &whole) && whole;
	k->base = k->base_known ? start : 0;
	return true;
}

static bool layout_fits(const struct elfimage *elf, struct kallsyms *k)
{
	size_t markers_end = k->markers + (k->count + 255) / 256 * k->marker_size;
	size_t gap = k->token_table - markers_end, seqs = k->count * SEQ_SIZE;

	if (k->token_table < markers_end)
		return false;
	k->seqs = 0;
	if (gap >= seqs && gap < seqs + 16) { /* with up to 7 bytes of padding before it and behind it */
		k->layout = KALLSYMS_L2;
		k->seqs = markers_end;
		while (k->seqs + seqs <= k->token_table && !is_permutation(k, k->seqs))
			k->seqs++;
		return k->seqs + seqs <= k->token_table && addresses_before(elf, k);
	}
	if (gap >= 8)
		return false;
	if (addresses_behind(elf, k))
		return true;
	k->layout = KALLSYMS_L1;
	k->seqs = 0;
	return addresses_before(elf, k);
}

bool kallsyms_find_addresses(const struct elfimage *elf, struct kallsyms *k)
{
	if (!layout_fits(elf, k) || !start_fits(elf, k))
		return false;
	if (k->layout <= KALLSYMS_L2) {
		k->begin = k->addresses;
		k->end = k->token_index + 512;
	} else {
		k->begin = k->count_at;
		k->end = k->seqs + k->count * SEQ_SIZE;
	}
	return true;
}
