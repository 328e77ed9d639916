/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_AR_H
#define HVCOMPAT_PKG_AR_H

#include "pkg/source.h"

/* One of the two archives in a .deb. */
struct deb_part {
	char name[24]; /* "data.tar.xz" */
	struct region region;
	enum compression compression;
};

/*
 * Finds control.tar.* and data.tar.* in the ar that a .deb is (deb(5), ar(5)), and checks debian-binary.
 * `control` and `data` must stay where they are: their regions refer to their names.
 */
int ar_read_deb(const struct region *file, struct deb_part *control, struct deb_part *data,
		struct error *err);

#endif
