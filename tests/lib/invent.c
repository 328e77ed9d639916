/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/invent.h"

#include <ftw.h>
#include <sys/stat.h>

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	abort();
}

void invent_begin(struct invented *inv)
{
	*inv = (struct invented){ .dir = "/tmp/hvcompat-test.XXXXXX" };
	must(mkdtemp(inv->dir) != NULL, "mkdtemp");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void invent_end(struct invented *inv)
{
	must(nftw(inv->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0, inv->dir);
	buf_done(&inv->lines);
}

static char *made_path(const struct invented *inv, const char *path)
{
	char *full = xasprintf("%s/%s", inv->dir, path);

	for (char *slash = full + strlen(inv->dir) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
	return full;
}

void invent_file(const struct invented *inv, const char *path, const char *text)
{
	_cleanup_(freep) char *full = made_path(inv, path);
	_cleanup_(fclosep) FILE *f = fopen(full, "w");

	must(f && fwrite(text, 1, strlen(text), f) == strlen(text), full);
}

void invent_link(const struct invented *inv, const char *path, const char *target)
{
	_cleanup_(freep) char *full = made_path(inv, path);

	must(symlink(target, full) == 0, full);
}

/* The directory's name is not the same twice: it is left out wherever it occurs. */
static void hear(void *ctx, const char *line)
{
	struct invented *inv = ctx;
	size_t n = strlen(inv->dir) + 1;

	for (const char *at; (at = strstr(line, inv->dir)) != NULL; line = at + n)
		buf_add(&inv->lines, line, (size_t)(at - line));
	buf_addf(&inv->lines, "%s\n", line);
	inv->n_lines++;
}

int invent_load(struct invented *inv, struct knowledge **ret)
{
	_cleanup_(freep) char *a = xasprintf("%s/a", inv->dir), *b = xasprintf("%s/b", inv->dir);
	const char *dirs[] = { a, b, NULL };

	error_clear(&inv->err);
	buf_done(&inv->lines);
	inv->n_lines = 0;
	return knowledge_load(dirs, hear, inv, ret, &inv->err);
}

struct facts *invent_facts(const struct knowledge *k, const char *arch)
{
	struct facts *f = xcalloc(1, sizeof(*f));

	f->arch = arch ? xstrdup(arch) : NULL;
	f->depth = DEPTH_DEEP;
	f->count = k->wants.count;
	f->facts = xcalloc(f->count, sizeof(*f->facts));
	for (size_t i = 0; i < f->count; i++)
		f->facts[i].state = FACT_ABSENT;
	return f;
}

struct fact *invent_fact(const struct knowledge *k, const struct facts *f, enum want_kind kind,
			 const char *name, const char *of)
{
	for (size_t i = 0; i < k->wants.count; i++) {
		const struct want *w = &k->wants.wants[i];

		if (w->kind == kind && streq(w->name, name) && streq_null(w->of, of))
			return &f->facts[i];
	}
	fprintf(stderr, "the knowledge does not want %s\n", name);
	abort();
}

void invent_versions(struct fact *f, const char *versions)
{
	_cleanup_(freep) char *copy = xstrdup(versions);

	f->state = FACT_PRESENT;
	f->parts = 2;
	free(f->versions);
	f->versions = NULL;
	f->n_versions = 0;
	for (char *save = NULL, *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		ARRAY_GROW(f->versions, f->n_versions);
		must(version_parse(word, &f->versions[f->n_versions++]) == 0, word);
	}
}
