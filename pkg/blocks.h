/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_BLOCKS_H
#define HVCOMPAT_PKG_BLOCKS_H

#include "pkg/locate.h"

/*
 * Reads wants from a tar archive in an .xz of several blocks, decoding only the blocks that should hold them,
 * side by side. Wants that were not where they should be are left open for a straight pass.
 */
void blocks_read(struct package *p, struct locator *l, struct wants *w);

#endif
