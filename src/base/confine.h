/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BASE_CONFINE_H
#define HVCOMPAT_BASE_CONFINE_H

#include "base/error.h"
#include "base/util.h"

/*
 * Takes from a process, for good, all rights but those that reading files takes: what parses foreign bytes runs in
 * such a one. SECURITY.md says what each layer stops.
 */

/* Layers, as bits. Which of them this machine has differs; the others hold all the same. */
enum confine_layer {
	CONFINE_PRIVILEGES = 1, /* no_new_privs: exec gives nothing */
	CONFINE_LIMITS = 2,     /* no file grows, no core, so much address space and processor time */
	CONFINE_SECCOMP = 4,    /* system calls that read, and no others */
	CONFINE_LANDLOCK = 8,   /* files below what was named, and no others */
	CONFINE_ALL = 15,
};

/* The layers that this machine has. */
unsigned confine_layers(void);

/* "no_new_privs, resource limits, seccomp, landlock", of the bits set. Owned. */
char *confine_text(unsigned layers);

/*
 * Confines the calling process, which has one thread. It may read what lies at or below `paths` (NULL-terminated) and
 * in the system's directories of libraries. Returns the layers that hold; one that the machine has, and that cannot
 * be put up, is a negative errno.
 */
int confine(const char *const *paths, struct error *err);

#endif
