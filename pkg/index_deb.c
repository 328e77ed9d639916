/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Debian archive as it lies on a mirror: dists/SUITE/Release and what that lists; or flat, beside its packages. */
#include "pkg/index_private.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/fs.h"
#include "pkg/limits.h"

/* The one suite there is, owned; NULL: there is not one. */
static char *only_suite(const char *dists, struct error *err)
{
	_cleanup_(freep) char *found = NULL;
	DIR *d = opendir(dists);
	struct dirent *e;
	size_t n = 0;
	int r = 0;

	while (d && (e = fs_next(d, dists, &r, err))) {
		_cleanup_(freep) char *path = xasprintf("%s/%s", dists, e->d_name);

		/* A link is another name of one of them. */
		if (e->d_name[0] == '.' || e->d_type == DT_LNK || !fs_is_dir(path))
			continue;
		n++;
		free(found);
		found = xstrdup(e->d_name);
	}
	if (d)
		closedir(d);
	if (r == 0 && n == 1)
		return TAKE_PTR(found);
	error_set(err, EINVAL, "%s: holds %zu suites: say which, as in sources.list: \"DIR SUITE COMPONENT\"", dists, n);
	return NULL;
}

/* What Release says of the bytes, which are those of the file. */
static int check_listed(const struct release *rel, const struct index_bytes *b, const char *path, struct error *err)
{
	uint64_t size;
	char sha256[65];

	if (!rel->vouched.text)
		return 0;
	if (!release_find(rel, path, &size, sha256))
		return error_set(err, EBADMSG, "its Release file does not list it");
	if (size != b->size || !streq(sha256, b->sha256))
		return error_set(err, EBADMSG, "it is not the file that its Release file lists: it was changed, or cut, or the mirror is "
				 "being updated");
	return 0;
}

/* What it unpacks to, where that is listed, too. */
static int check_unpacked(const struct release *rel, const char *plain, const char *digest, struct error *err)
{
	uint64_t size;
	char sha256[65];

	if (rel->vouched.text && release_find(rel, plain, &size, sha256) && !streq(sha256, digest))
		return error_set(err, EBADMSG, "it does not unpack to what its Release file lists");
	return 0;
}

/* One file Packages, below `dir`, which has the Release file. */
static int read_index(struct index *x, const char *dir, const char *listed, const char *plain, const struct release *rel,
		      struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", dir, listed);
	struct index_bytes b = { .fd = -1 };
	char digest[65];
	int r = index_bytes_read(path, PKG_INDEX_FILE_MAX, &b, err);

	if (r < 0)
		return r;
	r = check_listed(rel, &b, listed, err);
	if (r < 0)
		close(b.fd);
	else
		r = index_read(x, &(struct index_reading){ .bytes = &b, .path = path, .read = packages_read }, digest, err);
	if (r == 0)
		r = check_unpacked(rel, plain, digest, err);
	if (r < 0)
		error_prefix(err, "%s", path);
	return r;
}

/* Of the forms that are there, the one that costs least to read. */
static int open_index(const char *base, const char *dir, const char *plain, const char *label, const struct release *rel,
		      struct index_list *list, struct error *err)
{
	static const char *const ends[] = { "", ".zst", ".gz", ".xz", ".bz2" };
	_cleanup_(index_freep) struct index *x = xcalloc(1, sizeof(*x));
	int r;

	x->label = xstrdup(label);
	x->base = xstrdup(base);
	x->signer = rel->vouched.signer ? xstrdup(rel->vouched.signer) : NULL;
	x->priority = rel->vouched.text ? rel->priority : INDEX_PRIORITY;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		_cleanup_(freep) char *listed = xasprintf("%s%s", plain, ends[i]);
		_cleanup_(freep) char *path = xasprintf("%s/%s", dir, listed);

		if (!fs_exists(path))
			continue;
		r = read_index(x, dir, listed, plain, rel, err);
		if (r == 0)
			index_list_add(list, TAKE_PTR(x));
		return r;
	}
	return error_set(err, ENOENT, "%s/%s: there is no such index, packed or plain", dir, plain);
}

static bool has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = words; at && (at = strstr(at, word)); at += n)
		if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

static int check_release(const struct release *rel, const char *where, const char *suite, const char *arch,
			 struct error *err)
{
	if (suite && rel->vouched.text && !streq_null(rel->suite, suite) && !streq_null(rel->codename, suite))
		return error_set(err, EBADMSG, "%s: its Release file is of suite %s (%s), and not of %s", where,
				 rel->suite ? rel->suite : "-", rel->codename ? rel->codename : "-", suite);
	if (rel->architectures && !has_word(rel->architectures, arch))
		return error_set(err, ENOENT, "%s: is not for %s: it has %s", where, arch, rel->architectures);
	return 0;
}

static int open_components(const char *dir, const char *dists, const char *suite, const char *const *components,
			   const char *arch, const struct release *rel, struct index_list *list, struct error *err)
{
	_cleanup_(freep) char *all = xstrdup(rel->components ? rel->components : "");
	_cleanup_(strings_done) struct strings names = { 0 };
	int r = 0;

	for (; components && *components; components++)
		strings_add(&names, xstrdup(*components));
	if (names.n == 0)
		for (char *save = NULL, *w = strtok_r(all, " ", &save); w; w = strtok_r(NULL, " ", &save))
			strings_add(&names, xstrdup(w));
	if (names.n == 0)
		return error_set(err, ENOENT, "%s: its Release file names no components: say which", dists);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		_cleanup_(freep) char *plain = xasprintf("%s/binary-%s/Packages", names.items[i], arch);
		_cleanup_(freep) char *label = xasprintf("%s %s/%s", dir, suite, names.items[i]);

		if (rel->components && !has_word(rel->components, names.items[i]))
			return error_set(err, ENOENT, "%s: has no component %s: it has %s", dists, names.items[i], rel->components);
		r = open_index(dir, dists, plain, label, rel, list, err);
	}
	return r;
}

static int open_suite(const char *dir, const char *suite, const char *const *components, const struct index_options *o,
		      struct index_list *list, struct error *err)
{
	_cleanup_(freep) char *all = xasprintf("%s/dists", dir), *dists = NULL;
	_cleanup_(freep) char *only = suite ? xstrdup(suite) : only_suite(all, err);
	_cleanup_(release_done) struct release rel = { 0 };
	const char *arch = o->arch ? o->arch : index_arch(INDEX_DEB);
	int r;

	if (!only)
		return err->code;
	dists = xasprintf("%s/%s", all, only);
	r = release_open(dists, o, &rel, err);
	if (r == 0)
		r = check_release(&rel, dists, only, arch, err);
	return r < 0 ? r : open_components(dir, dists, only, components, arch, &rel, list, err);
}

static int open_flat(const char *dir, const struct index_options *o, struct index_list *list, struct error *err)
{
	_cleanup_(release_done) struct release rel = { 0 };
	int r = release_open(dir, o, &rel, err);

	/* Nobody vouches for it, and that was said to be fine. */
	if (r == -ENOENT && o->allow_unsigned) {
		error_clear(err);
		r = 0;
	}
	return r < 0 ? r : open_index(dir, dir, "Packages", dir, &rel, list, err);
}

int index_open_deb(const char *dir, const char *suite, const char *const *components, const struct index_options *o,
		   struct index_list *list, struct error *err)
{
	_cleanup_(freep) char *dists = xasprintf("%s/dists", dir);

	if (suite || fs_is_dir(dists))
		return open_suite(dir, suite && !streq(suite, "./") ? suite : NULL, components, o, list, err);
	return open_flat(dir, o, list, err);
}
