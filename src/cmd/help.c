/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/options.h"
#include "report/text.h"

#define OPTION_COLUMN 24

static void help_option(const struct text *t, const struct option_def *def)
{
	_cleanup_(freep) char *left = NULL;
	char letter[8] = "    ";

	if (def->letter)
		snprintf(letter, sizeof(letter), "-%c, ", def->letter);
	left = xasprintf("  %s--%s%s%s", letter, def->name, def->arg ? " " : "", def->arg ? def->arg : "");
	text_put(t, INK_PLAIN, left, OPTION_COLUMN);
	if (text_width(left) >= OPTION_COLUMN)
		fprintf(t->out, "\n%*s", OPTION_COLUMN, "");
	text_wrap(t, OPTION_COLUMN, OPTION_COLUMN, INK_PLAIN, def->help);
}

void help_verb(const struct verb *v, FILE *out)
{
	struct text t = { .out = out, .columns = 80 };
	const struct option_def *tables[4];

	fprintf(out, "Usage: hvcompat %s ", v->name);
	text_wrap(&t, 16 + strlen(v->name) + 1, 16, INK_PLAIN, v->synopsis);
	fputc('\n', out);
	text_line(&t, 0, INK_PLAIN, "%s", v->about);
	fputs("\nOptions:\n", out);
	verb_options(v, tables);
	for (size_t i = 0; tables[i]; i++)
		for (const struct option_def *def = tables[i]; def->name; def++)
			help_option(&t, def);
	fputs("\nSee hvcompat(1).\n", out);
}

void help_all(const struct verb *verbs, size_t n, FILE *out)
{
	struct text t = { .out = out, .columns = 80 };

	fputs("Usage: hvcompat VERB [OPTION…] [ARGUMENT…]\n\n", out);
	text_line(&t, 0, INK_PLAIN,
		  "Tells on which hypervisors a packaged Linux kernel runs, and blocks an update that "
		  "would drop one.");
	fputs("\nVerbs:\n", out);
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "  %-9s ", verbs[i].name);
		text_wrap(&t, 12, 12, INK_PLAIN, verbs[i].line);
	}
	fputc('\n', out);
	text_line(&t, 0, INK_PLAIN,
		  "A KERNEL is a .deb, an .rpm, a directory, a kernel image, a config file, or a "
		  "comma-separated set of these that make up one kernel.");
	text_line(&t, 0, INK_PLAIN,
		  "Exit status: 0 supported or allowed, 1 not, 2 failed, 3 undecided, 64 wrong usage.");
	fputs("\n'hvcompat VERB --help' tells the options of a verb; hvcompat(1) tells all.\n", out);
}
