/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_INDEX_FILE_H
#define HVCOMPAT_PKG_INDEX_FILE_H

#include "base/wire.h"
#include "pkg/index_private.h"
#include "pkg/limits.h"

/*
 * The file in memory by which the process that reads an index (index_box.c) hands over what it has read: the packages, the
 * strings that they point into, the text. It is sparse: only what was written takes memory.
 */

/* An index unpacked, where addresses are short. */
#define INDEX_UNPACKED_MAX (sizeof(void *) < 8 ? PKG_INDEX_MAX / 4 : PKG_INDEX_MAX)

/* Of the strings, and of the text. What is kept of an index takes twice as much at the most: a source that is not told is the
 * name and version again. */
#define INDEX_ROOM (2 * INDEX_UNPACKED_MAX + (1 << 20))

enum index_string { INDEX_NAME, INDEX_VERSION, INDEX_ARCH, INDEX_SOURCE, INDEX_SOURCE_VERSION, INDEX_LOCATION, INDEX_STRINGS };
struct index_entry {
	uint64_t strings[INDEX_STRINGS]; /* where they begin */
	uint64_t size;
	char sha256[65];
	uint8_t held;
};
#define INDEX_STRINGS_AT ((uint64_t)PKG_INDEX_PACKAGES_MAX * sizeof(struct index_entry))
#define INDEX_TEXT_AT	 (INDEX_STRINGS_AT + INDEX_ROOM)
#define INDEX_FILE_SIZE	 (INDEX_TEXT_AT + INDEX_ROOM)

/* What the process says, besides what it leaves in the file. */
struct index_said {
	char sha256[65]; /* of what was unpacked */
	unsigned family;
	uint64_t n_packages, n_strings, n_text; /* the last two in bytes */
};
void index_file_wire(struct wire *w, struct index_said *s);

/* In the process: puts the packages of an index, whose strings and text lie in the file already, into its first part. */
void index_file_put(struct index_entry *into, const struct index *x, struct index_said *ret);

/*
 * In the process that asks, after the end of the other and with the file sealed: takes what it left into an empty index, which
 * borrows from the file's mapping (index_map_free()). Each number is held against the bounds, each string must lie in the file, end
 * there and have no control characters, each digest must be one (`status`: there must be none). False: it is nonsense.
 * Locations
 * are texts still: they are held against the repository when one is opened (index_file()).
 */
bool index_file_take(struct index *x, int file, const struct index_said *said, bool status);

#endif
