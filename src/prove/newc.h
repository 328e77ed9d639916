/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_NEWC_H
#define HVCOMPAT_PROVE_NEWC_H

#include "base/util.h"

/* Writes a cpio archive (newc) as kernels unpack it: Documentation/driver-api/early-userspace/buffer-format.rst */

struct newc {
	struct buf *into; /* the caller's */
	unsigned inode;   /* the last one */
	struct strings directories; /* that newc_file() has made; private */
};

void newc_directory(struct newc *a, const char *path);
void newc_device(struct newc *a, const char *path, unsigned major, unsigned minor); /* a character device */
/* A file, and before it the directories above it that newc_file() has not made yet. A leading '/' is left out. */
void newc_file(struct newc *a, const char *path, bool executable, const void *bytes, size_t n);
/* Writes the end, and gives back what the writer holds. */
void newc_end(struct newc *a);

#endif
