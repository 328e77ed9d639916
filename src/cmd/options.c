/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/options.h"
#include "report/text.h"

#include <getopt.h>
#include <stdarg.h>
#include <time.h>

#define OPTIONS_MAX 32   /* of one verb, all tables together: a bound on our own tables, not on input */
#define LONG_BASE   1000 /* getopt's value of the i-th option: clear of all letters */

static void complain_list(const char *fmt, va_list args)
{
	_cleanup_(freep) char *s = NULL, *clean = NULL;

	s = xvasprintf(fmt, args);
	clean = text_clean(s);
	fprintf(stderr, "hvcompat: %s\n", clean);
}

void complain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain_list(fmt, args);
	va_end(args);
}

enum exit_status usage_error(const struct options *o, const char *fmt, ...)
{
	const char *verb = o && o->verb ? o->verb : NULL;
	va_list args;

	va_start(args, fmt);
	complain_list(fmt, args);
	va_end(args);
	fprintf(stderr, "Try 'hvcompat %s%s--help'.\n", verb ? verb : "", verb ? " " : "");
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

/* The tables of a verb as getopt_long() wants them. */
struct getopt_tables {
	const struct option_def *defs[OPTIONS_MAX];
	struct option longs[OPTIONS_MAX + 1];
	char letters[2 * OPTIONS_MAX + 2];
	size_t n;
};

static void tables_add(struct getopt_tables *g, const struct option_def *def)
{
	size_t n = strlen(g->letters);

	if (g->n == OPTIONS_MAX)
		return;
	g->defs[g->n] = def;
	g->longs[g->n] = (struct option){
		.name = def->name,
		.has_arg = def->arg ? required_argument : no_argument,
		.val = LONG_BASE + (int)g->n,
	};
	g->n++;
	if (def->letter)
		snprintf(g->letters + n, sizeof(g->letters) - n, "%c%s", def->letter, def->arg ? ":" : "");
}

/* The leading ':' makes getopt_long() tell a missing argument from an unknown option, and print neither. */
static void tables_fill(struct getopt_tables *g, const struct verb *v)
{
	const struct option_def *tables[4];

	*g = (struct getopt_tables){ .letters = ":" };
	verb_options(v, tables);
	for (size_t i = 0; tables[i]; i++)
		for (const struct option_def *def = tables[i]; def->name; def++)
			tables_add(g, def);
}

static const struct option_def *tables_find(const struct getopt_tables *g, int value)
{
	for (size_t i = 0; i < g->n; i++)
		if (value == LONG_BASE + (int)i || (value != 0 && value == g->defs[i]->letter))
			return g->defs[i];
	return NULL;
}

static enum exit_status refuse(const struct options *o, const struct getopt_tables *g, int value, char **argv)
{
	const struct option_def *def = optopt ? tables_find(g, optopt) : NULL;

	if (value == ':' && def)
		return usage_error(o, "option '--%s' needs an argument: %s", def->name, def->arg);
	if (def && optopt >= LONG_BASE)
		return usage_error(o, "option '--%s' takes no argument", def->name);
	if (optopt > 0 && optopt < LONG_BASE)
		return usage_error(o, "there is no option '-%c'", optopt);
	return usage_error(o, "there is no option '%s'", argv[optind - 1]);
}

/*
 * getopt_long() takes a beginning for the whole, but a script that says "--policy" must not mean
 * "--policy-dir" with one verb, or something else with the next version. Returns the first long option that
 * is none as it stands, or NULL.
 */
static const char *abbreviated(const struct getopt_tables *g, int argc, char **argv)
{
	for (int i = 1; i < argc && !streq(argv[i], "--"); i++) {
		const char *name = startswith(argv[i], "--");
		size_t n = name ? strcspn(name, "=") : 0, j = 0;

		while (name && j < g->n && (strncmp(name, g->defs[j]->name, n) != 0 || g->defs[j]->name[n]))
			j++;
		if (name && j == g->n)
			return argv[i];
	}
	return NULL;
}

/* The day in UTC, so that a waiver expires at the same time wherever it is asked. */
static void set_today(struct options *o)
{
	time_t now = time(NULL);
	struct tm tm;

	if (o->today)
		return;
	strftime(o->today_text, sizeof(o->today_text), "%Y-%m-%d", gmtime_r(&now, &tm));
	o->today = o->today_text;
}

enum exit_status options_parse(struct options *o, const struct verb *v, int argc, char **argv)
{
	struct getopt_tables g;
	const char *unknown;
	int value;

	*o = (struct options){ .verb = v->name, .depth = DEPTH_NORMAL };
	tables_fill(&g, v);
	unknown = abbreviated(&g, argc, argv);
	if (unknown)
		return usage_error(o, "there is no option '%s'", unknown);
	opterr = 0;
	optind = 0; /* also forgets what getopt_long() kept of an earlier call */
	while ((value = getopt_long(argc, argv, g.letters, g.longs, NULL)) != -1) {
		const struct option_def *def = value == '?' || value == ':' ? NULL : tables_find(&g, value);

		if (!def)
			return refuse(o, &g, value, argv);
		if (def->apply(o, optarg) < 0)
			return usage_error(o, "option '--%s' cannot be '%s': %s", def->name, optarg,
					   def->help);
	}
	o->args = argv + optind;
	o->n_args = (size_t)(argc - optind);
	set_today(o);
	if (o->quiet && o->verbose)
		return usage_error(o, "--quiet and --verbose exclude each other");
	return EXIT_OK;
}

void options_done(struct options *o)
{
	free(o->on);
	free(o->policy_dirs);
	free(o->shim_dirs);
	free(o->repos);
	free(o->keyrings);
	free(o->pools);
	free(o->with);
	*o = (struct options){ 0 };
}
