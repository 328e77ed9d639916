/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/shim_parts.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/command.h"
#include "base/fs.h"
#include "base/scratch.h"

/*
 * A series being applied. Patches may build on each other, so trying each by itself is not enough: the files that
 * they touch are copied to a scratch directory, all is done there, and only what came out is put into the tree.
 */
struct work {
	const struct shim *shim;
	const struct shim_series *series;
	const char *tree;
	char *scratch;         /* holds before/ (as in the tree) and after/ (what is worked on) */
	struct strings touched;  /* paths in the tree that patches change, make or delete, and new files */
	struct strings fresh;    /* of these, the new files of `sources` */
	int log;
	struct error *err;
};

static void work_done(struct work *w)
{
	scratch_remove(w->scratch);
	strings_done(&w->touched);
	strings_done(&w->fresh);
}

static bool in_tree(const struct work *w, const char *path)
{
	_cleanup_(freep) char *joined = xasprintf("%s/%s", w->tree, path);

	return fs_exists(joined);
}

/* Whether writing to the path stays within the tree, although directories may be links. */
static bool place_is_safe(const struct work *w, const char *path)
{
	_cleanup_(freep) char *above = xstrdup(path);
	char *slash;

	if (in_tree(w, path))
		return path_stays_in(w->tree, path);
	while ((slash = strrchr(above, '/'))) {
		*slash = '\0';
		if (in_tree(w, above))
			return path_stays_in(w->tree, above);
	}
	return true;
}

static char *beside(const struct work *w, const char *path)
{
	return xasprintf("%s/%s", w->shim->dir, path);
}

/* --- what is touched --------------------------------------------------------------------------- */

static int touch(struct work *w, const char *path)
{
	if (!place_is_safe(w, path))
		return error_set(w->err, EINVAL, "%s/%s: is a link that leads out of the source tree", w->tree, path);
	if (!strings_have(&w->touched, path))
		strings_add(&w->touched, xstrdup(path));
	return 0;
}

static int gather_sources(struct work *w)
{
	_cleanup_(freep) char *dir = w->series->sources ? beside(w, w->series->sources) : NULL;
	int r = dir ? files_below(dir, &w->fresh, w->err) : 0;

	for (size_t i = 0; r == 0 && i < w->fresh.n; i++)
		r = touch(w, w->fresh.items[i]);
	return r;
}

static int gather_patch(struct work *w, const char *name)
{
	_cleanup_(freep) char *file = beside(w, name);
	_cleanup_(patch_done) struct patch patch = { 0 };
	int r = patch_read(file, &patch, w->err);

	for (size_t i = 0; r == 0 && i < patch.n; i++)
		r = touch(w, patch.files[i].path);
	return r;
}

static int gather(struct work *w)
{
	int r = gather_sources(w);

	for (unsigned i = 0; r == 0 && i < w->series->patches_count; i++)
		r = gather_patch(w, w->series->patches[i]);
	return r;
}

/* --- scratch ----------------------------------------------------------------------------------- */

static char *in_scratch(const struct work *w, const char *side, const char *path)
{
	return xasprintf("%s/%s%s%s", w->scratch, side, path ? "/" : "", path ? path : "");
}

static int copy_touched(struct work *w, const char *path, const char *side)
{
	_cleanup_(freep) char *from = xasprintf("%s/%s", w->tree, path), *to = in_scratch(w, side, path);

	return in_tree(w, path) ? copy_file(from, to, w->err) : 0;
}

static int make_scratch(struct work *w)
{
	_cleanup_(freep) char *after = NULL;
	int r = scratch_make("shim", &w->scratch, w->err);

	if (r < 0)
		return r;
	after = in_scratch(w, "after", NULL);
	if (mkdir(after, 0700) < 0)
		return error_set(w->err, errno, "%s: %s", after, strerror(errno));
	for (size_t i = 0; r == 0 && i < w->touched.n; i++) {
		r = copy_touched(w, w->touched.items[i], "before");
		if (r == 0)
			r = copy_touched(w, w->touched.items[i], "after");
	}
	return r;
}

static int begin(struct work *w)
{
	int r = gather(w);

	return r < 0 ? r : make_scratch(w);
}

/* --- patch(1) ---------------------------------------------------------------------------------- */

/* What patch(1) says that matters when it fails: the first of each. */
struct heard {
	char file[512];    /* being patched */
	char at_file[512]; /* of the first hunk that failed */
	unsigned hunk, line;
	bool reversed; /* it is there already */
	char other[256];
};

