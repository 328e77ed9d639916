/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_AHEAD_H
#define HVCOMPAT_PKG_AHEAD_H

#include "pkg/want.h"

/*
 * The beginning of a payload, decoded on a thread of its own while the package's list is still being read: a kernel's
 * config and image come first in it. What comes out is as good as a source that is opened later, only earlier.
 */
struct ahead;

/*
 * Begins. `maker` must outlive it, and nobody else may use what it opens before ahead_opened() returned. NULL where it
 * cannot be done, or enough others are under way: then there is nothing to wait for.
 */
struct ahead *ahead_start(struct source_maker maker);

/* Waits until the payload has been opened, or could not be. */
void ahead_opened(struct ahead *a);

/*
 * The payload from its first byte: once; after that, or where it could not be opened, NULL. It is the caller's, goes
 * with source_free(), and must not outlive `a`.
 */
struct source *ahead_take(struct ahead *a);

struct ahead *ahead_free(struct ahead *a);

#endif
