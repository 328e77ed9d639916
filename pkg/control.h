/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_CONTROL_H
#define HVCOMPAT_PKG_CONTROL_H

#include "pkg/ar.h"
#include "pkg/format.h"

/*
 * Reads a control archive: the fields of `control` into p->info and `md5sums` into the members, each with its
 * MD5. *ret_list: whether there was an md5sums at all.
 */
int control_read(struct package *p, const struct deb_part *part, bool *ret_list, struct error *err);

#endif
