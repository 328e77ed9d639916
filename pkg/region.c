/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/region.h"

#include <errno.h>
#include <inttypes.h>

int region_part(const struct region *r, uint64_t off, uint64_t size, const char *what, struct region *ret,
		struct error *err)
{
	uint64_t left = off <= r->size ? r->size - off : 0;

	if (off > r->size)
		return error_set(err, EBADMSG,
				 "truncated: %s should begin at byte %" PRIu64
				 ", but %s ends at byte %" PRIu64 ": %" PRIu64 " bytes are missing",
				 what, r->at + off, r->what, r->at + r->size, off - r->size);
	if (size > left)
		return error_set(err, EBADMSG,
				 "truncated: %s at byte %" PRIu64 " should have %" PRIu64
				 " bytes, but %s ends before: %" PRIu64 " bytes are missing",
				 what, r->at + off, size, r->what, size - left);
	*ret = (struct region){ .fd = r->fd, .at = r->at + off, .size = size, .what = what };
	return 0;
}

int region_read(const struct region *r, uint64_t off, void *buf, size_t n, struct error *err)
{
	uint8_t *to = buf;
	ssize_t got;

	if (off > r->size || n > r->size - off)
		return error_set(err, EBADMSG,
				 "%s: truncated: %zu bytes are needed at offset %" PRIu64
				 ", but it ends at %" PRIu64,
				 r->what, n, off, r->size);
	while (n > 0) {
		got = pread(r->fd, to, n, (off_t)(r->at + off));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err, errno, "%s: reading at offset %" PRIu64 ": %s", r->what, off,
					 strerror(errno));
		if (got == 0)
			return error_set(err, EBADMSG,
					 "%s: truncated: the file was shortened while it was read, "
					 "%zu bytes are missing at offset %" PRIu64,
					 r->what, n, off);
		to += got;
		off += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}
