/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tar archive, as it comes out of a .deb's payload. */
#include "fuzz/fuzz.h"
#include "fuzz/mutate.h"
#include "pkg/entry.h"

static void check(const struct entry *e)
{
	must(e->path[0] != '/' && !startswith(e->path, "../") && !strstr(e->path, "/../"));
	must(e->type != ENTRY_HARDLINK || (e->target[0] != '/' && !startswith(e->target, "../") && e->size == 0));
	must(e->padding < TAR_BLOCK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct entry e;
	struct fuzz_source s;
	struct source *source = fuzz_source(&s, bytes, n, 1000);
	struct error err = { 0 };
	char path[PKG_PATH_MAX + 1];
	uint64_t size;
	int r;

	while ((r = tar_next(source, NULL, &e, &err)) > 0) {
		check(&e);
		r = source_skip(source, e.size + e.padding, e.path, &err);
		if (r < 0)
			break;
	}
	must_tell(r, &err);
	if (n >= TAR_BLOCK && tar_file_header(bytes, path, &size))
		must(path[0] != '/');
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	return mutate_mended(bytes, n, max, seed, mend_tar);
}
