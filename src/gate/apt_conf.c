/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate/apt_conf.h"

#include <strings.h>

#include "gate/apt_files.h"

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
	/* No key of ours lies deeper. */
	if (c->depth++ >= DEPTH_MAX)
		return;
	c->ends[c->depth - 1] = c->scope.len;
	buf_addf(&c->scope, "%s::", tag);
}

static void close_scope(struct conf *c)
{
	c->at++;
	if (c->depth == 0 || --c->depth >= DEPTH_MAX)
		return;
	c->scope.len = c->ends[c->depth];
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

struct asked {
	const char *key;
	bool value;
	char *included;
};

static void take_file(void *ctx, const char *path, const char *text)
{
	struct asked *a = ctx;

	if (apt_conf_text(text, a->key, &a->value) && !a->included)
		a->included = xstrdup(path);
}

int apt_conf_bool(const char *root, const char *key, bool *ret, char **ret_included, struct error *err)
{
	static const char *const order[] = { "apt.conf.d", "apt.conf", NULL };
	struct asked a = { .key = key, .value = *ret };
	int r = apt_files_read(root, order, "conf", take_file, &a, err);

	if (r < 0) {
		free(a.included);
		return r;
	}
	*ret = a.value;
	*ret_included = a.included;
	return 0;
}
