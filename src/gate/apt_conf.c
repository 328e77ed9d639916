/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate/apt_conf.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <strings.h>

#include "base/fs.h"
#include "pkg/inroot.h"

#define CONF_DIR "etc/apt/apt.conf.d"
#define CONF_FILE "etc/apt/apt.conf"
#define CONF_MAX (1u << 20)
#define DEPTH_MAX 32

/* --- one text ----------------------------------------------------------------------------------- */

struct conf {
	const char *at;
	const char *key;
	bool *value, includes;
	struct buf scope;    /* "APT::" */
	size_t ends[DEPTH_MAX]; /* of the scopes around it */
	size_t depth;
};

static bool directive(const char *s)
{
	return startswith(s, "#clear") || startswith(s, "#include");
}

/* Blanks, and comments of each kind. */
static void skip(struct conf *c)
{
	for (;;) {
		const char *end = NULL;

		c->at += strspn(c->at, " \t\r\n");
		if (startswith(c->at, "//") || (*c->at == '#' && !directive(c->at)))
			end = c->at + strcspn(c->at, "\n");
		else if (startswith(c->at, "/*"))
			end = (end = strstr(c->at + 2, "*/")) ? end + 2 : c->at + strlen(c->at);
		if (!end)
			return;
		c->at = end;
	}
}

/* A word, or what stands in quotes; owned. */
static char *word(struct conf *c)
{
	bool quoted = *c->at == '"';
	size_t n;
	char *s;

	c->at += quoted;
	n = strcspn(c->at, quoted ? "\"" : " \t\r\n;{}\"");
	s = xstrndup(c->at, n);
	c->at += n;
	c->at += quoted && *c->at == '"';
	return s;
}

/* What apt does not know is no. */
static bool truth(const char *s)
{
	static const char *const yes[] = { "yes", "true", "with", "on", "enable" };
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		if (strcasecmp(s, yes[i]) == 0)
			return true;
	return strtol(s, &end, 0) == 1 && !*end;
}

/* Whether a key is that one, or one that it stands below. */
static bool covers(const char *key, const char *ours)
{
	size_t n = strlen(key);

	return strncasecmp(key, ours, n) == 0 && (ours[n] == '\0' || startswith(ours + n, "::"));
}

static void take_directive(struct conf *c, const char *what)
{
	_cleanup_(freep) char *key = NULL;

	skip(c);
	key = word(c);
	if (strcasecmp(what, "#include") == 0)
		c->includes = true;
	else if (covers(key, c->key))
		*c->value = false;
}

static void take_value(struct conf *c, const char *tag)
{
	_cleanup_(freep) char *value = word(c), *key = xasprintf("%s%s", c->scope.text ? c->scope.text : "", tag);

	if (strcasecmp(key, c->key) == 0)
		*c->value = truth(value);
}

static void open_scope(struct conf *c, const char *tag)
{
	c->at++;
	if (c->depth == DEPTH_MAX)
		return;
	c->ends[c->depth++] = c->scope.len;
	buf_addf(&c->scope, "%s::", tag);
}

static void close_scope(struct conf *c)
{
	c->at++;
	if (c->depth == 0)
		return;
	c->scope.len = c->ends[--c->depth];
	c->scope.text[c->scope.len] = '\0';
}

static void take_statement(struct conf *c)
{
	_cleanup_(freep) char *tag = word(c);

	skip(c);
	if (*tag == '#')
		take_directive(c, tag);
	else if (*c->at && *c->at != '{' && *c->at != ';' && *c->at != '}')
		take_value(c, tag);
	skip(c);
	/* SECTION "a name of it" { */
	if (*tag != '#' && *c->at == '{')
		open_scope(c, tag);
}

bool apt_conf_text(const char *text, const char *key, bool *ret)
{
	struct conf c = { .at = text, .key = key, .value = ret };

	for (skip(&c); *c.at; skip(&c)) {
		if (*c.at == '}')
			close_scope(&c);
		else if (*c.at == ';')
			c.at++;
		else if (*c.at == '{')
			open_scope(&c, "");
		else
			take_statement(&c);
	}
	buf_done(&c.scope);
	return c.includes;
}

/* --- the files ---------------------------------------------------------------------------------- */

/* Owned, *ret NULL: it is not there, or no file, which apt passes over. */
static int read_text(int root, const char *path, char **ret, struct error *err)
{
	_cleanup_(closep) int fd = inroot_open(root, path, O_RDONLY | O_CLOEXEC);
	_cleanup_(freep) char *by_number = xasprintf("/proc/self/fd/%d", fd);
	struct error why = { 0 };
	int r = fd < 0 ? fd : fs_read(by_number, CONF_MAX, ret, NULL, &why);

	if (fd == -ENOENT || fd == -EOPNOTSUPP || r == -EINVAL)
		return 0;
	return r < 0 ? error_set(err, r, "%s: %s", path, strerror(-r)) : 0;
}

static int read_one(int root, const char *path, const char *key, bool *ret, char **included, struct error *err)
{
	_cleanup_(freep) char *text = NULL;
	int r = read_text(root, path, &text, err);

	if (text && apt_conf_text(text, key, ret) && !*included)
		*included = xstrdup(path);
	return r;
}

/* As run-parts(8) has names, without an end or with ".conf" (apt.conf(5)). */
static bool name_counts(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (*name == '.' || (dot && !streq(dot, ".conf")))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("-_.", *name))
			return false;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int find_parts(int root, struct strings *list, struct error *err)
{
	int fd = inroot_open(root, CONF_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	struct dirent *entry;
	DIR *dir;

	if (fd == -ENOENT)
		return 0;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		r = fd < 0 ? fd : -errno;
		if (fd >= 0)
			close(fd);
		return error_set(err, r, "%s: %s", CONF_DIR, strerror(-r));
	}
	while ((entry = fs_next(dir, CONF_DIR, &r, err)))
		if (name_counts(entry->d_name))
			strings_add(list, xasprintf(CONF_DIR "/%s", entry->d_name));
	closedir(dir);
	if (list->n)
		qsort(list->items, list->n, sizeof(*list->items), by_name);
	return r;
}

int apt_conf_bool(const char *root, const char *key, bool *ret, char **ret_included, struct error *err)
{
	_cleanup_(closep) int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(strings_done) struct strings list = { 0 };
	_cleanup_(freep) char *included = NULL;
	bool value = *ret;
	int r;

	if (dir < 0)
		return error_set(err, errno, "%s: %s", root, strerror(errno));
	r = find_parts(dir, &list, err);
	for (size_t i = 0; r == 0 && i < list.n; i++)
		r = read_one(dir, list.items[i], key, &value, &included, err);
	if (r == 0)
		r = read_one(dir, CONF_FILE, key, &value, &included, err);
	if (r < 0)
		return error_prefix(err, "%s", root), r;
	*ret = value;
	*ret_included = TAKE_PTR(included);
	return 0;
}
