/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cpio archive: of an rpm's payload, with and without headers of its own, or an initrd. */
#include "fuzz/fuzz.h"
#include "fuzz/mutate.h"
#include "pkg/entry.h"

#include <errno.h>

/* A header with three files. */
static int file(const void *ctx, uint32_t index, struct entry *ret, struct error *err)
{
	(void)ctx;
	if (index > 2)
		return error_set(err, EBADMSG, "it has a file number that the header has not");
	snprintf(ret->path, sizeof(ret->path), "file-%u", index);
	ret->type = ENTRY_FILE;
	ret->size = index;
	return 0;
}

static void walk(const uint8_t *bytes, size_t n, const struct cpio_files *files)
{
	static struct entry e;
	struct fuzz_source s;
	struct source *source = fuzz_source(&s, bytes, n, 100);
	struct error err = { 0 };
	int r;

	while ((r = cpio_next(source, files, &e, &err)) > 0) {
		must(e.path[0] != '/' && !startswith(e.path, "../") && !strstr(e.path, "/../") && e.padding < 4);
		r = source_skip(source, e.size + e.padding, e.path, &err);
		if (r < 0)
			break;
	}
	must_tell(r, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const struct cpio_files files = { .file = file };

	walk(bytes, n, &files);
	walk(bytes, n, NULL);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	return mutate_mended(bytes, n, max, seed, mend_cpio);
}
