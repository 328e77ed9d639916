/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/prove.h"

#include <errno.h>
#include <time.h>

#include "base/command.h"
#include "base/fs.h"
#include "prove/run.h"

#define JOBS_MAX 64
#define TICK 200 /* ms: so long an end may go unseen */
#define PROGRAM_MAX ((size_t)512 << 20)

void proven_list_done(struct proven_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		record_free(list->proven[i].record);
		free(list->proven[i].path);
	}
	free(list->proven);
	*list = (struct proven_list){ 0 };
}

/* A boot that is to be, is running, or is over. */
struct boot {
	const struct recipe *recipe;
	unsigned retries; /* that are left */
	struct record *record;
	struct assembly assembly;
	struct run run;
	struct watch watch;
	bool running;
};

/* What is known of a program, asked once. */
struct program {
	char *name, *path, *version;
	char sum[65];
};

struct prover {
	struct kernel *kernel;
	const struct facts *facts;
	const struct prove_options *o;
	struct keeper keeper;
	struct kit kit;
	struct program *programs;
	size_t n_programs;
	struct boot *boots; /* the queue; those before `next` have begun */
	size_t n_boots, next, ended, assembled;
	struct proven_list *out;
};

static void boot_done(struct boot *b)
{
	record_free(b->record);
	assembly_done(&b->assembly);
	watch_done(&b->watch);
}

static void prover_done(struct prover *p)
{
	for (size_t i = 0; i < p->n_boots; i++) {
		if (p->boots[i].running)
			run_kill(&p->boots[i].run, &p->keeper);
		boot_done(&p->boots[i]);
	}
	for (size_t i = 0; i < p->n_programs; i++) {
		free(p->programs[i].name);
		free(p->programs[i].path);
		free(p->programs[i].version);
	}
	free(p->boots);
	free(p->programs);
	kit_done(&p->kit);
	keeper_done(&p->keeper);
}

/* --- programs ---------------------------------------------------------------------------------- */

int prove_find_program(const struct recipe *r, char **ret, struct error *err)
{
	const char *path = getenv("PATH");
	_cleanup_(freep) char *packages = NULL;

	for (const char *dir = path ? path : "/usr/bin:/bin"; *dir;) {
		size_t n = strcspn(dir, ":");
		char *file = xasprintf("%.*s/%s", (int)n, dir, r->program);

		if (n > 0 && access(file, X_OK) == 0 && !fs_is_dir(file)) {
			*ret = file;
			return 0;
		}
		free(file);
		dir += n + (dir[n] == ':');
	}
	packages = strings_text(r->install, r->install_count);
	return error_set(err, ENOENT, "%s, which recipe %s runs, is not installed; it comes with %s", r->program, r->name, packages);
}

static void first_line(void *ctx, const char *line)
{
	char **version = ctx;

	if (!*version && *line)
		*version = xstrndup(line, 200);
}

static int ask_version(const char *program, char **ret, struct error *err)
{
	const char *argv[] = { program, "--version", NULL };
	const struct command c = { .argv = argv, .log = -1, .line = first_line, .ctx = ret };

	return command_run(&c, err);
}

static int know_program(struct prover *p, const struct recipe *r, const struct program **ret, struct error *err)
{
	_cleanup_(freep) char *path = NULL, *bytes = NULL;
	struct program *one;
	char sum[65];
	size_t n;
	int q;

	for (size_t i = 0; i < p->n_programs; i++)
		if (streq(p->programs[i].name, r->program)) {
			*ret = &p->programs[i];
			return 0;
		}
	q = prove_find_program(r, &path, err);
	if (q == 0)
		q = fs_read(path, PROGRAM_MAX, &bytes, &n, err);
	if (q == 0)
		q = fs_digest(bytes, n, sum, err);
	if (q < 0)
		return q;
	ARRAY_GROW(p->programs, p->n_programs);
	one = &p->programs[p->n_programs++];
	*one = (struct program){ .name = xstrdup(r->program), .path = TAKE_PTR(path) };
	memcpy(one->sum, sum, sizeof(sum));
	*ret = one;
	return ask_version(one->path, &one->version, err);
}

static void note_program(struct record *record, const struct program *program)
{
	struct record_file *f;

	if (!record->version && program->version)
		record->version = xstrdup(program->version);
	ARRAY_GROW(record->files, record->n_files);
	f = &record->files[record->n_files++];
	f->name = xstrdup(program->name);
	memcpy(f->sha256, program->sum, sizeof(f->sha256));
}

