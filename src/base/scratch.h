/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BASE_SCRATCH_H
#define HVCOMPAT_BASE_SCRATCH_H

#include "base/error.h"

/*
 * Private directories (mode 700) in $TMPDIR, or in /tmp where that names none. A process that ends before it removes one,
 * for want of memory, leaves none behind; one that is killed does.
 */

/* hvcompat-WHAT.XXXXXX. Owned. */
int scratch_make(const char *what, char **ret, struct error *err);

/* Removes it with all that is in it, and frees `dir`, which may be NULL. Complains to nobody: it is temporary. */
void scratch_remove(char *dir);

#endif
