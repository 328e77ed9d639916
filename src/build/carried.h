/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BUILD_CARRIED_H
#define HVCOMPAT_BUILD_CARRIED_H

#include "base/error.h"
#include "base/util.h"

/* What a finished package says of itself that matters to solvers. */
struct carried {
	char *name, *version; /* [EPOCH:]VERSION-RELEASE; owned; NULL for what is no package */
	char *arch;           /* the distro's word */
	bool deb, rpm;        /* one of them, for a package */
	bool image;           /* holds a kernel image */
	bool kernel;          /* holds any part of a kernel */
	struct strings provides; /* ours alone: "hypervisor(vmi) = 3.0", "hypervisor-vmi (= 3.0)", "userspace…" */
	struct strings requires; /* names only */
};

/* Reads a package, or tells (name NULL) that `path` is none. */
int carried_read(const char *path, struct carried *ret, struct error *err);
void carried_done(struct carried *c);

#endif
