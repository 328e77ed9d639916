/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_RPMHEADER_H
#define HVCOMPAT_PKG_RPMHEADER_H

#include "pkg/librpm.h"
#include "pkg/region.h"
#include "pkg/source.h"

/*
 * The parts of an rpm file, version 3 and 4 (rpm's docs/manual/format.md): lead, signature, header, payload.
 * The headers are decoded by librpm, from memory: neither its configuration nor its database nor its key ring
 * is touched, so it needs no HOME and no macros. Signatures are not judged here.
 */
struct rpm_parts {
	Header header;	       /* to be freed by headerFree() */
	struct region payload; /* compressed */
	uint64_t unpacked;     /* its decoded size, or SOURCE_SIZE_UNKNOWN */
};
int rpm_parts_read(const struct region *file, struct rpm_parts *ret, struct error *err);

#endif
