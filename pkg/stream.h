/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_STREAM_H
#define HVCOMPAT_PKG_STREAM_H

#include "pkg/region.h"
#include "pkg/want.h"

/* Hands the bytes of a plain file to the sink of a want and settles it. */
void stream_deliver(const struct region *file, struct wants *w, struct want *want);

#endif
