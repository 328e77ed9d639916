/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the box says that booting takes, and the initrd that is made of it: nothing of it may leave /modules. */
#include "fuzz/fuzz.h"
#include "pkg/entry.h"
#include "prove/initrd.h"

static void check_initrd(const struct boot_files *f, const struct buf *archive)
{
	static struct entry e;
	struct fuzz_source s;
	struct source *source = fuzz_source(&s, (uint8_t *)archive->text, archive->len, 4096);
	struct error err = { 0 };
	size_t modules = 0;
	int r;

	while ((r = cpio_next(source, NULL, &e, &err)) > 0) {
		if (startswith(e.path, "modules/") && endswith(e.path, ".ko") && e.type == ENTRY_FILE) {
			must(!strchr(e.path + strlen("modules/"), '/'));
			must(modules < f->n_modules && e.size == f->modules[modules++].size);
		}
		must(source_skip(source, e.size + e.padding, e.path, &err) == 0);
	}
	must(r == 0 && modules == f->n_modules);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(boot_files_freep) struct boot_files *f = xcalloc(1, sizeof(*f));
	_cleanup_(buf_done) struct buf archive = { 0 };
	struct wire w = { .in = bytes, .left = n };

	wire_boot_files(&w, f);
	if (w.bad || w.left)
		return 0;
	initrd_make(f, (const uint8_t *)"init", 4, &archive);
	check_initrd(f, &archive);
	return 0;
}
