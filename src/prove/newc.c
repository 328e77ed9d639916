/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/newc.h"

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

static void entry(struct newc *a, const char *name, unsigned mode, const void *bytes, size_t n, unsigned major,
		  unsigned minor)
{
	unsigned number = mode ? ++a->inode : 0;

	buf_addf(a->into, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", number, mode, 0u, 0u, 1u, 0u, n, 0u,
		 0u, major, minor, strlen(name) + 1, 0u);
	buf_add(a->into, name, strlen(name) + 1);
	align(a->into);
	if (n > 0)
		buf_add(a->into, bytes, n);
	align(a->into);
}

void newc_directory(struct newc *a, const char *path)
{
	if (strings_have(&a->directories, path))
		return;
	strings_add(&a->directories, xstrdup(path));
	entry(a, path, DIRECTORY, NULL, 0, 0, 0);
}

void newc_device(struct newc *a, const char *path, unsigned major, unsigned minor)
{
	entry(a, path, DEVICE, NULL, 0, major, minor);
}

void newc_file(struct newc *a, const char *path, bool executable, const void *bytes, size_t n)
{
	path += *path == '/';
	for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
		_cleanup_(freep) char *above = xstrndup(path, (size_t)(slash - path));

		newc_directory(a, above);
	}
	entry(a, path, executable ? PROGRAM : FILE_MODE, bytes, n, 0, 0);
}

void newc_end(struct newc *a)
{
	entry(a, "TRAILER!!!", 0, NULL, 0, 0, 0);
	strings_done(&a->directories);
}
