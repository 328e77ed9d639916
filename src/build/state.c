/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/state.h"
#include "base/fs.h"

#include <errno.h>

#define HEAD	       "# hvcompat build, state 1\n"
#define STATE_MAX_BYTES (4u << 20)

static struct state_pair *find(const struct state *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (streq(s->pairs[i].key, key))
			return &s->pairs[i];
	return NULL;
}

static void put(struct state *s, const char *key, char *value)
{
	struct state_pair *p = find(s, key);

	if (!p) {
		ARRAY_GROW(s->pairs, s->n);
		p = &s->pairs[s->n++];
		*p = (struct state_pair){ .key = xstrdup(key) };
	}
	free(p->value);
	p->value = value;
}

int state_load(const char *file, struct state *ret, struct error *err)
{
	_cleanup_(freep) char *text = NULL;
	char *line, *next;
	int r;

	*ret = (struct state){ .file = xstrdup(file) };
	r = fs_read_if_there(file, STATE_MAX_BYTES, &text, NULL, err);
	if (r < 0 || !text)
		return r;
	if (!startswith(text, HEAD))
		return error_set(err, EBADMSG, "%s: was not written by this version of hvcompat; remove the directory that it is in",
				 file);
	for (line = text + strlen(HEAD); line && *line; line = next) {
		char *space;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		space = strchr(line, ' ');
		if (!space || !next)
			return error_set(err, EBADMSG, "%s: the line '%.40s' is cut; remove the directory that it is in",
					 file, line);
		*space = '\0';
		put(ret, line, xstrdup(space + 1));
	}
	return 0;
}

void state_done(struct state *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->pairs[i].key);
		free(s->pairs[i].value);
	}
	free(s->pairs);
	free(s->file);
	*s = (struct state){ 0 };
}

const char *state_get(const struct state *s, const char *key)
{
	const struct state_pair *p = find(s, key);

	return p ? p->value : NULL;
}

static char *one_line(const char *value)
{
	char *copy = xstrdup(value);

	for (char *p = copy; *p; p++)
		if (*p == '\n')
			*p = ' ';
	return copy;
}

int state_set(struct state *s, const char *key, const char *value, struct error *err)
{
	_cleanup_(buf_done) struct buf b = { 0 };

	put(s, key, value ? one_line(value) : NULL);
	buf_addf(&b, HEAD);
	for (size_t i = 0; i < s->n; i++)
		if (s->pairs[i].value)
			buf_addf(&b, "%s %s\n", s->pairs[i].key, s->pairs[i].value);
	return fs_write(s->file, b.text, b.len, err);
}
