/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TESTS_IMAGE_MAKER_H
#define HVCOMPAT_TESTS_IMAGE_MAKER_H

#include "base/util.h"
#include "kernel/payload.h"

/* Makes kernel images whose every value is known, out of what the formats say; it shares no code with the
 * reader. */

void put_uint(struct buf *b, uint64_t value, unsigned size, bool big);
void set_uint(struct buf *b, size_t at, uint64_t value, unsigned size, bool big);
void put_zeros(struct buf *b, size_t n);
void put_align(struct buf *b, size_t to);

struct made_symbol {
	const char *name; /* owned where made by make_symbols() */
	char type;
	uint64_t address;
};

/* What a table shall look like. */
struct image_plan {
	unsigned bits;
	bool big;
	unsigned machine;
	int layout;	      /* 1 to 4 */
	char encoding;	      /* 'A' to 'D' */
	unsigned marker_size; /* 0: 4 */
	const uint8_t *extra; /* put page-aligned before the table; may be NULL */
	size_t extra_size;
	size_t behind; /* bytes of what lies behind the notes; 0: 100,000 */
	const struct made_symbol *symbols; /* in order of address */
	size_t n_symbols;
};

/* Where its parts came to lie in the file. */
struct image_places {
	size_t extra, rodata;
	size_t addresses, base, count, names, markers, tokens, index, seqs;
	size_t notes, notes_end, end;
};

/* Where the made kernels are linked to, and what lies at offset MADE_TEXT of the file. */
#define MADE_TEXT 0x1000
uint64_t made_base(unsigned bits);
/* Text that lies in the read-only data (with its NUL), and one that lies behind the notes. */
#define MADE_TEXT_INSIDE "a message in read-only data: %s, what now"
#define MADE_TEXT_BEHIND "a message that comes behind the notes"
#define MADE_BANNER "Linux version 6.66.6-made (nobody)"
#define MADE_NOTE_OWNER "Made"
#define MADE_NOTE_TYPE 7
#define MADE_NOTE "seven"

/* An ELF with one PT_LOAD, the table in it, a PT_NOTE, and data behind it that does not compress. */
void make_elf(const struct image_plan *plan, struct buf *out, struct image_places *places);

/*
 * `count` symbols (more than 1,024, so that there are markers enough): `special` ones, and fillers between
 * and behind them. A special address counts from made_base(); 0: the next. `absolute`: begin with per-CPU
 * offsets; `data`: a third of the fillers is data.
 */
struct made_symbol *make_symbols(unsigned bits, bool absolute, bool data, const struct made_symbol *special,
				 size_t n_special, size_t count);
void free_symbols(struct made_symbol *symbols, size_t count);

/* Packs as the kernel's build does, without the appended length. */
void pack(enum codec codec, const struct buf *in, struct buf *out);

/* Wraps a packed payload; the appended length is added unless it is gzip. */
void make_bzimage(enum codec codec, const struct buf *payload, size_t unpacked, const char *version,
		  struct buf *out, size_t *ret_payload);
void make_zboot(const struct buf *payload, struct buf *out);

#endif
