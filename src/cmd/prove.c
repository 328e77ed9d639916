/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "cmd/dirs.h"
#include "cmd/output.h"
#include "cmd/prove_report.h"
#include "cmd/verbs.h"
#include "prove/agree.h"
#include "report/text.h"

static int apply_records(struct options *o, const char *arg)
{
	o->records = arg;
	return *arg ? 0 : -EINVAL;
}

static int apply_with(struct options *o, const char *arg)
{
	o->with = xreallocarray(o->with, o->n_with + 2, sizeof(*o->with));
	o->with[o->n_with++] = arg;
	o->with[o->n_with] = NULL;
	return 0;
}

static int apply_runner(struct options *o, const char *arg)
{
	o->runner = arg;
	return *arg ? 0 : -EINVAL;
}

static int apply_timeout(struct options *o, const char *arg)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (arg[0] < '0' || arg[0] > '9' || *end || n < 1 || n > 86400)
		return -EINVAL;
	o->seconds = (unsigned)n;
	return 0;
}

static int apply_kvm(struct options *o, const char *arg)
{
	(void)arg;
	o->kvm = true;
	return 0;
}

static int apply_again(struct options *o, const char *arg)
{
	(void)arg;
	o->resume_records = true;
	return 0;
}

static int apply_list(struct options *o, const char *arg)
{
	(void)arg;
	o->list = true;
	return 0;
}

const struct option_def prove_options[] = {
	{ "on", 0, "WHERE", "a recipe, a hypervisor (HOST[:VERSIONS][/MODE]), or all; may be given several times", apply_on },
	{ "records", 0, "DIR", "keep a record of each boot there", apply_records, "DIR" },
	{ "resume", 0, NULL, "take boots that are recorded there instead of booting again", apply_again },
	{ "with", 0, "DIR", "packages of hypervisors that recipes need; may be given several times", apply_with, "DIR" },
	{ "runner", 0, "COMMAND", "what starts the guests of recipes that a site runs", apply_runner, "FILE" },
	{ "timeout", 0, "SECONDS", "give up a boot after that long, whatever its recipe says", apply_timeout },
	{ "kvm", 0, NULL, "let programs use KVM; unless given, all is done in software", apply_kvm },
	{ "list", 0, NULL, "list the recipes", apply_list },
	{ NULL },
};

/* --- which recipes ----------------------------------------------------------------------------- */

/* One --on. */
struct aim {
	const char *word;
	bool all;
	const struct recipe *recipe;
	struct selection place;
};

struct aims {
	struct aim *list;
	size_t n;
};

static void aims_done(struct aims *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->list[i].place.host)
			selection_done(&a->list[i].place);
	free(a->list);
}

static enum exit_status parse_aims(const struct session *s, const struct recipe_list *recipes, struct aims *ret)
{
	const struct options *o = s->options;

	ret->list = xcalloc(o->n_on, sizeof(*ret->list));
	for (size_t i = 0; i < o->n_on; i++) {
		struct aim *a = &ret->list[ret->n++];
		struct error err = { 0 };

		a->word = o->on[i];
		a->all = streq(o->on[i], "all");
		a->recipe = recipe_find(recipes, o->on[i]);
		if (!a->all && !a->recipe && selection_parse(s->knowledge, o->on[i], &a->place, &err) < 0)
			return usage_error(o, "--on %s: is no recipe (--list tells which there are), and as a place: %s", o->on[i],
					   err.text);
	}
	return EXIT_OK;
}

static bool aimed_at(const struct aim *a, const struct recipe *r)
{
	return a->all || a->recipe == r || (!a->recipe && recipe_stands_for(r, &a->place));
}

/* Why a recipe cannot be tried with what was given; NULL: it can. Owned. */
static char *lacks(const struct options *o, const struct recipe *r)
{
	_cleanup_(freep) char *path = NULL;
	struct error err = { 0 };

	if (r->runner == RUNNER_SITE)
		return o->runner ? NULL : xstrdup("a site runs it: --runner names the command");
	if (r->files_count > 0 && o->n_with == 0)
		return xstrdup("it needs packages of its hypervisor: --with names their directory");
	return prove_find_program(r, &path, &err) < 0 ? xstrdup(err.text) : NULL;
}

static void skip(struct proof *p, const struct recipe *r, char *why)
{
	ARRAY_GROW(p->skipped, p->n_skipped);
	p->skipped[p->n_skipped++] = (struct skipped){ r, why };
}

