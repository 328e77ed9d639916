/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging many kernels side by side: each in a process of its own, which says its ruling and ends. */
#include "base/worker.h"
#include "cmd/repo.h"

#include <sys/sysinfo.h>

/* Reading one takes up to 100 MB, mostly for a decoder's dictionary. */
#define JOBS_MAX 8
/* One that hangs is ended by its own reader's limit, before this. */
#define ANSWER_SECONDS 1200

struct job {
	struct repo *repo;
	struct repo_ruling *it;
	const struct index_kernel *kernel;
	struct worker *worker;
};

/* In a process of its own, which has all our rights: what is foreign is read in the box that it opens. */
static void say_ruling(int fd, const void *ctx)
{
	const struct job *j = ctx;
	struct options silent = *j->repo->session.options;
	_cleanup_(freep) char *line = NULL;
	_cleanup_(buf_done) struct buf said = { 0 };
	struct wire out = { .out = &said };
	struct error none = { 0 };

	/* One process tells how far it is: the first. */
	silent.quiet = true;
	j->repo->session.options = &silent;
	line = ruling_print(repo_judge(j->repo, j->kernel));
	worker_say(&out, &none);
	wire_text(&out, &line);
	worker_reply(fd, &said);
	_exit(0);
}

/* False: there is no process to be had; it is judged here, then. */
static bool job_start(struct job *j)
{
	struct worker_task task = { .what = j->kernel->name, .done = "judged it", .seconds = ANSWER_SECONDS, .serve = say_ruling,
				    .ctx = j };
	struct error ignored = { 0 };

	return worker_start(&task, &j->worker, &ignored) == 0;
}

static struct ruling *job_end(struct job *j)
{
	struct ruling *ruling = NULL;
	struct error err = { 0 };
	struct wire w;
	_cleanup_(freep) uint8_t *bytes = worker_answer(j->worker, &w, &err);
	_cleanup_(freep) char *line = NULL;

	if (bytes)
		wire_text(&w, &line);
	if (bytes && (!line || w.left || ruling_parse(line, &ruling, &err) < 0))
		worker_nonsense(j->worker, &err);
	j->worker = worker_unref(j->worker);
	if (ruling)
		return ruling;
	complain("%s", err.text);
	return ruling_failed("%s", err.text);
}

static void progress(const struct repo *r, size_t done, size_t n)
{
	if (r->options->quiet || !isatty(STDERR_FILENO))
		return;
	if (done < n)
		fprintf(stderr, "\r\033[K%zu of %zu kernels judged", done, n);
	else
		fputs("\r\033[K", stderr);
}

static void run(struct repo *r, struct job *jobs, size_t n)
{
	size_t most = (size_t)(get_nprocs() < JOBS_MAX ? get_nprocs() : JOBS_MAX), started = 0;

	for (size_t done = 0; done < n; done++) {
		progress(r, done, n);
		while (started < n && started < done + most && job_start(&jobs[started]))
			started++;
		if (started > done) {
			repo_know(r, jobs[done].it, job_end(&jobs[done]));
		} else {
			repo_know(r, jobs[done].it, repo_judge(r, jobs[done].kernel));
			started++;
		}
	}
	progress(r, n, n);
}

void repo_rule_all(struct repo *r, const struct index_kernel *const *kernels, size_t n)
{
	_cleanup_(freep) struct job *jobs = xcalloc(n, sizeof(*jobs));
	size_t n_jobs = 0;

	for (size_t i = 0; i < n; i++) {
		struct repo_ruling *it = repo_known(r, kernels[i]);
		bool listed = it->ruling != NULL;

		for (size_t j = 0; j < n_jobs && !listed; j++)
			listed = jobs[j].it == it;
		if (!listed)
			jobs[n_jobs++] = (struct job){ .repo = r, .it = it, .kernel = kernels[i] };
	}
	if (n_jobs > 0)
		run(r, jobs, n_jobs);
}
