/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging many kernels side by side: each in a process of its own, which says its ruling and ends. */
#include "cmd/repo.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>

/* Reading one takes up to 100 MB, mostly for a decoder's dictionary. */
#define JOBS_MAX 8

/* A ruling is a line of a few findings. */
#define LINE_MAX_BYTES ((size_t)4 << 20)

struct job {
	struct repo_ruling *it;
	const struct index_kernel *kernel;
	pid_t pid;
	int fd;
};

_Noreturn static void say_ruling(struct repo *r, const struct index_kernel *k, int fd)
{
	struct options silent = *r->session.options;
	_cleanup_(freep) char *line = NULL;
	size_t n;

	/* One process tells how far it is: the first. */
	silent.quiet = true;
	r->session.options = &silent;
	line = ruling_print(repo_judge(r, k));
	n = strlen(line);
	for (size_t at = 0; at < n;) {
		ssize_t done = write(fd, line + at, n - at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			_exit(1);
		at += (size_t)done;
	}
	_exit(0);
}

/* False: there is no process to be had; it is judged here, then. */
static bool job_start(struct repo *r, struct job *j)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	j->pid = fork();
	if (j->pid == 0) {
		close(ends[0]);
		say_ruling(r, j->kernel, ends[1]);
	}
	close(ends[1]);
	if (j->pid < 0) {
		close(ends[0]);
		return false;
	}
	j->fd = ends[0];
	return true;
}

static struct ruling *job_end(struct job *j)
{
	_cleanup_(buf_done) struct buf b = { 0 };
	struct ruling *ruling = NULL;
	struct error err = { 0 };
	char piece[4096];
	ssize_t n;
	int status;

	while (((n = read(j->fd, piece, sizeof(piece))) > 0 && b.len < LINE_MAX_BYTES) || (n < 0 && errno == EINTR))
		if (n > 0)
			buf_add(&b, piece, (size_t)n);
	close(j->fd);
	while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && b.text && ruling_parse(b.text, &ruling, &err) == 0)
		return ruling;
	return ruling_failed("the process that judged it %s %d: it cannot be judged", WIFSIGNALED(status) ? "was ended by signal" :
			     "ended with status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
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
		while (started < n && started < done + most && job_start(r, &jobs[started]))
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

void repo_rule_all(struct repo *r)
{
	_cleanup_(freep) struct job *jobs = xcalloc(r->kernels.count, sizeof(*jobs));
	size_t n = 0;

	for (size_t i = 0; i < r->kernels.count; i++) {
		struct repo_ruling *it = repo_known(r, &r->kernels.kernels[i]);
		bool listed = it->ruling != NULL;

		for (size_t j = 0; j < n && !listed; j++)
			listed = jobs[j].it == it;
		if (!listed)
			jobs[n++] = (struct job){ .it = it, .kernel = &r->kernels.kernels[i], .fd = -1 };
	}
	if (n > 0)
		run(r, jobs, n);
}
