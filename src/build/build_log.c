/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

#include <errno.h>
#include <fcntl.h>

int log_open(struct build *b, struct error *err)
{
	_cleanup_(freep) char *file = xasprintf("%s/build.log", b->work);

	b->log = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	return b->log < 0 ? error_set(err, errno, "%s: cannot be written: %m", file) : 0;
}

static void forget(struct tail *t)
{
	for (size_t i = 0; i < TAIL_LINES; i++)
		free(t->lines[i]);
	for (size_t i = 0; i < t->n_errors; i++)
		free(t->errors[i]);
	*t = (struct tail){ 0 };
}

void log_step(struct build *b, const char *step)
{
	forget(&b->tail);
	dprintf(b->log, "\n== %s\n", step);
}

/* What compilers, make, patch and the packagers say when they give up. */
static bool says_error(const char *line)
{
	static const char *const words[] = {
		"error: ", "Error ", "ERROR: ", "error in ", "undefined reference", "FAILED", "No rule to make target",
		"No space left on device",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(line, words[i]))
			return true;
	return false;
}

/* "  CC [M]  drivers/x.o": kbuild's short form. Returns the file, or NULL. */
static const char *made_file(const char *line)
{
	const char *p = startswith(line, "  ");

	if (!p || *p < 'A' || *p > 'Z')
		return NULL;
	p += strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
	if (startswith(p, " [M]"))
		p += 4;
	if (*p != ' ')
		return NULL;
	p += strspn(p, " ");
	return *p && !strchr(p, ' ') ? p : NULL;
}

static void tail_add(struct tail *t, const char *line)
{
	char **slot = &t->lines[t->n++ % TAIL_LINES];

	free(*slot);
	*slot = xstrndup(line, 400);
	if (strstr(line, "No space left on device"))
		t->disk_full = true;
	if (t->n_errors < TAIL_ERRORS && says_error(line))
		t->errors[t->n_errors++] = xstrndup(line, 400);
}

void log_line(void *ctx, const char *line)
{
	struct build *b = ctx;
	const char *made = made_file(line);

	tail_add(&b->tail, line);
	if (made)
		build_say(b, BUILD_PROGRESS, "%zu %s", ++b->objects, made);
}

static bool in_tail(const struct tail *t, const char *line)
{
	for (size_t i = 0; i < TAIL_LINES; i++)
		if (t->lines[i] && streq(t->lines[i], line))
			return true;
	return false;
}

void log_tail(const struct build *b)
{
	const struct tail *t = &b->tail;

	for (size_t i = 0; i < t->n_errors; i++)
		if (!in_tail(t, t->errors[i]))
			build_say(b, BUILD_TAIL, "%s", t->errors[i]);
	for (size_t i = t->n < TAIL_LINES ? 0 : t->n - TAIL_LINES; i < t->n; i++)
		build_say(b, BUILD_TAIL, "%s", t->lines[i % TAIL_LINES]);
}

void log_done(struct build *b)
{
	forget(&b->tail);
	closep(&b->log);
}

int run_program(struct build *b, const char *const *argv, const char *dir, struct error *err)
{
	struct command c = { .argv = argv, .dir = dir, .log = b->log, .line = log_line, .ctx = b };

	return command_run(&c, err);
}

int run_make(struct build *b, const char *const *targets, struct error *err)
{
	_cleanup_(freep) char *jobs = xasprintf("-j%u", b->request->jobs);
	_cleanup_(freep) char *arch = xasprintf("ARCH=%s", b->karch);
	const char **argv = xcalloc(64, sizeof(*argv));
	size_t n = 0;
	int r;

	argv[n++] = "make";
	argv[n++] = jobs;
	argv[n++] = arch;
	for (size_t i = 0; i < b->make_words.n && n < 32; i++)
		argv[n++] = b->make_words.items[i];
	for (size_t i = 0; targets[i] && n < 62; i++)
		argv[n++] = targets[i];
	r = run_program(b, argv, b->tree, err);
	free(argv);
	return r;
}
