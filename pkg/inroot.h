/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_INROOT_H
#define HVCOMPAT_PKG_INROOT_H

#include "base/error.h"
#include "base/util.h"

/*
 * Opens `path` below the directory `root` as if that were the root of the file system: symbolic links on the
 * way and at its end are followed, but absolute ones and ".." never lead out. `flags` are those of open(2),
 * without O_NOFOLLOW. Returns a descriptor or a negative errno; -EOPNOTSUPP for a device, a fifo or a socket, which
 * is not opened. What openat2(2) does with RESOLVE_IN_ROOT, on
 * any kernel.
 */
int inroot_open(int root, const char *path, int flags);

#endif
