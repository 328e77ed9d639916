/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_DRIVER_H
#define HVCOMPAT_KERNEL_DRIVER_H

#include "kernel/facts.h"
#include "kernel/kernel_locate.h"

struct reading;
struct part;

/* The module file of a driver. */
struct driver_file {
	const struct part *part; /* NULL: no package has one */
	const struct module_ref *module;
};

/* Where a driver is, as config and module lists say. Strings are owned. */
struct driver_state {
	enum fact_state state; /* FACT_UNREAD: only the image could tell, and it was not read */
	enum placement placement;
	const char *symbol; /* the config symbol that governs it; NULL: none occurs in the config. Borrowed */
	const char *value;  /* its value, borrowed; NULL with `symbol` */
	bool listed_builtin; /* told by modules.builtin, not by the config */
	char *why;
};
void driver_state_done(struct driver_state *s);

/* Looks for its module file, under all its names; one in a package that is pulled in comes first. */
struct driver_file driver_find_file(const struct reading *r, const struct driver *d);

/* Decides it from all that was read. A contradiction is recorded in the facts. */
void driver_resolve(struct reading *r, size_t driver);

#endif
