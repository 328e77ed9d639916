/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_SHARE_H
#define HVCOMPAT_CMD_SHARE_H

#include "base/error.h"

/*
 * A directory of ours that is no knowledge: `tree` of the source tree when the binary runs from there ("spec"), else
 * `name` in the share directory. Owned by the caller. -ENOENT: it is not installed.
 */
int share_find(const char *tree, const char *name, char **ret, struct error *err);

#endif