/* --- one boot ---------------------------------------------------------------------------------- */

static char *now_text(void)
{
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	return xstrdup(text);
}

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static struct record *begin_record(const struct prover *p, const struct recipe *r)
{
	struct record *record = xcalloc(1, sizeof(*record));
	const struct facts *f = p->facts;

	record->when = now_text();
	record->hvcompat = xstrdup(HVCOMPAT_VERSION);
	record->attempt = 1;
	record_kernel_digest(f, record->kernel);
	record->release = copy(f->release);
	record->arch = copy(f->arch);
	record->inputs = xcalloc(f->n_inputs, sizeof(*record->inputs));
	for (size_t i = 0; i < f->n_inputs; i++) {
		struct record_input *in = &record->inputs[record->n_inputs++];

		in->package = copy(f->inputs[i].package);
		in->version = copy(f->inputs[i].version);
		in->arch = copy(f->inputs[i].arch);
		memcpy(in->sha256, f->inputs[i].sha256, sizeof(in->sha256));
	}
	record->family = xstrdup(r->family->name);
	record->recipe = xstrdup(r->name);
	memcpy(record->recipe_digest, r->digest, sizeof(record->recipe_digest));
	record->program = xstrdup(r->runner == RUNNER_SITE ? path_base(p->o->assemble.runner) : r->program);
	return record;
}

static void tell(const struct prover *p, const struct boot *b)
{
	if (p->o->progress)
		p->o->progress(p->o->ctx, p->ended, p->n_boots, b->recipe, b->running ? NULL : b->record);
}

static int begin(struct prover *p, struct boot *b, struct error *err)
{
	const struct recipe *r = b->recipe;
	_cleanup_(freep) char *dir = xasprintf("%s/%zu", p->keeper.dir, p->assembled++);
	const struct program *program = NULL;
	int q = 0;

	if (r->runner == RUNNER_PROGRAM)
		q = know_program(p, r, &program, err);
	if (q < 0)
		return q;
	b->record = begin_record(p, r);
	q = assemble(r, &p->kit, &p->o->assemble, dir, b->record, &b->assembly, err);
	if (q < 0)
		return q;
	if (program)
		note_program(b->record, program);
	b->watch = (struct watch){ .recipe = r, .record = b->record };
	q = run_start(b->assembly.command.items, b->assembly.dir, p->o->seconds ? p->o->seconds : r->seconds, &p->keeper, &b->run,
		      err);
	b->running = q == 0;
	if (q == 0)
		tell(p, b);
	return q;
}

