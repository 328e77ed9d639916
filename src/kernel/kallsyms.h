/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_KALLSYMS_H
#define HVCOMPAT_KERNEL_KALLSYMS_H

#include "kernel/elfimage.h"
#include "kernel/image.h"

/*
 * The symbol table that a kernel carries for itself (linux, scripts/kallsyms.c), found by its content:
 * neither its place nor its layout is told by anything in the image.
 */

/* In which order its parts stand. */
enum kallsyms_layout {
	KALLSYMS_L1 = 1, /* up to 6.1: addresses, base, count, names, markers, token table, token index */
	KALLSYMS_L2,	 /* 6.2, 6.3, late 6.1.y: the same, with the order by name behind the markers */
	KALLSYMS_L3, /* 6.4 to 6.19: count, names, markers, tokens, index, addresses, base, order by name */
	KALLSYMS_L4, /* from 7.0: the same without base */
};

/* How it stores an address. */
enum kallsyms_encoding {
	KALLSYMS_ABSOLUTE = 'A',
	KALLSYMS_RELATIVE = 'B', /* base + u32 */
	KALLSYMS_PERCPU = 'C',	 /* s32: itself if not negative, else base - 1 - value */
	KALLSYMS_PLACE = 'D',	 /* s32: distance from the entry itself */
};

/* More symbols than this are refused; 7.2 with everything in it has some 250,000. */
#define KALLSYMS_COUNT_MAX (1u << 22)

struct kallsyms {
	struct view view; /* of the image; borrowed */
	unsigned word;	  /* bytes of an address: 4 or 8 */
	enum kallsyms_layout layout;
	enum kallsyms_encoding encoding;
	size_t count;
	/* Offsets in the image */
	size_t count_at;
	size_t names, names_end;
	size_t markers;
	unsigned marker_size; /* 4, or 8 before 4.20 */
	size_t token_table, token_index;
	size_t addresses;
	size_t base_at;	   /* of the relative base; 0: none */
	size_t seqs;	   /* order by name; 0: none */
	size_t begin, end; /* of all of it */
	uint64_t relative_base;
	uint64_t table_address; /* virtual address of `addresses`: encoding D */
	bool lists_data;
	/* Virtual address of an arm64 Image's first byte, where the table tells. With encoding D it never
	 * does: all addresses then count from that byte. */
	bool base_known;
	uint64_t base;
	uint16_t token[256]; /* offset in token_table */
	uint16_t token_size[256];
};

/*
 * Finds the table and checks all of it. Returns 0; -ENODATA: there is nothing like it; -EBADMSG: there is a
 * beginning of it (its tokens), but what belongs to it is not there or contradicts itself.
 */
int kallsyms_find(const struct elfimage *elf, struct kallsyms *ret, struct error *err);

uint64_t kallsyms_address(const struct kallsyms *k, size_t i);

/* The first symbol whose address is at least `address`; k->count when there is none. */
size_t kallsyms_lower_bound(const struct kallsyms *k, uint64_t address);

/* Answers all of `symbols` in one pass; see image_symbols(). */
void kallsyms_lookup(const struct kallsyms *k, struct image_symbol *symbols, size_t n);

/*
 * Type letter and name of the symbol whose entry is at *at, expanded into `into` (cut to `room`,
 * NUL-terminated); *at moves on to the next entry. Returns the length that was written.
 */
size_t kallsyms_expand(const struct kallsyms *k, size_t *at, char *into, size_t room);

/* Where the entry of symbol `i` is. */
size_t kallsyms_entry(const struct kallsyms *k, size_t i);

/* Takes the length off an entry at *at; false when there is no room for the entry before `end`. */
bool kallsyms_entry_length(const struct view *v, size_t end, size_t *at, size_t *ret_length);

/* For kallsyms_find(): tells layout, encoding and addresses once tokens, names and markers are known. */
bool kallsyms_find_addresses(const struct elfimage *elf, struct kallsyms *k);

#endif
