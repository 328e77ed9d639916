/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <time.h>

#define MAX_OPTIONS 64

void complain(const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list args;
	char *c;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	for (c = text; c && *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	fprintf(stderr, "hvcompat: %s\n", text ? text : "out of memory");
}

enum exit_status usage_error(const struct options *o, const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	complain("%s", text ? text : "out of memory");
	fprintf(stderr, "Try 'hvcompat %s%s--help'.\n", o->verb ? o->verb : "", o->verb ? " " : "");
	return EXIT_USAGE;
}

const struct option_def **verb_options(const struct verb *v, const struct option_def *into[4])
{
	size_t n = 0;

	if (v->options)
		into[n++] = v->options;
	if (v->kernels)
		into[n++] = kernel_options;
	into[n++] = common_options;
	into[n] = NULL;
	return into;
}

/* Ours as getopt_long() wants them: `val` is 256 + the index into `ret_defs`. */
static void make_tables(const struct verb *v, struct option longs[], char shorts[], const struct option_def *ret_defs[])
{
	const struct option_def *tables[4], *def;
	size_t n = 0, i;

	*shorts++ = ':';
	verb_options(v, tables);
	for (i = 0; tables[i]; i++)
		for (def = tables[i]; def->name && n < MAX_OPTIONS; def++) {
			longs[n] = (struct option){ def->name, def->arg ? required_argument : no_argument, NULL,
						    256 + (int)n };
			ret_defs[n++] = def;
			if (!def->letter)
				continue;
			*shorts++ = def->letter;
			if (def->arg)
				*shorts++ = ':';
		}
	longs[n] = (struct option){ 0 };
	ret_defs[n] = NULL;
	*shorts = '\0';
}

static const struct option_def *def_of(const struct option_def *const defs[], int c)
{
	size_t i;

	if (c >= 256)
		return defs[c - 256];
	for (i = 0; defs[i]; i++)
		if (c && defs[i]->letter == c)
			return defs[i];
	return NULL;
}

static void set_defaults(struct options *o, const char *verb)
{
	time_t now = time(NULL);
	struct tm tm;

	*o = (struct options){ .verb = verb, .depth = DEPTH_NORMAL };
	strftime(o->today_text, sizeof(o->today_text), "%Y-%m-%d", gmtime_r(&now, &tm));
	o->today = o->today_text;
}

enum exit_status options_parse(struct options *o, const struct verb *v, int argc, char **argv)
{
	const struct option_def *defs[MAX_OPTIONS + 1], *def;
	struct option longs[MAX_OPTIONS + 1];
	char shorts[2 * MAX_OPTIONS + 2];
	int c;

	set_defaults(o, v->name);
	make_tables(v, longs, shorts, defs);
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) >= 0) {
		if (c == ':')
			return usage_error(o, "option '%s' needs an argument", argv[optind - 1]);
		def = def_of(defs, c);
		if (!def && optopt > 0 && optopt < 256)
			return usage_error(o, "unknown option '-%c'", optopt);
		if (!def)
			return usage_error(o, "unknown or malformed option '%s'", argv[optind - 1]);
		if (def->apply(o, optarg) < 0)
			return usage_error(o, "option '--%s' cannot be '%s': %s", def->name, optarg ? optarg : "",
					   def->help);
	}
	o->args = argv + optind;
	o->n_args = (size_t)(argc - optind);
	return EXIT_OK;
}

void options_done(struct options *o)
{
	free(o->on);
	free(o->policy_dirs);
}
