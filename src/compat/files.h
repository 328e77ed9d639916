/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_COMPAT_FILES_H
#define HVCOMPAT_COMPAT_FILES_H

#include "base/error.h"
#include "base/util.h"

enum source_kind { SOURCE_INTERFACE, SOURCE_HYPERVISOR, SOURCE_USERSPACE, SOURCE_KINDS };

/* One file of the knowledge, after precedence and masks. */
struct source {
	enum source_kind kind;
	char *path;
	char *key;	/* path below the kind's directory; what a later directory replaces */
	char *name;	/* the file's own name without ".yaml": what it must declare */
	size_t dir;	/* index of the directory it came from; a higher one wins */
	uint8_t *bytes; /* read by source_read() */
	size_t size;
	bool masked; /* a link to /dev/null, or empty */
};

struct source_list {
	struct source *sources; /* by kind, then key */
	size_t count;
};
void source_list_done(struct source_list *list);

/*
 * Lists the files that are in force under `dirs` (NULL-terminated, lowest precedence first). What is missing
 * is passed over; a directory that cannot be read is an error, as are more files than any honest installation
 * has (-E2BIG).
 */
int source_list_fill(const char *const *dirs, struct source_list *ret, struct error *err);

/* Reads one file. Refuses what is neither a regular file nor /dev/null (-EINVAL), and more than 1 MiB
 * (-E2BIG). */
int source_read(struct source *s, struct error *err);

#endif
