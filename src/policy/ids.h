/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_POLICY_IDS_H
#define HVCOMPAT_POLICY_IDS_H

#include "compat/knowledge.h"

/*
 * Ids of findings, and of the other reasons that reports give: made here, and read again here for waivers and `explain`.
 * Whatever any report shows as an id is a row (id_of_row()), HOST-ARCH, or of one of the kinds below.
 */

enum id_kind {
	ID_CONTRADICTION, /* of an interface, the kernel, or a row */
	ID_UNPROVEN,      /* of a row */
	ID_WAIVER,        /* of what it waives */
	ID_DRIVER,        /* of a driver, by its name */
	ID_FAILED,        /* these have nothing behind them */
	ID_HELD,
	ID_KEPT_BACK,
	ID_NO_UPDATE,
	ID_DECISION,
	ID_KINDS,
};

/* "unproven-" and what it is about; `rest` is NULL for those that have nothing behind them. Owned. */
char *id_make(enum id_kind kind, const char *rest);

/* The kind, and what stands behind it (borrowed, "" for nothing). False: it is of none. */
bool id_parse(const char *id, enum id_kind *ret, const char **ret_rest);

/* One row, or one interface there. */
struct id_row {
	const struct host *host;
	unsigned version, mode;
	const struct iface *iface; /* NULL: the row as a whole */
};

/* HOST-VERSION[-MODE][-INTERFACE], so that shells and waivers need no quoting. Owned. */
char *id_of_row(const struct host *host, unsigned version, unsigned mode, const struct iface *iface);

/* The row that an id is of; its interface is one that the host offers. */
bool id_find_row(const struct knowledge *k, const char *id, struct id_row *ret);

/* HOST-ARCH: nothing that is required of the host exists there. NULL: the id is not of that form. */
const struct host *id_find_arch(const struct knowledge *k, const char *id);

/*
 * What a contradiction in the facts is about: "NAME", "NAME-2" of an interface, or "kernel". `ret` NULL: the kernel.
 * False: neither.
 */
bool id_find_doubt(const struct knowledge *k, const char *rest, const struct iface **ret);

#endif
