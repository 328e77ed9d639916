/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate/apt_pins.h"

#include <fnmatch.h>
#include <strings.h>

#include "gate/apt_files.h"

#define FIELD "Package:"
#define BLANKS " \t\r"

struct sought {
	const struct strings *names;
	char *found;
};

/* More stars than anybody writes take fnmatch() an age. */
#define STARS_MAX 4

static bool has_many_stars(const char *word)
{
	size_t n = 0;

	for (; *word; word++)
		n += *word == '*';
	return n > STARS_MAX;
}

/* A name, a pattern of glob(7), a regular expression between slashes, or src:SOURCE: of the last two, any may be meant. */
static bool may_mean(const struct sought *s, const char *word)
{
	if (*word == '/' || startswith(word, "src:") || has_many_stars(word))
		return true;
	for (size_t i = 0; i < s->names->n; i++)
		if (fnmatch(word, s->names->items[i], 0) == 0)
			return true;
	return false;
}

/* Whether the list of a record has one of them; takes the text. An architecture behind a name changes nothing of that. */
static bool pins(const struct sought *s, char *list)
{
	char *save = NULL;

	for (char *word = strtok_r(list, BLANKS, &save); word; word = strtok_r(NULL, BLANKS, &save)) {
		char *colon = startswith(word, "src:") ? NULL : strrchr(word, ':');

		if (colon)
			*colon = '\0';
		if (may_mean(s, word))
			return true;
	}
	return false;
}

static void take_file(void *ctx, const char *path, const char *text)
{
	_cleanup_(freep) char *copy = xstrdup(text);
	struct sought *s = ctx;
	bool in_field = false;
	char *save = NULL;

	if (s->found || endswith(path, "/hvcompat.pref"))
		return;
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (*line != ' ' && *line != '\t') {
			in_field = strncasecmp(line, FIELD, strlen(FIELD)) == 0;
			line += in_field ? strlen(FIELD) : 0;
		}
		if (in_field && pins(s, line)) {
			s->found = xstrdup(path);
			return;
		}
	}
}

int apt_pins_find(const char *root, const struct strings *names, char **ret, struct error *err)
{
	static const char *const places[] = { "preferences", "preferences.d", NULL };
	struct sought s = { .names = names };
	int r = apt_files_read(root, places, "pref", take_file, &s, err);

	if (r < 0) {
		free(s.found);
		return r;
	}
	*ret = s.found;
	return 0;
}
