/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_SPANS_H
#define HVCOMPAT_REPORT_SPANS_H

#include "compat/support.h"

/*
 * Cells of one host, version by mode, gathered into as few lines as possible: versions in a row become a
 * range, modes with the same range share a line.
 */
struct cells {
	const struct host *host;
	bool *in; /* [version * host->modes_count + mode]; owned */
};
struct cells cells_new(const struct host *host);
void cells_add(struct cells *c, unsigned version, unsigned mode);
void cells_done(struct cells *c);

struct span {
	unsigned first, last; /* versions, both inclusive */
	unsigned mode;        /* the first of its modes */
	struct buf modes;     /* their names, blanks between; owned */
};

/* By first version, then mode. Returns the number; *ret is owned: spans_free(). */
size_t cells_spans(const struct cells *c, struct span **ret);
void spans_free(struct span *spans, size_t n);

/*
 * "4.15 - 4.22", "2008r2", and "" for the only version of a host that has no versions. Owned by the caller.
 */
char *span_versions(const struct host *host, const struct span *span);

/* "2008 - 2008r2 (gen1 gen2), 2012 (gen1)": all cells in one phrase. Owned by the caller. */
char *cells_phrase(const struct cells *c);

#endif
