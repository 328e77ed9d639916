/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

#include <errno.h>
#include <sys/stat.h>

static bool has(const char *dir, const char *name)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", dir, name);

	return fs_exists(path);
}

int source_kind(const char *path, enum source_kind *ret, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return error_set(err, errno, "--source %s: %m", path);
	if (S_ISREG(st.st_mode))
		*ret = SOURCE_FILE;
	else if (!S_ISDIR(st.st_mode))
		return error_set(err, EINVAL, "--source %s: is neither a tarball nor a directory", path);
	else if (has(path, ".git") || (has(path, "HEAD") && has(path, "objects") && has(path, "refs")))
		*ret = SOURCE_GIT;
	else
		*ret = SOURCE_DIR;
	return 0;
}
