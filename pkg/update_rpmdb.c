/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/update_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/scratch.h"
#include "pkg/inroot.h"

/* A big installation has 4,000 packages and 300 MB of headers. */
#define DATABASE_MAX ((uint64_t)2 << 30)

/* Where rpm has kept it (rpm 4.17, Debian's rpm, older ones), and what the file is called in its formats. */
static const char *const places[] = { "usr/lib/sysimage/rpm", "var/lib/rpm", "root/.rpmdb" };
static const char *const files[] = { "rpmdb.sqlite", "Packages.db" };

/* Bytes 18 and 19 of an SQLite file (fileformat2, 1.3.3): 2 where it has a log beside it, which takes writing to read. */
static bool in_log_mode(const char *bytes, size_t n)
{
	return n >= 100 && memcmp(bytes, "SQLite format 3", 16) == 0 && bytes[18] == 2;
}

static int check_log(const char *root, int root_fd, const char *path, struct error *err)
{
	_cleanup_(freep) char *log = xasprintf("%s-wal", path);
	_cleanup_(closep) int fd = inroot_open(root_fd, log, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && st.st_size == 0))
		return 0;
	return error_set(err, EBUSY, "%s/%s: it is in use, or was left by a crash: what was written last is not in the "
			 "database yet. Wait for the transaction to end, or run \"rpm -qa\" there as root", root, log);
}

static int copy_bytes(int from, int to)
{
	static char piece[1 << 16];
	uint64_t total = 0;
	ssize_t n;

	while ((n = read(from, piece, sizeof(piece))) > 0) {
		total += (uint64_t)n;
		if (total > DATABASE_MAX)
			return -E2BIG;
		for (ssize_t at = 0, done; at < n; at += done) {
			done = write(to, piece + at, (size_t)(n - at));
			if (done < 0)
				return -errno;
		}
	}
	return n < 0 ? -errno : 0;
}

static int copy_file(const char *root, int root_fd, const char *path, int from, const char *into, struct error *err)
{
	_cleanup_(freep) char *target = xasprintf("%s/var/lib/rpm/%s", into, path_base(path));
	_cleanup_(closep) int to = open(target, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	static const char plain[2] = { 1, 1 };
	char head[100];
	struct stat st;
	int r;

	if (fstat(from, &st) < 0 || !S_ISREG(st.st_mode))
		return error_set(err, EINVAL, "%s/%s: not a regular file", root, path);
	r = to < 0 ? -errno : copy_bytes(from, to);
	if (r < 0)
		return error_set(err, r, "%s/%s: to %s: %s", root, path, target, strerror(-r));
	if (pread(to, head, sizeof(head), 0) != sizeof(head) || !in_log_mode(head, sizeof(head)))
		return 0;
	r = check_log(root, root_fd, path, err);
	if (r == 0 && pwrite(to, plain, sizeof(plain), 18) != sizeof(plain))
		r = error_set(err, EIO, "%s: cannot be written", target);
	return r;
}

static int copy(const char *root, const char *into, struct error *err)
{
	_cleanup_(freep) char *dir = xasprintf("%s/var/lib/rpm", into);
	_cleanup_(closep) int root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = root_fd < 0 ? error_set(err, errno, "%s: %s", root, strerror(errno)) : fs_make_dir(dir, err);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(places); i++)
		for (size_t j = 0; j < ARRAY_SIZE(files); j++) {
			_cleanup_(freep) char *path = xasprintf("%s/%s", places[i], files[j]);
			_cleanup_(closep) int fd = inroot_open(root_fd, path, O_RDONLY | O_CLOEXEC);

			if (fd >= 0)
				return copy_file(root, root_fd, path, fd, into, err);
		}
	return r < 0 ? r : error_set(err, ENOENT, "%s: no database of rpm below it (usr/lib/sysimage/rpm, var/lib/rpm), or one "
				     "of an old format", root);
}

int update_copy_rpmdb(const char *root, char **ret, struct error *err)
{
	char *dir = NULL;
	int r = scratch_make("rpmdb", &dir, err);

	if (r == 0)
		r = copy(root, dir, err);
	if (r == 0)
		*ret = TAKE_PTR(dir);
	scratch_remove(dir);
	return r;
}
