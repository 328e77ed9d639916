/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/dirs.h"

#include <errno.h>
#include <limits.h>

#include "base/fs.h"

/* The TREE of "TREE/build…/hvcompat". Owned; NULL: it is installed. */
static char *source_tree(void)
{
	_cleanup_(freep) char *exe = xcalloc(1, PATH_MAX);
	_cleanup_(freep) char *interfaces = NULL;
	ssize_t n = readlink("/proc/self/exe", exe, PATH_MAX - 1);
	char *slash = n > 0 ? strrchr(exe, '/') : NULL;

	if (!slash)
		return NULL;
	*slash = '\0';
	slash = strrchr(exe, '/');
	if (!slash || !startswith(slash + 1, "build"))
		return NULL;
	*slash = '\0';
	interfaces = xasprintf("%s/policies/interfaces", exe);
	return fs_is_dir(interfaces) ? TAKE_PTR(exe) : NULL;
}

static void add(char ***dirs, size_t *n, char *dir)
{
	*dirs = xreallocarray(*dirs, *n + 2, sizeof(**dirs));
	(*dirs)[(*n)++] = dir;
	(*dirs)[*n] = NULL;
}

static int add_named(char ***dirs, size_t *n, const char *dir, const char *who, struct error *err)
{
	if (!fs_is_dir(dir))
		return error_set(err, ENOTDIR, "%s: no such directory, but %s names it", dir, who);
	add(dirs, n, xstrdup(dir));
	return 0;
}

static int add_vendor(char ***dirs, size_t *n, struct error *err)
{
	const char *named = getenv("HVCOMPAT_DATADIR");
	_cleanup_(freep) char *tree = NULL;

	if (named && *named)
		return add_named(dirs, n, named, "$HVCOMPAT_DATADIR", err);
	tree = source_tree();
	if (tree)
		add(dirs, n, xasprintf("%s/policies", tree));
	else if (fs_is_dir(HVCOMPAT_DATADIR))
		add(dirs, n, xstrdup(HVCOMPAT_DATADIR));
	return 0;
}

int dirs_find(const struct options *o, char ***ret, struct error *err)
{
	char **dirs = xcalloc(1, sizeof(*dirs));
	size_t n = 0;
	int r = add_vendor(&dirs, &n, err);

	if (r == 0 && fs_is_dir(HVCOMPAT_SYSCONFDIR))
		add(&dirs, &n, xstrdup(HVCOMPAT_SYSCONFDIR));
	for (size_t i = 0; r == 0 && i < o->n_policy_dirs; i++)
		r = add_named(&dirs, &n, o->policy_dirs[i], "--policy-dir", err);
	if (r == 0 && n == 0)
		r = error_set(err, ENOENT,
			      HVCOMPAT_DATADIR ": there is no knowledge; install hvcompat's data, or name "
					       "their directory in $HVCOMPAT_DATADIR");
	if (r < 0) {
		texts_free(dirs);
		return r;
	}
	*ret = dirs;
	return 0;
}

/* The one that comes with us: beside policies/ in a source tree, within the data directory else. NULL: none. */
static char *vendor_shims(struct error *err)
{
	const char *named = getenv("HVCOMPAT_DATADIR");
	_cleanup_(freep) char *tree = NULL;

	if (named && *named) {
		if (!fs_is_dir(named))
			error_set(err, ENOTDIR, "%s: no such directory, but $HVCOMPAT_DATADIR names it", named);
		return xasprintf("%s/compat-shims", named);
	}
	tree = source_tree();
	return tree ? xasprintf("%s/compat-shims", tree) : xstrdup(HVCOMPAT_DATADIR "/compat-shims");
}

int shim_dirs_find(const struct options *o, char ***ret, struct error *err)
{
	struct error why = { 0 };
	_cleanup_(freep) char *vendor = vendor_shims(&why), *real = realpath(vendor, NULL);
	char **dirs = xcalloc(1, sizeof(*dirs));
	size_t n = 0;
	int r = why.code ? error_set(err, why.code, "%s", why.text) : 0;

	if (real && fs_is_dir(real))
		add(&dirs, &n, TAKE_PTR(real));
	if (fs_is_dir(HVCOMPAT_SYSCONFDIR "/compat-shims"))
		add(&dirs, &n, xstrdup(HVCOMPAT_SYSCONFDIR "/compat-shims"));
	for (size_t i = 0; r == 0 && i < o->n_shim_dirs; i++)
		r = add_named(&dirs, &n, o->shim_dirs[i], "--shim-dir", err);
	if (r < 0) {
		texts_free(dirs);
		return r;
	}
	*ret = dirs;
	return 0;
}

int share_find(const char *in_tree, const char *name, char **ret, struct error *err)
{
	const char *named = getenv("HVCOMPAT_DATADIR");
	_cleanup_(freep) char *tree = source_tree(), *path = NULL;

	if (named && *named)
		path = xasprintf("%s/%s", named, name);
	if (!path || !fs_is_dir(path)) {
		free(path);
		path = tree ? xasprintf("%s/%s", tree, in_tree) : xasprintf(HVCOMPAT_DATADIR "/%s", name);
	}
	if (!fs_is_dir(path) || access(path, R_OK | X_OK) < 0)
		return error_set(err, ENOENT, "%s: is not there; install hvcompat's data", path);
	*ret = TAKE_PTR(path);
	return 0;
}


int init_find(const char *arch, char **ret, struct error *err)
{
	_cleanup_(freep) char *tree = source_tree(), *exe = xcalloc(1, PATH_MAX), *path = NULL;
	char *slash = NULL;

	if (tree && readlink("/proc/self/exe", exe, PATH_MAX - 1) > 0)
		slash = strrchr(exe, '/');
	path = slash ? xasprintf("%.*s/prove/init-%s", (int)(slash - exe), exe, arch)
		     : xasprintf(HVCOMPAT_LIBDIR "/init-%s", arch);
	if (access(path, R_OK) < 0)
		return error_set(err, ENOENT,
				 "%s: is not there; hvcompat was built where no compiler makes programs for such guests", path);
	*ret = TAKE_PTR(path);
	return 0;
}
