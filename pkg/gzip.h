/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_GZIP_H
#define HVCOMPAT_PKG_GZIP_H

#include "pkg/source.h"

/*
 * gzip by zlib, which checks the sum and the size at the end of each member (RFC 1952); libarchive's filter passes over
 * them. A file of several members is what all of them unpack to, one after the other. The region must outlive the source.
 */
int gzip_open(const struct region *r, struct source **ret, struct error *err);

#endif
