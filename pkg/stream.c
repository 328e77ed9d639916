/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/stream.h"

void stream_deliver(const struct region *file, struct wants *w, struct want *want)
{
	_cleanup_(freep) uint8_t *piece = xmalloc(PKG_DECODED_PIECE);
	struct error err = { 0 };
	struct delivery d;
	uint64_t off = 0;
	size_t n;

	delivery_begin(&d, w, want, false);
	while (off < file->size) {
		n = file->size - off < PKG_DECODED_PIECE ? (size_t)(file->size - off) : PKG_DECODED_PIECE;
		if (region_read(file, off, piece, n, &err) < 0) {
			delivery_fail(&d, &err);
			return;
		}
		if (!delivery_feed(&d, piece, n, false))
			return;
		off += n;
	}
	delivery_end(&d);
}
