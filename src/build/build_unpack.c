/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

/* The one directory that a tarball usually holds, or NULL when the files lie at its top. Owned. */
static char *only_entry(const char *dir)
{
	DIR *d = opendir(dir);
	_cleanup_(freep) char *only = NULL;
	struct dirent *e;
	size_t n = 0;
	int r = 0;

	while (d && (e = fs_next(d, dir, &r, NULL))) {
		if (streq(e->d_name, ".") || streq(e->d_name, "..") || startswith(e->d_name, "pax_global_header"))
			continue;
		free(only);
		only = xasprintf("%s/%s", dir, e->d_name);
		n++;
	}
	if (d)
		closedir(d);
	return r == 0 && n == 1 && fs_is_dir(only) ? TAKE_PTR(only) : NULL;
}

static int unpack_archive(struct build *b, const char *archive, struct error *err)
{
	_cleanup_(freep) char *into = xasprintf("%s/unpacked", b->work);
	_cleanup_(freep) char *top = NULL;
	long long newest;
	int r = fs_fresh_dir(into, err);

	if (r == 0)
		r = archive_unpack(archive, into, &newest, err);
	if (r < 0)
		return r;
	top = only_entry(into);
	if (rename(top ? top : into, b->tree) < 0)
		return error_set(err, errno, "%s: cannot be renamed to %s: %m", top ? top : into, b->tree);
	if (b->epoch == 0)
		b->epoch = newest;
	return fs_remove(into, err);
}

static int unpack_dir(struct build *b, const char *source, struct error *err)
{
	_cleanup_(freep) char *all = xasprintf("%s/.", source);
	_cleanup_(freep) char *config = xasprintf("%s/.config", b->tree);
	_cleanup_(freep) char *makefile = xasprintf("%s/Makefile", b->tree);
	struct stat st;
	int r;

	r = run_program(b,
			(const char *const[]){ "cp", "-R", "--preserve=mode,timestamps,links", "--reflink=auto", all, b->tree,
					       NULL },
			NULL, err);
	if (r < 0)
		return r;
	if (b->epoch == 0 && stat(makefile, &st) == 0)
		b->epoch = st.st_mtime;
	/* What somebody built there must not get into ours. */
	return fs_exists(config) ? run_make(b, (const char *const[]){ "mrproper", NULL }, err) : 0;
}

static void take_number(void *ctx, const char *line)
{
	char *end;
	long long n = strtoll(line, &end, 10);

	if (*line && !*end)
		*(long long *)ctx = n;
}

static void take_word(void *ctx, const char *line)
{
	char **word = ctx;

	if (!*word)
		*word = xstrndup(line, 100);
}

/* Asks git about the source; `line` takes its answer. */
static int ask_git(struct build *b, const char *const *argv, void (*line)(void *ctx, const char *line), void *ctx,
		   struct error *err)
{
	struct command c = { .argv = argv, .log = b->log, .line = line, .ctx = ctx };
	int r = command_run(&c, err);

	if (r == -ENOENT)
		error_prefix(err, "--source is a git repository");
	return r;
}

static int unpack_git(struct build *b, const char *source, struct error *err)
{
	_cleanup_(freep) char *tar = xasprintf("%s/source.tar", b->work);
	_cleanup_(freep) char *commit = NULL, *changed = NULL;
	long long when = 0;
	int r;

	r = ask_git(b, (const char *const[]){ "git", "-C", source, "log", "-1", "--format=%ct", NULL }, take_number, &when,
		    err);
	if (r == 0)
		r = ask_git(b, (const char *const[]){ "git", "-C", source, "rev-parse", "--short=12", "HEAD", NULL },
			    take_word, &commit, err);
	if (r == 0)
		r = ask_git(b,
			    (const char *const[]){ "git", "--no-optional-locks", "-C", source, "status", "--porcelain",
						   "--untracked-files=no", NULL },
			    take_word, &changed, NULL) == -EINTR ? error_set(err, EINTR, "stopped by a signal") : 0;
	if (r == 0)
		r = run_program(b,
				(const char *const[]){ "git", "-C", source, "archive", "--format=tar", "-o", tar, "HEAD", NULL },
				NULL, err);
	if (r == 0) {
		build_say(b, BUILD_NOTE, "the source is commit %s%s", commit ? commit : "HEAD",
			  changed ? "; what is changed there and not committed is not built" : "");
		if (b->epoch == 0)
			b->epoch = when;
		r = unpack_archive(b, tar, err);
	}
	unlink(tar);
	return r;
}

/* The user knows the source by another name than that of our copy. */
static int no_kernel(const struct build *b, struct error *err)
{
	char why[sizeof(err->text)];
	const char *rest;

	memcpy(why, err->text, sizeof(why));
	rest = startswith(why, b->tree);
	error_clear(err);
	return error_set(err, EINVAL, "--source %s%s%s", b->request->source, rest ? "" : ": is no kernel source: ",
			 rest ? rest : why);
}

int step_unpack(struct build *b, struct error *err)
{
	_cleanup_(freep) char *number = NULL;
	enum source_kind kind;
	int r = source_kind(b->request->source, &kind, err);

	if (r == 0)
		r = fs_remove(b->tree, err);
	if (r < 0)
		return r;
	if (kind == SOURCE_FILE)
		r = unpack_archive(b, b->request->source, err);
	else if (kind == SOURCE_GIT)
		r = unpack_git(b, b->request->source, err);
	else
		r = unpack_dir(b, b->request->source, err);
	if (r < 0)
		return r;
	if (tree_version(b->tree, &b->version, err) < 0)
		return no_kernel(b, err);
	number = xasprintf("%lld", b->epoch);
	r = state_set(&b->state, "epoch", number, err);
	return r == 0 ? state_set(&b->state, "version", b->version, err) : r;
}
