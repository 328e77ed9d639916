/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_TABLE_H
#define HVCOMPAT_KERNEL_TABLE_H

#include "kernel/facts.h"

/* More elements than this is no table of versions, but a layout that does not fit. */
#define TABLE_MAX 256

/* What is known of the bytes that a table lies in. */
struct table_bytes {
	const uint8_t *data; /* NULL: `size` zeros (.bss) */
	size_t size;
	bool open; /* `size` is only how much can be read (kernel image); else it is the symbol's own size */
	bool big_endian;
};

/*
 * Decodes by the rules of facts.h. Where the symbol's size is known, what follows the end that `ends` finds
 * must be zero: a longer table in another order is not cut, it does not have this layout. Returns 0 with an
 * owned array (may be empty); -EINVAL when the bytes do not have this layout, and `err` says in what.
 */
int table_decode(const struct table_layout *layout, const struct table_bytes *bytes, version_t **ret,
		 size_t *ret_n, struct error *err);

/* Number of parts that versions of this format have. */
unsigned table_parts(enum table_format format);

/* The whole list, separated by blanks; malloc'ed. */
char *table_text(const version_t *versions, size_t n, unsigned parts);

/* The number at `at` in elements of that width. Bytes must be there. */
uint64_t table_number(const uint8_t *at, enum table_element element, bool big_endian);

#endif
