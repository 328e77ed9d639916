/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_GATE_APT_FILES_H
#define HVCOMPAT_GATE_APT_FILES_H

#include "base/error.h"

/*
 * Hands over what an administrator wrote for apt below `root`: of `places` in etc/apt (NULL-terminated) a file as it is, of a
 * directory those files that apt reads (apt.conf(5)), with the end ".END" or none, in the order of names. `path` is relative to
 * the root, for messages. Returns 0, also where there is none, or a negative errno: one that is there and cannot be read, or
 * is larger than any configuration; some were handed over then.
 */
int apt_files_read(const char *root, const char *const *places, const char *end,
		   void (*take)(void *ctx, const char *path, const char *text), void *ctx, struct error *err);

#endif
