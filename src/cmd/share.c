/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/share.h"
#include "base/util.h"

#include <errno.h>
#include <limits.h>

/* "TREE/build…/hvcompat" runs with what lies in TREE. Owned; NULL: it is installed. */
static char *source_tree(void)
{
	_cleanup_(freep) char *exe = xcalloc(1, PATH_MAX);
	_cleanup_(freep) char *mark = NULL;
	ssize_t n = readlink("/proc/self/exe", exe, PATH_MAX - 1);

	for (int i = 0; i < 2; i++) {
		char *slash = n > 0 ? strrchr(exe, '/') : NULL;

		if (!slash || (i == 1 && !startswith(slash + 1, "build")))
			return NULL;
		*slash = '\0';
	}
	mark = xasprintf("%s/src/build/kconfig", exe);
	return access(mark, F_OK) == 0 ? TAKE_PTR(exe) : NULL;
}

int share_find(const char *tree, const char *name, char **ret, struct error *err)
{
	_cleanup_(freep) char *top = source_tree();
	_cleanup_(freep) char *path = top ? xasprintf("%s/%s", top, tree) : xasprintf("%s/%s", HVCOMPAT_DATADIR, name);

	if (access(path, R_OK | X_OK) < 0)
		return error_set(err, ENOENT, "%s: is not there; install hvcompat's data", path);
	*ret = TAKE_PTR(path);
	return 0;
}
