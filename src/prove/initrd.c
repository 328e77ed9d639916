/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documentation/driver-api/early-userspace/buffer-format.rst */
#include "prove/initrd.h"

#define DIRECTORY 040755u
#define DEVICE 020600u
#define PROGRAM 0100755u
#define FILE_MODE 0100644u

/* Entries begin, and their contents do, at a multiple of 4 bytes. */
static void align(struct buf *b)
{
	static const char zeros[4];

	buf_add(b, zeros, (4 - b->len % 4) % 4);
}

static void entry(struct buf *b, unsigned *inode, const char *name, unsigned mode, const void *bytes, size_t n,
		  unsigned major, unsigned minor)
{
	unsigned number = mode ? ++*inode : 0;

	buf_addf(b, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", number, mode, 0u, 0u, 1u, 0u, n, 0u,
		 0u, major, minor, strlen(name) + 1, 0u);
	buf_add(b, name, strlen(name) + 1);
	align(b);
	if (n > 0)
		buf_add(b, bytes, n);
	align(b);
}

static void index_modules(const struct boot_files *f, struct buf *b)
{
	for (size_t i = 0; i < f->n_modules; i++) {
		const struct boot_module *m = &f->modules[i];

		buf_addf(b, "m %s %s\n", m->name, m->depends);
		for (size_t j = 0; j < m->n_aliases; j++)
			buf_addf(b, "a %s %s\n", m->aliases[j], m->name);
	}
}

void initrd_make(const struct boot_files *f, const uint8_t *init, size_t init_size, struct buf *into)
{
	static const char *const directories[] = { "dev", "proc", "sys", "mnt", "modules" };
	_cleanup_(buf_done) struct buf index = { 0 };
	unsigned inode = 0;

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		entry(into, &inode, directories[i], DIRECTORY, NULL, 0, 0, 0);
	entry(into, &inode, "dev/console", DEVICE, NULL, 0, 5, 1);
	entry(into, &inode, "init", PROGRAM, init, init_size, 0, 0);
	index_modules(f, &index);
	entry(into, &inode, "modules/index", FILE_MODE, index.text, index.len, 0, 0);
	for (size_t i = 0; i < f->n_modules; i++) {
		_cleanup_(freep) char *name = xasprintf("modules/%s.ko", f->modules[i].name);

		entry(into, &inode, name, FILE_MODE, f->modules[i].bytes, f->modules[i].size, 0, 0);
	}
	entry(into, &inode, "TRAILER!!!", 0, NULL, 0, 0, 0);
}