static void hear(void *ctx, const char *line)
{
	struct heard *h = ctx;
	const char *rest;
	unsigned hunk, at;

	if ((rest = startswith(line, "patching file "))) {
		rest += *rest == '\'';
		snprintf(h->file, sizeof(h->file), "%s", rest);
		h->file[strcspn(h->file, "'")] = '\0';
	} else if (sscanf(line, "Hunk #%u FAILED at %u", &hunk, &at) == 2 && !h->hunk) {
		h->hunk = hunk;
		h->line = at;
		snprintf(h->at_file, sizeof(h->at_file), "%s", h->file);
	} else if (startswith(line, "Reversed (or previously applied) patch detected") && !h->hunk) {
		h->reversed = true;
		snprintf(h->at_file, sizeof(h->at_file), "%s", h->file);
	} else if ((rest = startswith(line, "patch: **** ")) && !h->other[0]) {
		snprintf(h->other, sizeof(h->other), "%s", rest);
	}
}

/* `at` is the place in the file that the hunk was made for, moved by what the hunks before it added. */
static int say_failure(const struct work *w, const char *name, const struct heard *h, const struct error *why)
{
	const char *shim = w->shim->name, *kernels = w->series->kernels;

	if (h->hunk)
		return error_set(w->err, EINVAL,
				 "shim %s: %s does not apply: hunk %u does not find its place in %s near line %u; the "
				 "source is not what the series for %s was written for",
				 shim, name, h->hunk, h->at_file, h->line, kernels);
	if (h->reversed)
		return error_set(w->err, EINVAL,
				 "shim %s: %s does not apply: what it does to %s is there already, but not all of the "
				 "series for %s",
				 shim, name, h->at_file, kernels);
	return error_set(w->err, EINVAL, "shim %s: %s does not apply: %s", shim, name,
			 h->other[0] ? h->other : why->text);
}

static int run_patch(struct work *w, const char *name, bool back)
{
	_cleanup_(freep) char *file = beside(w, name), *real = realpath(file, NULL);
	_cleanup_(freep) char *dir = in_scratch(w, "after", NULL);
	static const char *const env[] = { "LC_ALL=C", "PATCH_GET=0", "QUOTING_STYLE=literal", NULL };
	const char *const argv[] = { "patch", "-p1", "--fuzz=0", "--forward", "--batch", "--no-backup-if-mismatch",
				     "--reject-file=-", "-i", real ? real : file, back ? "--reverse" : NULL, NULL };
	struct heard heard = { 0 };
	const struct command c = { .argv = argv, .dir = dir, .env = env, .log = w->log, .line = hear, .ctx = &heard };
	struct error why = { 0 };
	int r = command_run(&c, &why);

	if (r == -ECHILD)
		return say_failure(w, name, &heard, &why);
	return r < 0 ? error_set(w->err, r, "%s", why.text) : 0;
}

/* --- forward ----------------------------------------------------------------------------------- */

static int add_source(struct work *w, const char *path)
{
	_cleanup_(freep) char *from = xasprintf("%s/%s/%s", w->shim->dir, w->series->sources, path);
	_cleanup_(freep) char *to = in_scratch(w, "after", path);

	if (in_tree(w, path))
		return error_set(w->err, EINVAL, "shim %s: brings a new file %s, but the source has one of that name",
				 w->shim->name, path);
	return copy_file(from, to, w->err);
}

/* patch(1) would only say that it cannot find something to patch. */
static int check_targets(struct work *w, const char *name)
{
	_cleanup_(freep) char *file = beside(w, name);
	_cleanup_(patch_done) struct patch patch = { 0 };
	int r = patch_read(file, &patch, w->err);

	for (size_t i = 0; r == 0 && i < patch.n; i++) {
		_cleanup_(freep) char *target = in_scratch(w, "after", patch.files[i].path);
		bool there = fs_exists(target);

		if (there == patch.files[i].creates)
			r = error_set(w->err, EINVAL, "shim %s: %s does not apply: it %s %s, which the source %s",
				      w->shim->name, name, there ? "makes" : "changes", patch.files[i].path,
				      there ? "has already" : "does not have");
	}
	return r;
}

static int forward(struct work *w)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < w->fresh.n; i++)
		r = add_source(w, w->fresh.items[i]);
	for (unsigned i = 0; r == 0 && i < w->series->patches_count; i++) {
		r = check_targets(w, w->series->patches[i]);
		if (r == 0)
			r = run_patch(w, w->series->patches[i], false);
	}
	return r;
}

