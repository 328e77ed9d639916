/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_OUTPUT_H
#define HVCOMPAT_CMD_OUTPUT_H

#include "cmd/options.h"

/*
 * Where the report goes. It is made in memory first; then it is written out, so that a failure leaves either
 * the whole of it or nothing: a file is written beside its place, synced and renamed.
 */
struct output {
	const struct options *options;
	FILE *stream; /* write here */
	struct buf made;
	bool lost; /* there was no memory for a part of it */
};
int output_open(struct output *out, const struct options *o, struct error *err);

/* Writes what was collected. -EPIPE: the reader has gone away, which needs no words. */
int output_commit(struct output *out, struct error *err);
void output_done(struct output *out);

/* Whether the words may be coloured, and how many columns there are. */
bool output_color(const struct options *o);
unsigned output_columns(const struct options *o);

#endif
