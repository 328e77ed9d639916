/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/index_private.h"

#include <errno.h>
#include <sys/utsname.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "pkg/limits.h"
#include "pkg/path.h"

#define WORDS_MAX 32

struct index *index_free(struct index *x)
{
	if (!x)
		return NULL;
	free(x->label);
	free(x->base);
	free(x->signer);
	free(x->packages);
	if (x->map)
		index_map_free(x->map);
	else {
		free(x->text);
		free(x->strings);
	}
	free(x);
	return NULL;
}

void index_list_done(struct index_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		index_free(list->indexes[i]);
	free(list->indexes);
	*list = (struct index_list){ 0 };
}

void index_list_add(struct index_list *list, struct index *x)
{
	ARRAY_GROW(list->indexes, list->count);
	list->indexes[list->count++] = x;
}

/* Copies and digests in one pass, so that what is read later is what was digested. */
static int copy_digested(int from, int to, uint64_t most, struct index_bytes *b, const char *path, struct error *err)
{
	_cleanup_(hash_freep) struct hash *h = NULL;
	uint8_t piece[65536];
	ssize_t n = 0;
	int r = hash_new(HASH_SHA256, &h, err);

	while (r == 0 && (n = read(from, piece, sizeof(piece))) > 0) {
		b->size += (uint64_t)n;
		if (b->size > most)
			r = error_set(err, E2BIG, "%s: more than %llu bytes", path, (unsigned long long)most);
		else if (to >= 0 && write(to, piece, (size_t)n) != n)
			r = error_set(err, ENOMEM, "%s: no memory for it", path);
		else
			hash_add(h, piece, (size_t)n);
	}
	if (r == 0 && n < 0)
		r = error_set(err, errno, "%s: %s", path, strerror(errno));
	if (r == 0)
		hash_hex(h, b->sha256);
	return r;
}