/* --- into the tree ----------------------------------------------------------------------------- */

static char *staged(const struct work *w, const char *path)
{
	return xasprintf("%s/%s.hvcompat-new", w->tree, path);
}

/* All is written beside its place first, which is where a full disk shows. */
static int stage(struct work *w, const char *side, const char *path)
{
	_cleanup_(freep) char *from = in_scratch(w, side, path), *to = staged(w, path);

	unlink(to);
	return fs_exists(from) ? copy_file(from, to, w->err) : 0;
}

static int settle(struct work *w, const char *side, const char *path)
{
	_cleanup_(freep) char *from = in_scratch(w, side, path), *new_file = staged(w, path);
	_cleanup_(freep) char *to = xasprintf("%s/%s", w->tree, path);
	int r = fs_exists(from) ? rename(new_file, to) : unlink(to);

	return r < 0 && errno != ENOENT ? error_set(w->err, errno, "%s: cannot be replaced: %s", to, strerror(errno))
					: 0;
}

/* Also the directories that were made for it. */
static void unstage(struct work *w, const char *path)
{
	char *file = staged(w, path);

	unlink(file);
	for (char *slash = strrchr(file, '/'); slash && slash > file + strlen(w->tree); slash = strrchr(file, '/')) {
		*slash = '\0';
		if (rmdir(file) < 0)
			break;
	}
	free(file);
}

static void put_back(struct work *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (stage(w, "before", w->touched.items[i]) == 0)
			settle(w, "before", w->touched.items[i]);
}

static int commit(struct work *w)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < w->touched.n; i++)
		r = stage(w, "after", w->touched.items[i]);
	for (size_t i = 0; r == 0 && i < w->touched.n; i++) {
		r = settle(w, "after", w->touched.items[i]);
		if (r < 0)
			put_back(w, i);
	}
	for (size_t i = 0; r < 0 && i < w->touched.n; i++)
		unstage(w, w->touched.items[i]);
	return r;
}

/* --- back -------------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	_cleanup_(freep) char *x = NULL, *y = NULL;
	size_t n, m;

	return fs_read(a, SHIM_FILE_MAX, &x, &n, NULL) == 0 && fs_read(b, SHIM_FILE_MAX, &y, &m, NULL) == 0 && n == m &&
	       memcmp(x, y, n) == 0;
}

static bool backward(struct work *w)
{
	for (unsigned i = w->series->patches_count; i > 0; i--)
		if (run_patch(w, w->series->patches[i - 1], true) < 0)
			return false;
	for (size_t i = 0; i < w->fresh.n; i++) {
		_cleanup_(freep) char *ours = xasprintf("%s/%s/%s", w->shim->dir, w->series->sources, w->fresh.items[i]);
		_cleanup_(freep) char *theirs = in_scratch(w, "after", w->fresh.items[i]);

		if (!same_text(ours, theirs))
			return false;
	}
	return w->touched.n > 0;
}

bool shim_series_applied(const struct shim *s, const struct shim_series *series, const char *tree)
{
	_cleanup_(work_done) struct work w = { .shim = s, .series = series, .tree = tree, .log = -1 };

	return begin(&w) == 0 && backward(&w);
}

static int apply(const struct shim *s, const char *tree, const char *version, const char *arch, int log, bool keep,
		 struct error *err)
{
	_cleanup_(work_done) struct work w = { .shim = s, .tree = tree, .log = log };
	struct error why = { 0 };
	int r = shim_fits(s, tree, version, arch, &w.series, err);

	if (r < 0 || !w.series)
		return r;
	w.err = &why;
	r = begin(&w);
	if (r == 0)
		r = forward(&w);
	if (r == 0 && command_interrupted())
		r = error_set(&why, EINTR, "stopped by a signal");
	if (r == 0 && keep)
		r = commit(&w);
	if (r == -EINVAL && shim_series_applied(s, w.series, tree))
		return error_set(err, EALREADY, "shim %s: is applied already in %s", s->name, tree);
	return r < 0 ? error_set(err, r, "%s", why.text) : 0;
}

int shim_apply(const struct shim *s, const char *tree, const char *version, const char *arch, int log,
	       struct error *err)
{
	return apply(s, tree, version, arch, log, true, err);
}

int shim_try(const struct shim *s, const char *tree, const char *version, const char *arch, int log,
	     struct error *err)
{
	return apply(s, tree, version, arch, log, false, err);
}
