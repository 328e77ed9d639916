/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dpkg has installed: its database is a Packages of its own kind. */
#include "pkg/index_private.h"

#include <errno.h>
#include <fcntl.h>

#include "pkg/inroot.h"
#include "pkg/limits.h"

#define STATUS_FILE "var/lib/dpkg/status"

static int read_status(int fd, const char *arch, struct index *x, struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("/proc/self/fd/%d", fd);
	struct index_bytes b;
	char none[65];
	int r = index_bytes_read(path, PKG_INDEX_FILE_MAX, &b, err);

	return r < 0 ? r : index_read(x, &(struct index_reading){ .bytes = &b, .path = x->label, .arch = arch }, none, err);
}

int index_open_status(const char *root, const char *arch, struct index **ret, struct error *err)
{
	_cleanup_(index_freep) struct index *x = xcalloc(1, sizeof(*x));
	_cleanup_(closep) int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;
	int r;

	if (dir < 0)
		return error_set(err, errno, "%s: %s", root, strerror(errno));
	fd = inroot_open(dir, STATUS_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, fd, "%s: %s: %s", root, STATUS_FILE, strerror(-fd));
	x->label = xasprintf("%s/%s", streq(root, "/") ? "" : root, STATUS_FILE);
	x->base = xstrdup(root);
	r = read_status(fd, arch, x, err);
	if (r < 0)
		return error_prefix(err, "%s", x->label), r;
	*ret = TAKE_PTR(x);
	return 0;
}
