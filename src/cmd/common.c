/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/common.h"
#include "cmd/dirs.h"
#include "cmd/output.h"
#include "prove/agree.h"
#include "report/text.h"

#include <errno.h>
#include <stdarg.h>

enum exit_status status_worse(enum exit_status a, enum exit_status b)
{
	static const int ranks[] = {
		[EXIT_OK] = 0, [EXIT_UNDECIDED] = 1, [EXIT_BLOCKED] = 2, [EXIT_FAILED] = 3
	};

	return ranks[a] >= ranks[b] ? a : b;
}

enum exit_status status_of_decision(enum decision_result result)
{
	return result == DECISION_BLOCKED     ? EXIT_BLOCKED
	       : result == DECISION_UNDECIDED ? EXIT_UNDECIDED
					      : EXIT_OK;
}

static void *load(void *arg)
{
	struct session *s = arg;

	s->load_result =
		knowledge_load((const char *const *)s->dirs, NULL, NULL, &s->knowledge, &s->load_error);
	return NULL;
}

enum exit_status session_begin(struct session *s, const struct options *o)
{
	struct error err = { 0 };

	*s = (struct session){ .options = o, .boots = o->boots };
	if (dirs_find(o, &s->dirs, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

/* To fork while another thread holds the allocator's locks would leave them locked in the child. */
static void load_begin(void *ctx)
{
	struct session *s = ctx;

	if (s->loaded)
		return;
	s->loaded = true;
	s->loading = pthread_create(&s->thread, NULL, load, s) == 0;
	if (!s->loading)
		load(s);
}

static void load_join(struct session *s)
{
	if (s->loading)
		pthread_join(s->thread, NULL);
	s->loading = false;
}

enum exit_status session_knowledge(struct session *s)
{
	load_begin(s);
	load_join(s);
	if (s->load_result == 0)
		return EXIT_OK;
	complain("%s", s->load_error.text);
	return EXIT_FAILED;
}

static void look_free(struct look *l)
{
	support_free(l->support);
	record_list_done(&l->records);
	facts_free(l->facts);
	free(l);
}

void session_forget(struct session *s, size_t keep)
{
	while (s->n_looks > keep)
		look_free(s->looks[--s->n_looks]);
}

void session_end(struct session *s)
{
	load_join(s);
	for (size_t i = 0; i < ARRAY_SIZE(s->openings); i++)
		kernel_opening_free(s->openings[i].kernel);
	session_forget(s, 0);
	for (size_t i = 0; i < s->n_errors; i++) {
		free((char *)s->errors[i].kernel);
		free((char *)s->errors[i].message);
	}
	free(s->looks);
	free(s->errors);
	knowledge_free(s->knowledge);
	texts_free(s->dirs);
	*s = (struct session){ 0 };
}

/* The line above a report on a terminal that says what takes so long; gone when it is done. */
static void progress(const struct session *s, const char *doing, const char *what)
{
	_cleanup_(freep) char *clean = text_clean(what);

	if (!s->options->quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s%s%.60s", doing, *doing ? " " : "", clean);
}

static enum exit_status kernel_failed(struct session *s, const char *kernel, const struct error *err)
{
	bool named = strstr(err->text, path_base(kernel)) != NULL;
	char *message = xasprintf("%s%s%s", named ? "" : kernel, named ? "" : ": ", err->text);

	progress(s, "", "");
	complain("%s", message);
	ARRAY_GROW(s->errors, s->n_errors);
	s->errors[s->n_errors++] = (struct report_error){ .kernel = xstrdup(kernel), .message = message };
	return EXIT_FAILED;
}

enum exit_status session_refuse(struct session *s, const char *kernel, const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL;
	struct error err = { 0 };
	va_list args;

	va_start(args, fmt);
	text = xvasprintf(fmt, args);
	va_end(args);
	/* The whole name, also where the sentence names it again. */
	error_set(&err, EINVAL, "%s: %s", kernel, text);
	return kernel_failed(s, kernel, &err);
}

static struct kernel_options open_options(struct session *s)
{
	return (struct kernel_options){
		.threads = s->options->jobs,
		.verify = s->options->has_depth && s->options->depth == DEPTH_VERIFY,
		.boxed = true,
	};
}

void session_open_ahead(struct session *s)
{
	const struct options *o = s->options;
	struct kernel_options options = open_options(s);

	for (size_t i = 0; i < ARRAY_SIZE(s->openings) && i < o->n_args && o->jobs != 1; i++) {
		s->openings[i].arg = o->args[i];
		/* A failure is session_open()'s to meet again, and tell. */
		kernel_open_begin(o->args[i], &options, &s->openings[i].kernel, NULL);
	}
	load_begin(s);
}

static struct kernel_opening *take_opening(struct session *s, const char *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(s->openings); i++)
		if (arg && s->openings[i].arg == arg)
			return TAKE_PTR(s->openings[i].kernel);
	return NULL;
}

static int open_kernel(struct session *s, const char *arg, struct kernel_list *list, struct error *err)
{
	struct kernel_options options = open_options(s);
	struct kernel_opening *begun = take_opening(s, arg);

	if (begun)
		return kernel_open_end(begun, list, err);
	load_join(s);
	options.started = load_begin;
	options.ctx = s;
	return arg ? kernel_open(arg, &options, list, err) : kernel_open_running("/", &options, list, err);
}

enum exit_status session_open(struct session *s, const char *arg, struct kernel_list *list)
{
	struct error err = { 0 };
	int r;

	progress(s, "opening", arg ? path_base(arg) : "the running kernel");
	r = open_kernel(s, arg, list, &err);
	progress(s, "", "");
	if (r < 0)
		return kernel_failed(s, arg ? arg : "the running kernel", &err);
	return EXIT_OK;
}

enum exit_status session_open_one(struct session *s, const char *arg, struct kernel_list *list,
				  struct kernel **ret)
{
	size_t before = list->count;
	enum exit_status status = session_open(s, arg, list);

	if (status != EXIT_OK)
		return status;
	if (list->count != before + 1)
		return session_refuse(s, arg, "holds %zu kernels, and one is wanted here: name it by its files",
				      list->count - before);
	*ret = list->kernels[before];
	return EXIT_OK;
}

static int read_wanted(struct session *s, struct kernel *k, const bool *wanted, enum depth depth,
		       struct facts **ret, struct error *err)
{
	struct want_list subset;
	int r;

	if (!wanted)
		return kernel_read(k, &s->knowledge->wants, depth, ret, err);
	want_list_subset(&s->knowledge->wants, wanted, &subset);
	r = kernel_read(k, &subset, depth, ret, err);
	want_list_done(&subset);
	if (r == 0)
		facts_widen(*ret, &s->knowledge->wants, wanted);
	return r;
}

/* Each takes the memory of an image, which is most of what a run takes: two are enough to keep processors busy. */
#define READ_AT_ONCE 2

void session_look_ahead(struct session *s, struct kernel *const *kernels, size_t n, const bool *wanted,
			enum depth depth)
{
	struct want_list subset;

	if (n < 2 || s->options->jobs == 1 || sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return;
	if (wanted)
		want_list_subset(&s->knowledge->wants, wanted, &subset);
	for (size_t i = 0; i < n && i < READ_AT_ONCE; i++)
		kernel_read_ahead(kernels[i], wanted ? &subset : &s->knowledge->wants, depth);
	if (wanted)
		want_list_done(&subset);
}

/*
 * Costs a full read of every input, so it is done where the report names them, in all formats but text, and where they are the
 * key to something.
 */
static bool wants_digest(const struct session *s)
{
	const struct options *o = s->options;

	return s->boots || o->digest == DIGEST_YES || (o->digest == DIGEST_AUTO && o->format != REPORT_TEXT && !o->quiet);
}

/* The boots of exactly these packages. */
static int read_records(const struct session *s, const struct facts *facts, struct record_list *ret, struct error *err)
{
	char digest[65];

	if (!s->boots)
		return 0;
	if (!record_kernel_digest(facts, digest)) {
		if (s->some_unrecorded)
			return 0;
		return error_set(err, EINVAL,
				 "records of boots are kept by the digests of packages and images, and a directory has "
				 "none: name the files of the kernel, or leave out --records");
	}
	return record_load(s->boots, digest, ret, err);
}

enum exit_status session_look(struct session *s, struct kernel *k, const bool *wanted, enum depth depth,
			      struct look **ret)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	_cleanup_(record_list_done) struct record_list records = { 0 };
	struct error err = { 0 };
	struct look *look;
	int r;

	progress(s, "reading", kernel_label(k));
	r = read_wanted(s, k, wanted, depth, &facts, &err);
	if (r == 0 && wants_digest(s))
		r = kernel_digest(k, facts, &err);
	if (r == 0)
		r = read_records(s, facts, &records, &err);
	progress(s, "", "");
	if (r < 0)
		return kernel_failed(s, kernel_label(k), &err);
	look = xcalloc(1, sizeof(*look));
	look->kernel = k;
	look->support = support_judge(s->knowledge, facts);
	records_attest(&records, look->support);
	look->records = records;
	records = (struct record_list){ 0 };
	look->facts = TAKE_PTR(facts);
	ARRAY_GROW(s->looks, s->n_looks);
	s->looks[s->n_looks++] = look;
	if (ret)
		*ret = look;
	return EXIT_OK;
}

enum exit_status session_release(struct session *s, struct kernel *k, char **ret)
{
	struct error err = { 0 };
	int r = kernel_read_release(k, ret, &err);

	if (r == 0 && !*ret)
		r = error_set(&err, ENODATA,
			      "nothing tells its release, and so not which of the old kernels is the newest: give one, "
			      "or kernels that say it");
	return r < 0 ? kernel_failed(s, kernel_label(k), &err) : EXIT_OK;
}

enum exit_status session_comparable(struct session *s, const struct look *old_look, const struct look *new_look)
{
	const char *before = old_look->facts->arch, *after = new_look->facts->arch;

	if (!before || !after || streq(before, after))
		return EXIT_OK;
	return session_refuse(s, kernel_label(new_look->kernel),
			      "is for %s, and the old kernel %s for %s: that is no update; give kernels of one architecture",
			      after, kernel_label(old_look->kernel), before);
}

static void say_flaw(void *ctx, const char *line)
{
	(void)ctx;
	complain("%s", line);
}

enum exit_status session_policy(struct session *s, const char *name, struct policy **ret)
{
	struct error err = { 0 };
	int r = policy_load(s->knowledge, (const char *const *)s->dirs, name, say_flaw, NULL, ret, &err);

	if (r == 0)
		return EXIT_OK;
	/* Flaws were said as they were found, all of them. */
	if (r != -EINVAL)
		complain("%s", err.text);
	return EXIT_FAILED;
}

struct selection *policy_selections(const struct policy *p, struct report *r)
{
	struct selection *list = xcalloc(p->requires_count, sizeof(*list));

	for (unsigned i = 0; i < p->requires_count; i++)
		list[i] = p->requires[i].selection;
	r->policy = p;
	r->selection = list;
	r->n_selections = p->requires_count;
	return list;
}

bool *selected_wants(const struct knowledge *k, const struct report *r)
{
	bool *wanted = xcalloc(k->wants.count, sizeof(bool));

	/* To select nothing would mean everything. */
	if (r->n_selections > 0)
		selection_wants(k, r->selection, r->n_selections, false, wanted);
	return wanted;
}

static enum exit_status commit(struct output *out, struct error *err)
{
	int r = output_commit(out, err);

	if (r < 0 && r != -EPIPE)
		complain("%s", err->text);
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static enum exit_status write_report(const struct options *o, const struct report *r)
{
	_cleanup_(output_done) struct output out = { 0 };
	struct error err = { 0 };

	if (output_open(&out, o, &err) < 0 || report_write(r, o->format, out.stream, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	return commit(&out, &err);
}

enum exit_status session_report(struct session *s, struct report *r)
{
	_cleanup_(freep) struct report_kernel *kernels = xcalloc(s->n_looks, sizeof(*kernels));

	if (s->options->quiet)
		return r->exit;
	for (size_t i = 0; i < s->n_looks; i++)
		kernels[i] = (struct report_kernel){
			.label = kernel_label(s->looks[i]->kernel),
			.support = s->looks[i]->support,
		};
	r->command = s->options->verb;
	r->today = s->options->today;
	r->knowledge = s->knowledge;
	r->kernels = kernels;
	r->n_kernels = s->n_looks;
	r->errors = s->errors;
	r->n_errors = s->n_errors;
	r->verbose = s->options->verbose;
	r->details = s->options->facts;
	r->color = output_color(s->options);
	r->columns = output_columns(s->options);
	return status_worse(r->exit, write_report(s->options, r));
}

enum exit_status session_print_of(struct session *s, enum exit_status (*print)(struct session *s, FILE *out, const void *what),
				  const void *what)
{
	_cleanup_(output_done) struct output out = { 0 };
	struct error err = { 0 };
	enum exit_status status;

	if (output_open(&out, s->options, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	status = print(s, out.stream, what);
	return s->options->quiet ? status : status_worse(status, commit(&out, &err));
}

static enum exit_status print_plain(struct session *s, FILE *out, const void *what)
{
	const session_print_fn *print = what;

	return (*print)(s, out);
}

enum exit_status session_print(struct session *s, session_print_fn print)
{
	return session_print_of(s, print_plain, &print);
}
