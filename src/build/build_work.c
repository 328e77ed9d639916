/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#define CONFIG_FILE_MAX (16u << 20)

static bool is_inside(const char *path, const char *dir)
{
	const char *rest = startswith(path, dir);

	return rest && (*rest == '\0' || *rest == '/' || streq(dir, "/"));
}

/* The absolute, real path of a directory, which is made where it is missing. */
static int real_dir(const char *path, char **ret, struct error *err)
{
	int r = fs_make_dir(path, err);

	if (r < 0)
		return r;
	*ret = realpath(path, NULL);
	return *ret ? 0 : error_set(err, errno, "%s: %m", path);
}

/* The real path of the nearest directory above `path` (or itself) that exists. Owned. */
static char *existing_above(const char *path)
{
	_cleanup_(freep) char *p = xstrdup(path);
	char *real, *slash;

	while (!(real = realpath(p, NULL)) && (slash = strrchr(p, '/')))
		*slash = '\0';
	return real ? real : realpath(*path == '/' ? "/" : ".", NULL);
}

/* A copy into itself would never end, and the user's tree is not ours to write to. */
static int check_outside(const struct build *b, const char *work, struct error *err)
{
	_cleanup_(freep) char *source = realpath(b->request->source, NULL), *above = existing_above(work);

	if (!source)
		return error_set(err, errno, "--source %s: %m", b->request->source);
	if (!fs_is_dir(source) || !above || !is_inside(above, source))
		return 0;
	return error_set(err, EINVAL,
			 "%s: the work directory lies in the source, which is not to be touched; name another place with --work or --out",
			 work);
}

/* Before anything is made: it may lie in the source. */
static char *planned(const struct build_request *q)
{
	return q->work ? xstrdup(q->work) : xasprintf("%s/.hvcompat-build", q->out);
}

/* The kernel's make takes no such directory, and of a comma we make a set of packages. */
static int check_letters(const char *work, struct error *err)
{
	_cleanup_(freep) char *above = existing_above(work);
	const char *bad = strpbrk(work, " \t\n:,");

	if (!bad && above)
		bad = strpbrk(above, " \t\n:,");
	return bad ? error_set(err, EINVAL,
			       "%s: no kernel can be built in a directory with '%c' in its path; name another one with --work",
			       work, *bad) :
		     0;
}

static int check_existing(const struct build *b, const char *work, struct error *err)
{
	_cleanup_(freep) char *mark = xasprintf("%s/state", work);
	_cleanup_(freep) char *lock = xasprintf("%s/lock", work);

	if (!fs_exists(work))
		return b->request->resume ?
			       error_set(err, ENOENT, "%s: there is no build to go on with; leave out --resume", work) :
			       0;
	if (!fs_is_dir(work))
		return error_set(err, ENOTDIR, "%s: is no directory", work);
	if (rmdir(work) == 0) /* an empty one, such as mktemp makes */
		return mkdir(work, 0700) < 0 ? error_set(err, errno, "%s: %m", work) : 0;
	if (!fs_exists(mark) && !fs_exists(lock))
		return error_set(err, EEXIST, "%s: is not a work directory of hvcompat; name another one with --work", work);
	return 0;
}

static int take_lock(struct build *b, struct error *err)
{
	_cleanup_(freep) char *file = xasprintf("%s/lock", b->work);

	b->lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (b->lock < 0)
		return error_set(err, errno, "%s: %m", file);
	if (flock(b->lock, LOCK_EX | LOCK_NB) < 0)
		return error_set(err, EBUSY, "%s: another build works here; wait for it, or name another place with --work",
				 b->work);
	return 0;
}

int work_open(struct build *b, struct error *err)
{
	const struct build_request *q = b->request;
	_cleanup_(freep) char *work = planned(q);
	_cleanup_(freep) char *file = NULL;
	bool there;
	int r = check_outside(b, work, err);

	if (r == 0)
		r = check_letters(work, err);
	if (r == 0)
		r = real_dir(q->out, &b->out, err);
	if (r == 0)
		r = check_existing(b, work, err);
	if (r < 0)
		return r;
	if (!fs_exists(work) && (r = fs_make_dir(work, err)) < 0)
		return r;
	b->work = realpath(work, NULL);
	if (!b->work || chmod(b->work, 0700) < 0)
		return error_set(err, errno, "%s: %m", work);
	r = take_lock(b, err);
	if (r < 0)
		return r;
	file = xasprintf("%s/state", b->work);
	there = fs_exists(file);
	if (there && !q->resume)
		return error_set(err, EEXIST,
				 "%s: a build that did not finish; go on with it by --resume, or remove that directory and begin anew",
				 b->work);
	b->tree = xasprintf("%s/tree", b->work);
	b->stage = xasprintf("%s/stage", b->work);
	b->packages = xasprintf("%s/packages", b->work);
	return state_load(file, &b->state, err);
}

