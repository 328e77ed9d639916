/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static struct {
	int fd; /* plus one: 0 is none */
	char path[32];
} files[FUZZ_FILES];

/* What speeds up one large kernel costs 2 MiB of zeros for each small one. */
__attribute__((constructor)) static void no_large_pages(void)
{
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

int fuzz_fd(unsigned slot, const uint8_t *bytes, size_t n)
{
	int fd = files[slot].fd - 1;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		files[slot].fd = fd + 1;
		snprintf(files[slot].path, sizeof(files[slot].path), "/proc/self/fd/%d", fd);
	}
	must(fd >= 0 && ftruncate(fd, (off_t)n) == 0 && pwrite(fd, bytes, n, 0) == (ssize_t)n);
	return fd;
}

const char *fuzz_path(unsigned slot, const uint8_t *bytes, size_t n)
{
	fuzz_fd(slot, bytes, n);
	return files[slot].path;
}

static int next(struct source *s, const uint8_t **ret, size_t *ret_n, struct error *err)
{
	struct fuzz_source *f = (struct fuzz_source *)s;
	size_t n = f->left < f->piece ? f->left : f->piece;

	(void)err;
	*ret = f->bytes;
	*ret_n = n;
	f->bytes += n;
	f->left -= n;
	return n > 0;
}

static void nothing(struct source *s)
{
	(void)s;
}

struct source *fuzz_source(struct fuzz_source *s, const uint8_t *bytes, size_t n, size_t piece)
{
	*s = (struct fuzz_source){
		.source = { .next = next, .close = nothing, .what = "fuzz", .total = SOURCE_SIZE_UNKNOWN, .limit = 1 << 20 },
		.bytes = bytes, .left = n, .piece = piece,
	};
	return &s->source;
}