/* Returns a descriptor. */
static int open_regular(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return error_set(err, errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return error_set(err, EINVAL, "%s: not a regular file", path);
}

int index_digest(const char *path, char ret_sha256[65], struct error *err)
{
	_cleanup_(closep) int fd = open_regular(path, err);
	struct index_bytes b = { .fd = -1 };
	int r = fd < 0 ? fd : copy_digested(fd, -1, UINT64_MAX, &b, path, err);

	if (r == 0)
		memcpy(ret_sha256, b.sha256, sizeof(b.sha256));
	return r;
}

int index_bytes_read(const char *path, uint64_t most, struct index_bytes *ret, struct error *err)
{
	_cleanup_(closep) int from = open_regular(path, err);
	_cleanup_(closep) int to = -1;
	struct index_bytes b = { .fd = -1 };
	int r;

	if (from < 0)
		return from;
	to = memfd_create("index", MFD_CLOEXEC);
	if (to < 0)
		return error_set(err, errno, "%s: no memory for it: %s", path, strerror(errno));
	r = copy_digested(from, to, most, &b, path, err);
	if (r < 0)
		return r;
	b.fd = to;
	to = -1;
	*ret = b;
	return 0;
}

enum compression index_compression(const char *path)
{
	static const struct {
		const char *end;
		enum compression c;
	} known[] = {
		{ ".xz", COMPRESSION_XZ },     { ".gz", COMPRESSION_GZIP }, { ".bz2", COMPRESSION_BZIP2 },
		{ ".zst", COMPRESSION_ZSTD }, { ".lzma", COMPRESSION_LZMA },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (endswith(path, known[i].end))
			return known[i].c;
	return COMPRESSION_NONE;
}

static int by_name(const void *a, const void *b)
{
	const struct index_package *x = *(struct index_package *const *)a, *y = *(struct index_package *const *)b;
	int r = strcmp(x->name, y->name);

	if (r == 0)
		r = strcmp(x->version, y->version);
	return r ? r : strcmp(x->arch, y->arch);
}

/* Of two that are called the same a solver shows one, and the other might be fetched. */
int index_check_doubles(const struct index *x, struct error *err)
{
	size_t n = x->n_packages;
	_cleanup_(freep) const struct index_package **sorted = xcalloc(n, sizeof(*sorted));

	for (size_t i = 0; i < n; i++)
		sorted[i] = &x->packages[i];
	qsort(sorted, n, sizeof(*sorted), by_name);
	for (size_t i = 1; i < n; i++)
		if (by_name(&sorted[i - 1], &sorted[i]) == 0 && !streq(sorted[i - 1]->sha256, sorted[i]->sha256))
			return error_set(err, EEXIST, "%s %s %s is there twice, with different digests",
					 sorted[i]->name, sorted[i]->version, sorted[i]->arch);
	return 0;
}

static const struct index *holder_of(struct index *const *indexes, size_t n, const struct index_package *p)
{
	for (size_t i = 0; i < n; i++)
		if (p >= indexes[i]->packages && p < indexes[i]->packages + indexes[i]->n_packages)
			return indexes[i];
	return NULL;
}

int index_check_across(struct index *const *indexes, size_t n, struct error *err)
{
	_cleanup_(freep) const struct index_package **sorted = NULL;
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += indexes[i]->n_packages;
	/* Of one index it was checked when it was read. */
	if (n < 2)
		return 0;
	sorted = xcalloc(count, sizeof(*sorted));
	count = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < indexes[i]->n_packages; j++)
			sorted[count++] = &indexes[i]->packages[j];
	qsort(sorted, count, sizeof(*sorted), by_name);
	for (size_t i = 1; i < count; i++) {
		const struct index_package *a = sorted[i - 1], *b = sorted[i];

		if (by_name(&sorted[i - 1], &sorted[i]) == 0 && !streq(a->sha256, b->sha256))
			return error_set(err, EEXIST, "%s %s %s is in %s and in %s with different digests: which of them a host gets is not "
					 "which of them is judged", b->name, b->version, b->arch, holder_of(indexes, n, a)->label,
					 holder_of(indexes, n, b)->label);
	}
	return 0;
}

const char *index_arch(enum index_family family)
{
	static const struct {
		const char *machine, *arch;
	} known[] = { /* dpkg's words; rpm has the kernel's */
		{ "x86_64", "amd64" }, { "i686", "i386" }, { "i586", "i386" }, { "aarch64", "arm64" }, { "armv7l", "armhf" },
		{ "ppc64le", "ppc64el" },
	};
	static struct utsname u;

	uname(&u);
	for (size_t i = 0; family == INDEX_DEB && i < ARRAY_SIZE(known); i++)
		if (streq(u.machine, known[i].machine))
			return known[i].arch;
	return u.machine;
}

/* The index of a single file, which nobody vouches for. */
static int open_file(const char *path, const struct index_options *o, struct index_list *list, struct error *err)
{
	_cleanup_(index_freep) struct index *x = NULL;
	struct index_bytes b;
	char digest[65];
	int r;

	if (!startswith(path_base(path), "Packages"))
		return error_set(err, EINVAL, "%s: no index: give a repository's directory, or a file Packages", path);
	if (!o->allow_unsigned)
		return error_set(err, ENOKEY, "%s: nobody signed it: give the directory with its Release file, or "
				 "--allow-unsigned", path);
	r = index_bytes_read(path, PKG_INDEX_FILE_MAX, &b, err);
	if (r < 0)
		return r;
	x = xcalloc(1, sizeof(*x));
	x->label = xstrdup(path);
	x->priority = INDEX_PRIORITY;
	x->base = path_base(path) == path ? xstrdup(".") : xstrndup(path, (size_t)(path_base(path) - path));
	r = index_read(x, &(struct index_reading){ .bytes = &b, .path = path, .read = packages_read }, digest, err);
	if (r < 0)
		error_prefix(err, "%s", path);
	if (r == 0)
		index_list_add(list, TAKE_PTR(x));
	return r;
}

/* The words of "DIR SUITE COMPONENT…"; the first is all of it where that is there. */
static size_t split(char *where, const char *words[WORDS_MAX + 1])
{
	size_t n = 0;

	if (fs_exists(where)) {
		words[n++] = where;
	} else {
		for (char *save = NULL, *w = strtok_r(where, " \t", &save); w && n < WORDS_MAX; w = strtok_r(NULL, " \t", &save))
			words[n++] = w;
	}
	words[n] = NULL;
	return n;
}

int index_open(const char *where, const struct index_options *options, struct index_list *list, struct error *err)
{
	static const struct index_options defaults;
	_cleanup_(freep) char *copy = xstrdup(where), *repomd = NULL;
	const char *words[WORDS_MAX + 1];
	struct index_list found = { 0 };
	size_t n = split(copy, words);
	int r;

	if (!options)
		options = &defaults;
	if (n == 0)
		return error_set(err, EINVAL, "an empty name of a repository");
	if (!fs_exists(words[0]))
		return error_set(err, ENOENT, "%s: there is no such repository", words[0]);
	repomd = xasprintf("%s/repodata", words[0]);
	if (!fs_is_dir(words[0]))
		r = open_file(words[0], options, &found, err);
	else if (n == 1 && fs_is_dir(repomd))
		r = index_open_rpm(words[0], options, &found, err);
	else
		r = index_open_deb(words[0], n > 1 ? words[1] : NULL, n > 2 ? words + 2 : NULL, options, &found, err);
	for (size_t i = 0; r == 0 && i < found.count; i++)
		index_list_add(list, found.indexes[i]);
	if (r == 0)
		found.count = 0;
	index_list_done(&found);
	return r;
}

struct index_stamp index_stamp(const char *path)
{
	struct index_stamp s = { 0 };
	struct stat st;

	if (stat(path, &st) == 0)
		s = (struct index_stamp){ st.st_dev, st.st_ino, (uint64_t)st.st_size, st.st_ctim };
	return s;
}

bool index_stamp_same(const struct index_stamp *a, const struct index_stamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

static int check_file(const char *path, const struct index_package *p, struct error *err)
{
	struct stat st;
	char sha256[65];
	int r;

	if (stat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? -ENOENT
			       : error_set(err, errno, "%s: cannot be looked at: %s", path, strerror(errno));
	if ((uint64_t)st.st_size != p->size)
		return error_set(err, EBADMSG, "%s: has %lld bytes, and the repository's index says %llu: another file", path,
				 (long long)st.st_size, (unsigned long long)p->size);
	r = index_digest(path, sha256, err);
	if (r == 0 && !streq(sha256, p->sha256))
		r = error_set(err, EBADMSG, "%s: its digest is not that of the repository's index: another file", path);
	return r;
}

int index_file(const struct index *index, const struct index_package *package, const char *const *pools, char **ret,
	       struct index_stamp *ret_stamp, struct error *err)
{
	char clean[PKG_PATH_MAX + 1];

	if (!path_clean(package->location, strlen(package->location), clean))
		return error_set(err, EINVAL, "%s: %s lies outside of the repository", index->label, package->location);
	for (size_t i = 0; i == 0 || (pools && pools[i - 1]); i++) {
		const char *dir = i == 0 ? index->base : pools[i - 1];
		const char *names[] = { clean, path_base(clean) };

		for (size_t j = 0; j < (i == 0 ? 1 : 2); j++) {
			_cleanup_(freep) char *path = xasprintf("%s/%s", dir, names[j]);
			struct index_stamp stamp = index_stamp(path);
			int r = check_file(path, package, err);

			if (r == -ENOENT)
				continue;
			if (r < 0)
				return r;
			*ret = TAKE_PTR(path);
			*ret_stamp = stamp;
			return 0;
		}
	}
	return error_set(err, ENOENT, "%s: the package of %s %s is not there (%s)", index->label, package->name,
			 package->version, package->location);
}