/* What a site says of what it ran on. */
static void take_version(const struct boot *b)
{
	_cleanup_(freep) char *path = xasprintf("%s/version", b->assembly.dir), *text = NULL;
	struct error err = { 0 };

	if (b->recipe->runner != RUNNER_SITE || !fs_exists(path) || fs_read(path, 4096, &text, NULL, &err) < 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	for (char *s = text; *s; s++)
		*s = *s < ' ' || *s > '~' ? '?' : *s;
	b->record->version = xstrndup(text, 200);
}

static void enqueue(struct prover *p, const struct recipe *r, unsigned retries)
{
	ARRAY_GROW(p->boots, p->n_boots);
	p->boots[p->n_boots++] = (struct boot){ .recipe = r, .retries = retries };
}

static int end(struct prover *p, struct boot *b, int status, struct error *err)
{
	const struct recipe *r = b->recipe;
	struct watch_end how = { .expired = b->run.expired, .status = status };
	struct proven *proven;
	int q = 0;

	b->running = false;
	b->record->seconds = run_now() - b->run.started;
	how.silent = run_now() - b->run.spoke;
	take_version(b);
	watch_judge(&b->watch, &how, assembly_disk_arrived(&b->assembly, r));
	recipe_claim(r, b->record);
	p->ended++;
	tell(p, b);
	ARRAY_GROW(p->out->proven, p->out->count);
	proven = &p->out->proven[p->out->count++];
	*proven = (struct proven){ .recipe = r };
	if (p->o->records)
		q = record_write(b->record, p->o->records, &proven->path, err);
	if (q == 0)
		q = fs_remove(b->assembly.dir, err);
	proven->record = TAKE_PTR(b->record);
	/* Last: the queue may move. */
	if (q == 0 && proven->record->outcome == OUTCOME_SILENT && b->retries > 0)
		enqueue(p, r, b->retries - 1);
	return q;
}

/* A record of before, with its console. */
static int take_known(struct prover *p, const struct recipe *r, const struct record *one, struct error *err)
{
	_cleanup_(freep) char *path = record_path(one, p->o->records);
	struct record *whole = NULL;
	int q = record_read(path, true, &whole, err);

	if (q < 0)
		return q;
	ARRAY_GROW(p->out->proven, p->out->count);
	p->out->proven[p->out->count++] = (struct proven){ .recipe = r, .record = whole, .path = TAKE_PTR(path) };
	return 0;
}

/* --- all of them ------------------------------------------------------------------------------- */

static int stopped(struct error *err)
{
	return command_interrupted() ? error_set(err, EINTR, "stopped by a signal; what was running is gone") : 0;
}

static int begin_some(struct prover *p, size_t *running, struct error *err)
{
	int q = 0;

	for (; q == 0 && *running < p->o->jobs && *running < JOBS_MAX && p->next < p->n_boots; ++*running) {
		q = stopped(err);
		if (q == 0)
			q = begin(p, &p->boots[p->next++], err);
	}
	return q;
}

static int step_all(struct prover *p, size_t *running, struct error *err)
{
	int q = 0;

	for (size_t i = 0; i < p->next && q == 0; i++) {
		int status = 0;

		if (!p->boots[i].running || !run_step(&p->boots[i].run, &p->boots[i].watch, &p->keeper, &status))
			continue;
		--*running;
		q = end(p, &p->boots[i], status, err);
	}
	return q;
}

static void wait_for_any(const struct prover *p)
{
	struct pollfd fds[2 * JOBS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < p->next; i++)
		if (p->boots[i].running)
			n += run_poll(&p->boots[i].run, &fds[n]);
	poll(fds, n, TICK);
}

static int boot_all(struct prover *p, struct error *err)
{
	size_t running = 0;
	int q = 0;

	while (q == 0 && (running > 0 || p->next < p->n_boots)) {
		q = begin_some(p, &running, err);
		if (q == 0 && running > 0)
			wait_for_any(p);
		if (q == 0)
			q = stopped(err);
		if (q == 0)
			q = step_all(p, &running, err);
	}
	return q;
}

/* What is known already goes to the results, and what is not into the queue. */
static int enqueue_all(struct prover *p, const struct recipe *const *recipes, size_t n, struct error *err)
{
	struct record_list known = { 0 };
	char digest[65];
	int q = 0;

	if (p->o->resume && p->o->records && fs_exists(p->o->records) && record_kernel_digest(p->facts, digest))
		q = record_load(p->o->records, digest, &known, err);
	for (size_t i = 0; i < n && q == 0; i++) {
		const struct program *program = NULL;
		const struct record *one = NULL;

		if (known.count > 0 && recipes[i]->runner == RUNNER_PROGRAM)
			q = know_program(p, recipes[i], &program, err);
		if (q == 0)
			one = prove_known(&known, recipes[i], p->kit.init_sum, program ? program->sum : NULL);
		if (one)
			q = take_known(p, recipes[i], one, err);
		else
			enqueue(p, recipes[i], recipes[i]->retries);
	}
	record_list_done(&known);
	return q;
}

static bool any_elf(const struct recipe *const *recipes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (recipes[i]->kernel == RECIPE_KERNEL_ELF)
			return true;
	return false;
}

int prove(struct kernel *kernel, const struct facts *facts, const struct recipe *const *recipes, size_t n,
	  const struct prove_options *o, struct proven_list *ret, struct error *err)
{
	_cleanup_(prover_done) struct prover p = { .kernel = kernel, .facts = facts, .o = o, .out = ret };
	_cleanup_(freep) char *dir = NULL;
	int q;

	command_listen();
	q = keeper_start(&p.keeper, err);
	if (q < 0)
		return q;
	dir = xasprintf("%s/kit", p.keeper.dir);
	q = kit_make(kernel, o->all, o->knowledge, o->init, o->init32, any_elf(recipes, n), dir, &p.kit, err);
	if (q < 0)
		return q;
	q = enqueue_all(&p, recipes, n, err);
	return q < 0 ? q : boot_all(&p, err);
}
