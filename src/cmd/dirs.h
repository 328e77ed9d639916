/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_DIRS_H
#define HVCOMPAT_CMD_DIRS_H

#include "cmd/options.h"

/*
 * Where knowledge and policies lie, lowest precedence first:
 *  1. $HVCOMPAT_DATADIR; else, for a binary in build…/ of a source tree, the policies/ beside that; else the
 *     share directory that was compiled in
 *  2. the system's configuration directory
 *  3. every --policy-dir, in the order given
 * Of 1 and 2 only what exists. Returns 0 and an owned, NULL-terminated array (texts_free()), or a negative
 * errno when a directory that the user named does not exist.
 */
int dirs_find(const struct options *o, char ***ret, struct error *err);

/*
 * A directory of ours that is no knowledge, `name` in $HVCOMPAT_DATADIR where that has it; else as 1 above, `in_tree` of a
 * source tree ("src/build/kconfig"), or `name` in the share directory ("kconfig"). Nothing adds to it. Owned by the caller. -ENOENT: it is not
 * installed.
 */
int share_find(const char *in_tree, const char *name, char **ret, struct error *err);

/*
 * The same for shims: compat-shims/ beside the policies/ of a source tree, or below the other directories of 1 and
 * 2; and every --shim-dir. There need not be any.
 */
int shim_dirs_find(const struct options *o, char ***ret, struct error *err);

/* The init that guests of an architecture are booted with. Owned. -ENOENT: it was not built, or is not installed. */
int init_find(const char *arch, char **ret, struct error *err);

#endif
