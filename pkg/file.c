/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/format.h"
#include "pkg/stream.h"

/* A bare file, which is its own only member. */
static int file_open(struct package *p, const struct package_options *options, struct error *err)
{
	struct member m = { .size = p->file.size };
	struct body b = { .offset = 0 };
	const char *name = path_base(p->info.path);

	(void)options;
	p->info.format = PACKAGE_FILE;
	m.path = package_string(p, name, strlen(name));
	return package_add(p, &m, &b, err);
}

static void file_read(struct package *p, struct wants *w)
{
	for (size_t i = 0; i < w->n; i++)
		stream_deliver(&p->file, w, &w->items[i]);
}

const struct format format_file = {
	.name = "file",
	.open = file_open,
	.read = file_read,
};
