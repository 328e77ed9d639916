// SPDX-License-Identifier: GPL-2.0-or-later
/* Loads the drivers of the devices that there are, as /modules/index says, until no more are asked for. */
#include "probes.h"
#include "record.h"

#define NULL ((char *)0)
#define ROUNDS 20
#define PAUSE 200
#define QUIET 5 /* rounds without anything new: late devices take about a second */

static char list[1 << 19]; /* lines "m NAME DEPENDS" and "a PATTERN NAME" */
static long loaded, fresh;

static int in_set(const char **pattern, char c)
{
	const char *p = *pattern;
	int hit = 0;

	for (; *p && *p != ']'; p++) {
		if (p[1] == '-' && p[2] && p[2] != ']') {
			hit |= c >= p[0] && c <= p[2];
			p += 2;
		} else {
			hit |= c == *p;
		}
	}
	*pattern = *p ? p + 1 : p;
	return hit;
}

/* As a shell matches, for *, ? and [a-z]; the pattern ends at a blank. */
static int matches(const char *pattern, const char *text)
{
	for (; *pattern && *pattern != ' '; text++) {
		char c = *pattern++;

		if (c == '*') {
			for (; *text; text++)
				if (matches(pattern, text))
					return 1;
			return matches(pattern, text) || !*pattern || *pattern == ' ';
		}
		if (!*text || (c == '[' ? !in_set(&pattern, *text) : c != '?' && c != *text))
			return 0;
	}
	return !*text;
}

static char *end_of(char *word)
{
	while (*word && *word != ' ' && *word != ',' && *word != '\n')
		word++;
	return word;
}

static int same_word(const char *a, const char *a_end, const char *b, const char *b_end)
{
	for (; a < a_end && b < b_end; a++, b++)
		if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
			return 0;
	return a == a_end && b == b_end;
}

static char *next_line(char *line)
{
	while (*line && *line != '\n')
		line++;
	return *line ? line + 1 : line;
}

static void insert(const char *name, const char *end)
{
	static char path[300], word[260];
	long fd, result;
	unsigned n = 0, m = 0;

	for (const char *p = "/modules/"; *p; p++)
		path[n++] = *p;
	for (; name < end && m < sizeof(word) - 1; name++)
		path[n++] = word[m++] = *name;
	word[m] = '\0';
	for (const char *p = ".ko"; *p; p++)
		path[n++] = *p;
	path[n] = '\0';
	fd = sys_open(path, 0);
	result = fd < 0 ? fd : SYS(finit_module, fd, "", 0, 0, 0);
	SYS(close, fd, 0, 0, 0, 0);
	record("module", word, outcome(result), NULL);
	loaded++;
	fresh++;
}

/* What it depends on goes first. A line that was done is marked, so that circles end. */
static void load(const char *name, const char *end)
{
	for (char *line = list; *line; line = next_line(line)) {
		char *own = line + 2, *word = end_of(own);

		if (line[0] != 'm' || !same_word(name, end, own, word))
			continue;
		line[0] = 'M';
		while (*word == ' ' || *word == ',') {
			char *from = word + 1;

			word = end_of(from);
			if (word > from)
				load(from, word);
		}
		insert(own, end_of(own));
		return;
	}
}

static void serve(const char *alias)
{
	for (char *line = list; *line; line = next_line(line)) {
		char *pattern = line + 2, *name = end_of(pattern);

		while (*name == ',') /* aliases may have commas */
			name = end_of(name + 1);
		if (line[0] == 'a' && *name == ' ' && matches(pattern, alias))
			load(name + 1, end_of(name + 1));
	}
}

struct entry {
	unsigned long long inode, offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

/* Below `path`: each bus, its devices, and the alias of each. */
static void walk(const char *path, int depth)
{
	static char bytes[2][16384] __attribute__((aligned(8)));
	char below[512];
	long fd = sys_open(path, 0), n;

	while (fd >= 0 && (n = SYS(getdents64, fd, bytes[depth], sizeof(bytes[0]), 0, 0)) > 0) {
		for (long at = 0; at < n;) {
			struct entry *e = (struct entry *)(bytes[depth] + at);
			const char *parts[] = {path, "/", e->name, depth ? "/modalias" : "/devices"};
			unsigned length = 0;
			const char *alias;

			at += e->length;
			for (unsigned i = 0; i < 4; i++)
				for (const char *p = parts[i]; *p && length < sizeof(below) - 1; p++)
					below[length++] = *p;
			below[length] = '\0';
			if (e->name[0] == '.')
				continue;
			if (!depth)
				walk(below, 1);
			else if ((alias = first_line(below)) && *alias)
				serve(alias);
		}
	}
	if (fd >= 0)
		SYS(close, fd, 0, 0, 0, 0);
}

void probe_drivers(void)
{
	if (!slurp("/modules/index", list, sizeof(list)))
		return;
	for (int round = 0, idle = 0; round < ROUNDS && idle < QUIET; round++) {
		fresh = 0;
		walk("/sys/bus", 0);
		idle = fresh ? 0 : idle + 1;
		sleep_ms(PAUSE);
	}
	record("modules", number(loaded), NULL);
}
