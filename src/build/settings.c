/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/settings.h"
#include "base/fs.h"

#include <ctype.h>
#include <errno.h>

#define CONFIG_MAX   (16u << 20)
#define SETTINGS_MAX 200000u /* a kernel has 20,000 options */
#define NAME_MAX_BYTES 200u

void settings_done(struct settings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->list[i].name);
		free(s->list[i].value);
	}
	for (size_t i = 0; i < s->n_askers; i++)
		free(s->askers[i].name);
	free(s->list);
	free(s->askers);
	free(s->hash);
	*s = (struct settings){ 0 };
}

void settings_asker(struct settings *s, enum asker kind, const char *name)
{
	ARRAY_GROW(s->askers, s->n_askers);
	s->askers[s->n_askers++] = (struct asked_by){ .kind = kind, .name = xstrdup(name) };
}

/* FNV-1a, over an open table that is at most half full. */
static size_t slot_of(const struct settings *s, const char *name)
{
	size_t h = 14695981039346656037u;

	for (const char *p = name; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	for (h %= s->room; s->hash[h]; h = (h + 1) % s->room)
		if (streq(s->list[s->hash[h] - 1].name, name))
			break;
	return h;
}

static void rehash(struct settings *s)
{
	free(s->hash);
	s->room = s->room ? 2 * s->room : 1024;
	s->hash = xcalloc(s->room, sizeof(*s->hash));
	for (size_t i = 0; i < s->n; i++)
		s->hash[slot_of(s, s->list[i].name)] = i + 1;
}

const struct setting *settings_find(const struct settings *s, const char *name)
{
	size_t i = s->room ? s->hash[slot_of(s, name)] : 0;

	return i ? &s->list[i - 1] : NULL;
}

void settings_put(struct settings *s, const char *name, const char *value)
{
	struct setting *set = (struct setting *)settings_find(s, name);

	if (!set) {
		if (2 * (s->n + 1) > s->room)
			rehash(s);
		ARRAY_GROW(s->list, s->n);
		s->hash[slot_of(s, name)] = s->n + 1;
		set = &s->list[s->n++];
		*set = (struct setting){ .name = xstrdup(name) };
	}
	free(set->value);
	set->value = xstrdup(value);
	set->asker = s->n_askers - 1;
	set->when = s->count++;
}

static bool name_ok(const char *name)
{
	size_t n = strlen(name);

	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			return false;
	return n > 0 && n <= NAME_MAX_BYTES;
}

/* y, m, n, a number, or a text in quotes with nothing behind it. */
static bool value_ok(const char *value)
{
	size_t n = strlen(value);

	if (streq(value, "y") || streq(value, "m") || streq(value, "n"))
		return true;
	if (*value == '"') {
		for (size_t i = 1; i < n; i++) {
			if (value[i] == '\\')
				i++;
			else if (value[i] == '"')
				return i + 1 == n;
		}
		return false;
	}
	if (*value == '-')
		value++;
	if (startswith(value, "0x") || startswith(value, "0X"))
		value += 2;
	for (const char *p = value; *p; p++)
		if (!isxdigit((unsigned char)*p))
			return false;
	return *value != '\0';
}

int settings_parse_word(struct settings *s, const char *word, const char *file, struct error *err)
{
	const char *equals = strchr(word, '='), *start = startswith(word, "CONFIG_") ?: word;
	_cleanup_(freep) char *name = NULL;

	name = equals && equals > start ? xstrndup(start, (size_t)(equals - start)) : NULL;
	if (!name || !name_ok(name) || !value_ok(equals + 1))
		return error_set(err, EBADMSG, "%s: '%.80s' is no setting; expected OPTION=y, =m, =n, a number or \"text\"",
				 file, word);
	if (s->n >= SETTINGS_MAX)
		return error_set(err, E2BIG, "%s: more than %u options are set", file, SETTINGS_MAX);
	settings_put(s, name, equals + 1);
	return 0;
}

/* "# CONFIG_X is not set" is a setting; other comments are not. */
static int parse_comment(struct settings *s, const char *line)
{
	const char *start = startswith(line, "# CONFIG_");
	size_t n = start ? strcspn(start, " ") : 0;
	_cleanup_(freep) char *name = NULL;

	if (!start || !streq(start + n, " is not set"))
		return 0;
	name = xstrndup(start, n);
	if (name_ok(name) && s->n < SETTINGS_MAX)
		settings_put(s, name, "n");
	return 0;
}

static int parse_line(struct settings *s, char *line, const char *file, unsigned number, struct error *err)
{
	size_t n = strlen(line);
	_cleanup_(freep) char *place = NULL;

	while (n > 0 && isspace((unsigned char)line[n - 1]))
		line[--n] = '\0';
	if (n == 0)
		return 0;
	if (*line == '#')
		return parse_comment(s, line);
	place = xasprintf("%s:%u", file, number);
	if (!startswith(line, "CONFIG_"))
		return error_set(err, EBADMSG, "%s: '%.60s' is no line of a config; expected CONFIG_OPTION=value", place,
				 line);
	return settings_parse_word(s, line, place, err);
}

int settings_parse(struct settings *s, const char *text, const char *file, struct error *err)
{
	unsigned number = 0;

	while (*text) {
		size_t n = strcspn(text, "\n");
		_cleanup_(freep) char *line = xstrndup(text, n);
		int r = parse_line(s, line, file, ++number, err);

		if (r < 0)
			return r;
		text += n + (text[n] == '\n');
	}
	return 0;
}

int settings_read(struct settings *s, const char *file, struct error *err)
{
	_cleanup_(freep) char *text = NULL;
	int r = fs_read(file, CONFIG_MAX, &text, NULL, err);

	settings_asker(s, ASKER_BASE, file);
	return r == 0 ? settings_parse(s, text, file, err) : r;
}

static int by_time(const void *a, const void *b)
{
	const struct setting *const *x = a, *const *y = b;

	return (*x)->when < (*y)->when ? -1 : (*x)->when > (*y)->when;
}

void settings_text(const struct settings *s, struct buf *ret)
{
	_cleanup_(freep) const struct setting **order = xcalloc(s->n, sizeof(*order));

	buf_add(ret, "", 0);
	for (size_t i = 0; i < s->n; i++)
		order[i] = &s->list[i];
	qsort(order, s->n, sizeof(*order), by_time);
	for (size_t i = 0; i < s->n; i++) {
		const struct setting *set = order[i];

		if (streq(set->value, "n"))
			buf_addf(ret, "# CONFIG_%s is not set\n", set->name);
		else
			buf_addf(ret, "CONFIG_%s=%s\n", set->name, set->value);
	}
}

char *settings_asker_words(const struct settings *s, size_t asker)
{
	static const char *const words[] = {
		[ASKER_BASE] = "base config ", [ASKER_SHIM] = "shim ", [ASKER_POLICY] = "policy ",
		[ASKER_FRAGMENT] = "fragment ", [ASKER_BUILD] = "",
	};

	return xasprintf("%s%s", words[s->askers[asker].kind], s->askers[asker].name);
}
