/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate/allow.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>

#include "base/fs.h"
#include "gate/learned.h"

#define ALLOW_MAX  65536
#define SEPARATORS "; ,\t\n"

void allow_add(struct strings *list, const char *text)
{
	while (text && *text) {
		size_t n = strcspn(text, SEPARATORS);

		if (n > 0)
			strings_add(list, xstrndup(text, n));
		text += n;
		text += strspn(text, SEPARATORS);
	}
}

bool allow_covers(const struct strings *list, const char *lost)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *rest = startswith(lost, list->items[i]);

		if (rest && (*rest == '\0' || *rest == ':'))
			return true;
	}
	return false;
}

/* When a process began: with its number it is one process for good. 0: there is none. */
static uint64_t started(pid_t pid)
{
	_cleanup_(freep) char *path = xasprintf("/proc/%d/stat", (int)pid);
	_cleanup_(fclosep) FILE *f = pid > 0 ? fopen(path, "re") : NULL;
	char text[1024];
	uint64_t when = 0;
	char *p;

	if (!f || !fgets(text, sizeof(text), f) || !(p = strrchr(text, ')')))
		return 0;
	/* field 22; behind the name comes field 3 */
	for (int i = 3; i <= 22 && p; i++)
		p = strchr(p + 1, ' ');
	if (p)
		when = strtoull(p + 1, NULL, 10);
	return when;
}

/* One line of the file: UNTIL PID STARTED LOST */
struct word {
	intmax_t until;
	int pid;
	uint64_t started;
	char lost[128];
};

struct words {
	struct word *list;
	size_t n;
};

static void words_done(struct words *w)
{
	free(w->list);
}

static int words_read(const char *root, struct words *w, struct error *err)
{
	_cleanup_(freep) char *path = state_path(root, "run/hvcompat/allow"), *text = NULL;
	struct stat st;
	char *save = NULL;
	int r;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "%s: %m", path);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022))
		return error_set(err, EPERM, "%s: others could have written it; it is not heeded", path);
	r = fs_read(path, ALLOW_MAX, &text, NULL, err);
	for (char *line = r == 0 ? strtok_r(text, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save)) {
		struct word one;

		if (sscanf(line, "%jd %d %" SCNu64 " %127s", &one.until, &one.pid, &one.started, one.lost) != 4)
			return error_set(err, EBADMSG, "%s: is damaged; it is not heeded", path);
		ARRAY_GROW(w->list, w->n);
		w->list[w->n++] = one;
	}
	return r;
}

static int words_write(const char *root, const struct words *w, struct error *err)
{
	_cleanup_(freep) char *dir = state_path(root, "run/hvcompat"), *path = state_path(root, "run/hvcompat/allow");
	_cleanup_(buf_done) struct buf b = { 0 };
	mode_t mask;
	int r;

	for (size_t i = 0; i < w->n; i++)
		buf_addf(&b, "%jd %d %" PRIu64 " %s\n", w->list[i].until, w->list[i].pid, w->list[i].started,
			 w->list[i].lost);
	if (b.len == 0)
		return fs_remove(path, err);
	mask = umask(022);
	r = fs_make_dir(dir, err);
	if (r == 0)
		r = fs_write(path, b.text, b.len, err);
	umask(mask);
	return r;
}

int allow_store(const char *root, const struct strings *lost, time_t until, struct error *err)
{
	_cleanup_(words_done) struct words w = { 0 };
	int r = words_read(root, &w, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < lost->n; i++) {
		struct word one = { .until = until };

		if (strlen(lost->items[i]) >= sizeof(one.lost))
			return error_set(err, EINVAL, "'%s' is no host", lost->items[i]);
		strcpy(one.lost, lost->items[i]);
		ARRAY_GROW(w.list, w.n);
		w.list[w.n++] = one;
	}
	return words_write(root, &w, err);
}

static bool holds(const struct word *w, pid_t caller)
{
	if (w->until < (intmax_t)time(NULL))
		return false;
	return w->pid == 0 || (w->pid == caller && w->started == started(caller));
}

int allow_load(const char *root, pid_t caller, struct strings *list, struct error *err)
{
	_cleanup_(words_done) struct words w = { 0 };
	int r = words_read(root, &w, err);

	for (size_t i = 0; r == 0 && i < w.n; i++)
		if (holds(&w.list[i], caller))
			strings_add(list, xstrdup(w.list[i].lost));
	return r;
}

int allow_use(const char *root, pid_t caller, struct error *err)
{
	_cleanup_(words_done) struct words w = { 0 };
	int r = words_read(root, &w, err);
	size_t kept = 0;

	if (r < 0 || w.n == 0)
		return r;
	for (size_t i = 0; i < w.n; i++) {
		struct word one = w.list[i];

		if (!holds(&one, caller) || started(caller) == 0)
			continue;
		one.pid = caller;
		one.started = started(caller);
		w.list[kept++] = one;
	}
	w.n = kept;
	return words_write(root, &w, err);
}