/* A recipe that was named must be tried; of the others those that can be. */
static enum exit_status choose(struct session *s, const struct recipe_list *recipes, const struct aims *aims, struct proof *p,
			       const struct recipe **chosen, size_t *ret_n)
{
	const char *arch = p->look->facts->arch, *label = kernel_label(p->look->kernel);
	size_t n = 0;

	for (size_t i = 0; i < recipes->count; i++) {
		const struct recipe *r = recipes->recipes[i];
		bool aimed = false, named = false;
		char *why;

		for (size_t j = 0; j < aims->n; j++) {
			aimed |= aimed_at(&aims->list[j], r);
			named |= aims->list[j].recipe == r;
		}
		if (!aimed || (!named && !arch_listed(r->arch, r->arch_count, arch)))
			continue;
		if (!arch_listed(r->arch, r->arch_count, arch))
			return session_refuse(s, label, "is for %s, which recipe %s does not boot", arch, r->name);
		why = lacks(s->options, r);
		if (!why) {
			chosen[n++] = r;
		} else if (named) {
			enum exit_status status = session_refuse(s, label, "recipe %s: %s", r->name, why);

			free(why);
			return status;
		} else {
			skip(p, r, why);
		}
	}
	*ret_n = n;
	return n > 0 ? EXIT_OK
		     : session_refuse(s, label, "there is no recipe for it there that could be tried; --list tells which there are");
}

/* --- proving ----------------------------------------------------------------------------------- */

static void say_progress(void *ctx, size_t ended, size_t all, const struct recipe *r, const struct record *record)
{
	(void)ctx;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%zu of %zu boots ended; %s: %s", ended, all, r->name,
			record ? outcome_name(record->outcome) : "began");
}