/* --- inputs */

/*
 * One input: recorded by the first run, and the same in those that go on, once the step that takes it is done. What
 * made a step fail can so be mended without beginning anew.
 */
static int input(struct build *b, const char *step, const char *name, const char *value, struct error *err)
{
	_cleanup_(freep) char *key = xasprintf("input.%s", name), *done = xasprintf("done.%s", step);
	const char *before = state_get(&b->state, key);

	if (streq_null(before, value))
		return 0;
	if (!state_get(&b->state, done))
		return state_set(&b->state, key, value, err);
	return error_set(err, ESTALE,
			 "--resume: %s is '%.120s', and was '%.120s' when step %s was done; give the same, or remove %s and begin anew",
			 name, value, before ? before : "not given", step, b->work);
}

/* `list` ends with NULL; NULL: it is empty. */
static int input_list(struct build *b, const char *step, const char *name, const char *const *list, struct error *err)
{
	_cleanup_(buf_done) struct buf words = { 0 };

	buf_add(&words, "", 0);
	for (size_t i = 0; list && list[i]; i++)
		buf_addf(&words, "%s%s", i ? " " : "", list[i]);
	return input(b, step, name, words.text, err);
}

static int input_configs(struct build *b, struct error *err)
{
	_cleanup_(buf_done) struct buf words = { 0 };
	char sum[65];

	for (size_t i = 0; b->request->configs[i]; i++) {
		const char *config = b->request->configs[i];
		_cleanup_(freep) char *text = NULL;
		size_t n;
		int r;

		if (!fs_exists(config)) { /* a make target of the source; step configure knows */
			buf_addf(&words, "%s ", config);
			continue;
		}
		r = fs_read(config, CONFIG_FILE_MAX, &text, &n, err);
		if (r == 0)
			r = fs_digest(text, n, sum, err);
		if (r < 0)
			return r;
		buf_addf(&words, "%s:%.16s ", path_base(config), sum);
	}
	return input(b, "configure", "config", words.text, err);
}

static int input_shims(struct build *b, struct error *err)
{
	_cleanup_(buf_done) struct buf words = { 0 };
	char sum[65];

	buf_add(&words, "", 0);
	for (size_t i = 0; i < b->n_shims; i++) {
		int r = fs_fingerprint(b->shims[i]->dir, true, sum, err);

		if (r < 0)
			return r;
		buf_addf(&words, "%s:%.16s ", b->shims[i]->name, sum);
	}
	return input(b, "shims", "shim", words.text, err);
}

static int input_source(struct build *b, struct error *err)
{
	_cleanup_(freep) char *path = realpath(b->request->source, NULL), *words = NULL;
	char sum[65];
	int r;

	if (!path)
		return error_set(err, errno, "--source %s: %m", b->request->source);
	r = fs_fingerprint(path, false, sum, err);
	if (r < 0)
		return r;
	words = xasprintf("%s:%.16s", path, sum);
	return input(b, "unpack", "source", words, err);
}

int work_inputs(struct build *b, struct error *err)
{
	const struct build_request *q = b->request;
	const char *formats[] = { q->formats & PACKAGE_DEB ? "deb" : "", q->formats & PACKAGE_RPM ? "rpm" : "", NULL };
	const char *date = getenv("SOURCE_DATE_EPOCH");
	const struct {
		const char *step, *name, *value;
	} words[] = {
		{ "unpack", "SOURCE_DATE_EPOCH", date ? date : "" },
		{ "shims", "arch", b->arch },
		{ "configure", "localversion", q->localversion },
		{ "configure", "debug-info", q->debug_info ? "yes" : "no" },
		{ "package", "revision", q->revision },
		{ "package", "maintainer", q->maintainer },
	};
	int r = input_source(b, err);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(words); i++)
		r = input(b, words[i].step, words[i].name, words[i].value, err);
	if (r == 0)
		r = input_shims(b, err);
	if (r == 0)
		r = input_configs(b, err);
	if (r == 0)
		r = input_list(b, "configure", "accept-lost", q->accept_lost, err);
	if (r == 0)
		r = input_list(b, "configure", "compiler", (const char *const *)b->make_words.items, err);
	return r == 0 ? input_list(b, "package", "format", formats, err) : r;
}

int work_close(struct build *b, bool remove, struct error *err)
{
	int r = 0;

	if (remove && b->work)
		r = fs_remove(b->work, err);
	closep(&b->lock);
	b->lock = -1;
	return r;
}
