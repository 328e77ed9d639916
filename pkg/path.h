/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_PATH_H
#define HVCOMPAT_PKG_PATH_H

#include "base/util.h"
#include "pkg/limits.h"

/*
 * Writes a path as a package stores it ("./lib/x", "/lib/x") in the spelling of member.path ("lib/x") into
 * `ret`. The root itself becomes "". False: it is too long, has a ".." in it, or a NUL among its `n` bytes.
 */
bool path_clean(const char *path, size_t n, char ret[PKG_PATH_MAX + 1]);

/*
 * The order in which `tar --sort=name` and dpkg-deb put paths: directory by directory, so that "a/x" comes
 * before "a-b", which strcmp() sees the other way round.
 */
int path_order(const char *a, const char *b);

/*
 * Where a symbolic link leads, taken as text: `target` relative to the directory of `link`, or to the root
 * when it begins with a slash; ".." never climbs above the root. False: too long.
 */
bool path_join(const char *link, const char *target, char ret[PKG_PATH_MAX + 1]);

#endif
