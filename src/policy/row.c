/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/decide.h"

bool status_good(enum status s)
{
	return s == STATUS_DEGRADED || s == STATUS_SUPPORTED;
}

bool stands(const struct verdict *row)
{
	return row && status_good(row->status);
}

/* The best way of `row` through this interface: a host may offer one interface by several offers. */
const struct path *row_path(const struct verdict *row, const struct iface *iface)
{
	const struct path *best = NULL;

	for (size_t i = 0; row && i < row->n_paths; i++) {
		const struct path *p = &row->paths[i];

		if (p->offer->iface == iface && (!best || p->status > best->status))
			best = p;
	}
	return best;
}

/* Whether no earlier path of the row goes through the same interface. */
bool row_path_is_first(const struct verdict *row, size_t path)
{
	for (size_t i = 0; i < path; i++)
		if (row->paths[i].offer->iface == row->paths[path].offer->iface)
			return false;
	return true;
}

enum need row_need(const struct verdict *row, enum iface_class c)
{
	return row->host->modes[row->mode].needs[c];
}