static void progress_over(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

static bool tried_again(const struct proven_list *list, size_t i)
{
	for (size_t j = i + 1; j < list->count; j++)
		if (list->proven[j].recipe == list->proven[i].recipe)
			return true;
	return false;
}

static enum exit_status status_of(const struct proof *p)
{
	enum exit_status status = EXIT_OK;

	for (size_t i = 0; i < p->proven.count; i++) {
		const struct proven *one = &p->proven.proven[i];
		enum outcome o = one->record->outcome;

		if (o == OUTCOME_SILENT && tried_again(&p->proven, i))
			continue;
		status = status_worse(status, o == OUTCOME_BOOTED   ? EXIT_OK
					      : o == OUTCOME_SILENT ? EXIT_UNDECIDED
					      : o == OUTCOME_FAILED ? EXIT_FAILED
								    : EXIT_BLOCKED);
		if (proven_agrees(one, p->look->support) == AGREEMENT_NO)
			status = status_worse(status, EXIT_BLOCKED);
	}
	return status;
}

static int find_inits(const char *arch, char **init, char **init32, struct error *err)
{
	struct error none = { 0 };
	int r = arch ? init_find(arch, init, err) : error_set(err, ENODATA, "nothing tells its architecture");

	/* A 64-bit kernel of that machine may run 32-bit programs; without ours for these it is not asked. */
	if (r == 0 && streq(arch, "x86_64") && init_find("i686", init32, &none) < 0)
		*init32 = NULL;
	return r;
}

static enum exit_status prove_kernel(struct session *s, const struct recipe_list *recipes, const struct recipe *const *chosen,
				     size_t n, struct proof *p)
{
	const struct options *o = s->options;
	_cleanup_(freep) char *init = NULL, *init32 = NULL;
	struct prove_options options = {
		.assemble = { .with = o->with, .runner = o->runner, .kvm = o->kvm },
		.all = recipes,
		.knowledge = s->knowledge,
		.records = o->records,
		.resume = o->resume_records,
		.seconds = o->seconds,
		.jobs = o->jobs ? o->jobs : (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
		.progress = say_progress,
	};
	char digest[65];
	struct error err = { 0 };
	int r = kernel_digest(p->look->kernel, p->look->facts, &err);

	if (r == 0 && !record_kernel_digest(p->look->facts, digest))
		r = error_set(&err, EISDIR, "records are kept by the digest of packages: name these, not a directory");
	if (r == 0)
		r = find_inits(p->look->facts->arch, &init, &init32, &err);
	options.init = init;
	options.init32 = init32;
	if (r == 0)
		r = prove(p->look->kernel, p->look->facts, chosen, n, &options, &p->proven, &err);
	progress_over();
	return r < 0 ? session_refuse(s, kernel_label(p->look->kernel), "%s", err.text) : status_of(p);
}

/* What must be read to hold the boots against it. */
static bool *wanted_by(const struct session *s, const struct recipe_list *recipes, const struct aims *aims)
{
	bool *wanted = xcalloc(s->knowledge->wants.count, sizeof(bool));
	struct selection *places = NULL; /* borrowed from the recipes */
	size_t n = 0;

	for (size_t i = 0; i < recipes->count; i++) {
		const struct recipe *r = recipes->recipes[i];
		bool aimed = false;

		for (size_t j = 0; j < aims->n; j++)
			aimed |= aimed_at(&aims->list[j], r);
		for (unsigned j = 0; aimed && j < r->claims_count; j++) {
			ARRAY_GROW(places, n);
			places[n++] = r->claims[j].selection;
		}
	}
	if (n > 0)
		selection_wants(s->knowledge, places, n, false, wanted);
	free(places);
	return wanted;
}

static enum exit_status look_and_prove(struct session *s, struct kernel *k, const struct recipe_list *recipes,
				       const struct aims *aims, struct proofs *proofs)
{
	_cleanup_(freep) bool *wanted = wanted_by(s, recipes, aims);
	_cleanup_(freep) const struct recipe **chosen = xcalloc(recipes->count + 1, sizeof(*chosen));
	struct proof *p = &proofs->proofs[proofs->count];
	struct look *look;
	size_t n = 0;
	enum exit_status status = session_look(s, k, wanted, DEPTH_DEEP, &look);

	if (status != EXIT_OK)
		return status;
	proofs->count++;
	p->look = look;
	status = choose(s, recipes, aims, p, chosen, &n);
	return status == EXIT_OK ? prove_kernel(s, recipes, chosen, n, p) : status;
}

static void proofs_done(struct proofs *p)
{
	for (size_t i = 0; i < p->count; i++) {
		proven_list_done(&p->proofs[i].proven);
		for (size_t j = 0; j < p->proofs[i].n_skipped; j++)
			free(p->proofs[i].skipped[j].why);
		free(p->proofs[i].skipped);
	}
	free(p->proofs);
}

static enum exit_status print_proofs(struct session *s, FILE *out, const void *what)
{
	const struct proofs *proofs = what;

	if (s->options->format == REPORT_JSON)
		proofs_json(s, proofs, out);
	else
		proofs_text(s, proofs, out);
	return proofs->exit;
}

static enum exit_status prove_all(struct session *s, const struct recipe_list *recipes, struct kernel_list *list)
{
	_cleanup_(proofs_done) struct proofs proofs = { .exit = EXIT_OK };
	_cleanup_(aims_done) struct aims aims = { 0 };
	enum exit_status status = parse_aims(s, recipes, &aims);

	if (status != EXIT_OK)
		return status;
	for (size_t i = 0; i < s->options->n_args; i++)
		proofs.exit = status_worse(proofs.exit, session_open(s, s->options->args[i], list));
	proofs.proofs = xcalloc(list->count + 1, sizeof(*proofs.proofs));
	for (size_t i = 0; i < list->count; i++)
		proofs.exit = status_worse(proofs.exit, look_and_prove(s, list->kernels[i], recipes, &aims, &proofs));
	return s->options->quiet ? proofs.exit : session_print_of(s, print_proofs, &proofs);
}

/* --- the list ---------------------------------------------------------------------------------- */

static void list_claims(const struct text *t, const struct recipe *r)
{
	for (unsigned i = 0; i < r->claims_count; i++) {
		const struct recipe_claim *c = &r->claims[i];
		_cleanup_(freep) char *ways = c->through_count ? strings_text(c->through, c->through_count) : NULL,
				      *modes = c->modes_count ? strings_text(c->modes, c->modes_count) : NULL;

		text_line(t, 6, INK_DIM, "%s%s%s%s%s%s%s", c->selection.host->name, c->versions ? " " : "", c->versions ? c->versions : "",
			  modes ? " as " : "", modes ? modes : "", ways ? " through " : "", ways ? ways : "");
	}
}

static enum exit_status print_list(struct session *s, FILE *out, const void *what)
{
	const struct recipe_list *recipes = what;
	struct text t = { .out = out, .columns = output_columns(s->options), .color = output_color(s->options) };

	for (size_t i = 0; i < recipes->count; i++) {
		const struct recipe *r = recipes->recipes[i];
		_cleanup_(freep) char *why = lacks(s->options, r);

		text_put(&t, INK_BOLD, r->name, 0);
		fputc('\n', out);
		text_line(&t, 4, INK_PLAIN, "%s", r->about);
		list_claims(&t, r);
		if (why)
			text_line(&t, 6, INK_WARN, "%s", why);
	}
	return EXIT_OK;
}

static void say_flaw(void *ctx, const char *line)
{
	(void)ctx;
	complain("%s", line);
}

enum exit_status run_prove(struct options *o)
{
	_cleanup_(kernel_list_done) struct kernel_list list = { 0 };
	_cleanup_(session_end) struct session s = { 0 };
	_cleanup_(recipe_list_freep) struct recipe_list *recipes = NULL;
	struct error err = { 0 };
	enum exit_status status;
	int r;

	if (o->format != REPORT_TEXT && o->format != REPORT_JSON)
		return usage_error(o, "prove reports as text or json");
	if (o->list && (o->n_args > 0 || o->n_on > 0 || o->format != REPORT_TEXT))
		return usage_error(o, "--list stands alone, and lists as text");
	if (!o->list && (o->n_args == 0 || o->n_on == 0))
		return usage_error(o, o->n_args == 0 ? "which kernel is to be booted?" : "--on is needed: where is it to be booted?");
	if (o->resume_records && !o->records)
		return usage_error(o, "--resume needs --records: from where?");
	status = session_begin(&s, o);
	if (status == EXIT_OK)
		status = session_knowledge(&s);
	if (status != EXIT_OK)
		return status;
	r = recipe_list_load((const char *const *)s.dirs, s.knowledge, say_flaw, NULL, &recipes, &err);
	/* Flaws were said as they were found, all of them. */
	if (r < 0 && r != -EINVAL)
		complain("%s", err.text);
	if (r < 0)
		return EXIT_FAILED;
	return o->list ? session_print_of(&s, print_list, recipes) : prove_all(&s, recipes, &list);
}
