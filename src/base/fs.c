/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fs.h"
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <glob.h>
#include <sys/stat.h>

#define FILE_MAX_BYTES (64u << 20) /* of one whose content is hashed: patches and YAML */

/* Of a path that stat() failed at. */
static bool may_be_there(void)
{
	return errno != ENOENT && errno != ENOTDIR && errno != EACCES && errno != ELOOP && errno != ENAMETOOLONG;
}

bool fs_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? S_ISDIR(st.st_mode) : may_be_there();
}

bool fs_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 || may_be_there();
}

int fs_make_dir(const char *path, struct error *err)
{
	_cleanup_(freep) char *copy = xstrdup(path);

	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0777) < 0 && errno != EEXIST)
			return error_set(err, errno, "%s: this directory cannot be made: %m", copy);
		*p = '/';
	}
	if (mkdir(copy, 0777) < 0 && errno != EEXIST)
		return error_set(err, errno, "%s: this directory cannot be made: %m", copy);
	return fs_is_dir(path) ? 0 : error_set(err, ENOTDIR, "%s: is no directory", path);
}

int fs_fresh_dir(const char *path, struct error *err)
{
	int r = fs_remove(path, err);

	return r < 0 ? r : fs_make_dir(path, err);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static FTS *walk(const char *path)
{
	char *roots[] = { (char *)path, NULL };

	return fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
}

int fs_remove(const char *path, struct error *err)
{
	struct stat st;
	FTSENT *e;
	FTS *fts;
	int r = 0;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "%s: cannot be removed: %m", path);
	fts = walk(path);
	if (!fts)
		return error_set(err, errno, "%s: cannot be removed: %m", path);
	while ((e = fts_read(fts))) {
		bool dir = e->fts_info == FTS_D;

		/* A directory that denied us on the way in would deny us again on the way out. */
		if (dir && (e->fts_statp->st_mode & 0700) != 0700)
			chmod(e->fts_accpath, 0700);
		if (!dir && remove(e->fts_accpath) < 0 && errno != ENOENT)
			r = error_set(err, errno, "%s: cannot be removed: %m", e->fts_path);
	}
	if (r == 0 && errno)
		r = error_set(err, errno, "%s: cannot be removed: %m", path);
	fts_close(fts);
	return r;
}

struct dirent *fs_next(DIR *d, const char *path, int *ret, struct error *err)
{
	struct dirent *e;

	errno = 0;
	e = readdir(d);
	if (!e && errno)
		*ret = error_set(err, errno, "%s: cannot be listed: %m", path);
	return e;
}

static int stop_unless_absent(const char *path, int code)
{
	(void)path;
	return code != ENOENT && code != ENOTDIR;
}

int fs_glob(const char *pattern, struct strings *ret, struct error *err)
{
	glob_t found = { 0 };
	int r = glob(pattern, 0, stop_unless_absent, &found);

	for (size_t i = 0; r == 0 && i < found.gl_pathc; i++)
		strings_add(ret, xstrdup(found.gl_pathv[i]));
	globfree(&found);
	if (r == GLOB_NOSPACE)
		out_of_memory();
	return r == GLOB_ABORTED ? error_set(err, EIO, "%s: cannot be listed", pattern) : 0;
}

int fs_read(const char *path, size_t max, char **ret, size_t *ret_size, struct error *err)
{
	/* Not to wait for whoever writes to a pipe of that name. */
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_cleanup_(buf_done) struct buf b = { 0 };
	char bytes[65536];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(err, errno, "%s: cannot be read: %m", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, EINVAL, "%s: is not a regular file", path);
	buf_add(&b, "", 0);
	while ((n = read(fd, bytes, sizeof(bytes))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "%s: cannot be read: %m", path);
		if ((size_t)n > max - b.len)
			return error_set(err, E2BIG, "%s: is larger than %zu bytes, which is more than such a file has",
					 path, max);
		buf_add(&b, bytes, (size_t)n);
	}
	if (ret_size)
		*ret_size = b.len;
	*ret = TAKE_PTR(b.text);
	return 0;
}

int fs_read_if_there(const char *path, size_t max, char **ret, size_t *ret_size, struct error *err)
{
	struct error why = { 0 };
	int r = fs_read(path, max, ret, ret_size, &why);

	if (r == -ENOENT) {
		*ret = NULL;
		return 0;
	}
	return r < 0 ? error_set(err, r, "%s", why.text) : 0;
}

/* On the disk, too. */
static int write_all(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, text, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -errno;
		text += w;
		n -= (size_t)w;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int fs_write(const char *path, const char *text, size_t n, struct error *err)
{
	_cleanup_(freep) char *beside = xasprintf("%s.new", path);
	_cleanup_(closep) int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int r;

	if (fd < 0)
		return error_set(err, errno, "%s: cannot be written: %m", beside);
	r = write_all(fd, text, n);
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r == 0)
		return 0;
	unlink(beside);
	return error_set(err, r, "%s: cannot be written: %s", path, strerror(-r));
}

int fs_digest(const void *bytes, size_t n, char into[65], struct error *err)
{
	_cleanup_(hash_freep) struct hash *h = NULL;
	int r = hash_new(HASH_SHA256, &h, err);

	if (r < 0)
		return r;
	hash_add(h, bytes, n);
	hash_hex(h, into);
	return 0;
}

static int add_entry(struct hash *h, const FTSENT *e, bool content, struct error *err)
{
	const struct stat *st = e->fts_statp;
	bool file = S_ISREG(st->st_mode), dir = S_ISDIR(st->st_mode);
	_cleanup_(freep) char *line = NULL, *text = NULL;
	size_t n = 0;
	int r;

	/* A directory's own time and size change with what is not ours to notice; its entries are walked. */
	line = xasprintf("%s %o %lld %lld.%09ld\n", e->fts_level > 0 ? e->fts_name : "", st->st_mode & S_IFMT,
			 dir ? 0 : (long long)st->st_size, content || dir ? 0 : (long long)st->st_mtim.tv_sec,
			 content || dir ? 0 : st->st_mtim.tv_nsec);
	hash_add(h, line, strlen(line));
	if (!content || !file)
		return 0;
	r = fs_read(e->fts_accpath, FILE_MAX_BYTES, &text, &n, err);
	if (r == 0)
		hash_add(h, text, n);
	return r;
}

int fs_fingerprint(const char *path, bool content, char into[65], struct error *err)
{
	_cleanup_(hash_freep) struct hash *h = NULL;
	FTS *fts = walk(path);
	FTSENT *e;
	int r = fts ? hash_new(HASH_SHA256, &h, err) : error_set(err, errno, "%s: %m", path);

	/* At its end it leaves zero in errno, which tells that from a failure. */
	while (r == 0 && (e = fts_read(fts))) {
		if (e->fts_info == FTS_ERR || e->fts_info == FTS_DNR || e->fts_info == FTS_NS)
			r = error_set(err, e->fts_errno, "%s: cannot be read: %s", e->fts_path, strerror(e->fts_errno));
		else if (e->fts_info == FTS_D && e->fts_level > 0 && streq(e->fts_name, ".git"))
			fts_set(fts, e, FTS_SKIP);
		else if (e->fts_info != FTS_DP)
			r = add_entry(h, e, content, err);
	}
	if (r == 0 && errno)
		r = error_set(err, errno, "%s: cannot be read: %s", path, strerror(errno));
	if (fts)
		fts_close(fts);
	if (r == 0)
		hash_hex(h, into);
	return r;
}
