/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_STRINGS_H
#define HVCOMPAT_KERNEL_STRINGS_H

#include "base/util.h"

/* Bytes that are searched; a text that straddles two extents is not found. */
struct extent {
	const uint8_t *bytes;
	size_t size;
};

/*
 * Which of `texts` occur in the extents, in one pass over them for all texts; ret_found[i] answers texts[i].
 * The empty text is always found.
 */
void strings_search(const struct extent *extents, size_t n_extents, const char *const *texts, size_t n,
		    bool *ret_found);

#endif
