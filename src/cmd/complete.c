/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/options.h"

#include <ctype.h>

void complete_verbs(const struct verb *verbs, size_t n, FILE *out)
{
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s\t%s\n", verbs[i].name, verbs[i].line);
}

void complete_options(const struct verb *v, FILE *out)
{
	const struct option_def *tables[4];

	verb_options(v, tables);
	for (size_t i = 0; tables[i]; i++)
		for (const struct option_def *def = tables[i]; def->name; def++)
			fprintf(out, "--%s%s\t%s\t%s\t%s%c\n", def->name, def->arg ? "=" : "", def->help,
				def->values ? def->values : "", def->letter ? "-" : "", def->letter ? def->letter : ' ');
}

static size_t word_length(const char *s)
{
	size_t n = 0;

	while (islower((unsigned char)s[n]) || (n && s[n] == '-'))
		n++;
	return n;
}

/* Each alternative that begins with a word of its own: "lint [FILE…] | show", "list|clear". */
static void print_alternatives(const char *s, size_t n, FILE *out)
{
	bool first = true;
	int depth = 0;

	for (size_t i = 0; i < n; i++) {
		size_t length = first ? word_length(s + i) : 0;

		depth += (s[i] == '[') - (s[i] == ']');
		if (length) {
			fprintf(out, "%.*s\n", (int)length, s + i);
			i += length - 1;
		}
		first = (s[i] == '|' && depth == 0) || (first && s[i] == ' ');
	}
}

/* What is in the brackets behind the word; NULL: there are none. */
static const char *choices_of(const char *synopsis, const char *word, size_t *ret_n)
{
	for (const char *s = synopsis, *rest, *end; (s = strstr(s, word)); s++) {
		rest = startswith(s + strlen(word), " [");
		end = rest ? strchr(rest, ']') : NULL;
		if (!end || (s > synopsis && s[-1] != ' '))
			continue;
		*ret_n = (size_t)(end - rest);
		return rest;
	}
	return NULL;
}

void complete_words(const struct verb *v, const char *word, FILE *out)
{
	const char *from = v->synopsis;
	size_t n = strlen(from);

	if (word && *word)
		from = choices_of(v->synopsis, word, &n);
	if (from)
		print_alternatives(from, n, out);
}
