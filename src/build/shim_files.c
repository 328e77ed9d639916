/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fs.h"
#include "build/shim_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define DEPTH_MOST 32 /* of directories; a source tree's is 12 */

bool path_is_below(const char *path)
{
	if (*path == '\0')
		return false;
	for (;;) {
		size_t n = strcspn(path, "/");

		if (n == 0 || (n == 1 && path[0] == '.') || (n == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (path[n] == '\0')
			return true;
		path += n + 1;
	}
}

bool path_stays_in(const char *dir, const char *path)
{
	_cleanup_(freep) char *joined = xasprintf("%s/%s", dir, path);
	_cleanup_(freep) char *real = realpath(joined, NULL), *top = realpath(dir, NULL);
	const char *rest = real && top ? startswith(real, top) : NULL;

	return rest && *rest == '/';
}

static int add_entry(const char *dir, const char *below, unsigned depth, struct strings *ret, struct error *err);

static int add_dir(const char *dir, const char *below, unsigned depth, struct strings *ret, struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("%s%s%s", dir, below ? "/" : "", below ? below : "");
	DIR *d = depth < DEPTH_MOST ? opendir(path) : NULL;
	struct dirent *e;
	int r = 0;

	if (!d)
		return error_set(err, depth < DEPTH_MOST ? errno : ELOOP, "%s: cannot list: %s", path,
				 strerror(depth < DEPTH_MOST ? errno : ELOOP));
	while (r == 0 && (e = fs_next(d, path, &r, err))) {
		_cleanup_(freep) char *name = NULL;

		if (streq(e->d_name, ".") || streq(e->d_name, ".."))
			continue;
		name = below ? xasprintf("%s/%s", below, e->d_name) : xstrdup(e->d_name);
		r = add_entry(dir, name, depth + 1, ret, err);
	}
	closedir(d);
	return r;
}

static int add_entry(const char *dir, const char *below, unsigned depth, struct strings *ret, struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", dir, below);
	struct stat st;

	if (lstat(path, &st) < 0)
		return error_set(err, errno, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return add_dir(dir, below, depth, ret, err);
	if (!S_ISREG(st.st_mode))
		return error_set(err, EINVAL, "%s: is neither a regular file nor a directory", path);
	strings_add(ret, xstrdup(below));
	return 0;
}

int files_below(const char *dir, struct strings *ret, struct error *err)
{
	int r = add_dir(dir, NULL, 0, ret, err);

	strings_sort(ret);
	return r;
}

static int write_new(const char *path, const char *text, size_t n, mode_t mode, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set(err, errno, "%s: cannot be written: %s", path, strerror(errno));
	while (n > 0) {
		ssize_t done = write(fd, text, n);

		if (done < 0 && errno != EINTR)
			break;
		if (done > 0) {
			text += done;
			n -= (size_t)done;
		}
	}
	if (n > 0 || fchmod(fd, mode & 0777) < 0) {
		error_set(err, errno, "%s: cannot be written: %s", path, strerror(errno));
		close(fd);
		return -EIO;
	}
	return close(fd) < 0 ? error_set(err, errno, "%s: cannot be written: %s", path, strerror(errno)) : 0;
}

int copy_file(const char *from, const char *to, struct error *err)
{
	_cleanup_(freep) char *text = NULL, *above = xstrndup(to, (size_t)(path_base(to) - to));
	struct stat st;
	size_t n = 0;
	int r = fs_make_dir(above, err);

	if (r == 0 && stat(from, &st) < 0)
		r = error_set(err, errno, "%s: %s", from, strerror(errno));
	if (r == 0)
		r = fs_read(from, SHIM_FILE_MAX, &text, &n, err);
	return r < 0 ? r : write_new(to, text, n, st.st_mode, err);
}
