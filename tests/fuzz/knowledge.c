/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/knowledge.h"

#include <sys/stat.h>

const struct knowledge *fuzz_knowledge(void)
{
	static struct knowledge *k;
	const char *dir = getenv("HVCOMPAT_POLICIES");
	const char *dirs[] = { dir ? dir : "policies", NULL };
	struct error err = { 0 };

	if (!k && knowledge_load(dirs, NULL, NULL, &k, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	return k;
}

static char fuzz_dir[] = "/tmp/hvcompat-fuzz-XXXXXX";

static void remove_dir(void)
{
	_cleanup_(freep) char *command = xasprintf("rm -rf %s", fuzz_dir);

	if (system(command) != 0)
		perror(fuzz_dir);
}

const char *fuzz_tree(void)
{
	if (strstr(fuzz_dir, "XXXXXX")) {
		must(mkdtemp(fuzz_dir) != NULL);
		atexit(remove_dir);
	}
	return fuzz_dir;
}

/* The directories that a file of the tree lies in. */
static void make_dirs(const char *path)
{
	_cleanup_(freep) char *dir = xstrdup(path);

	for (char *s = dir + strlen(fuzz_tree()) + 1; (s = strchr(s, '/')); *s++ = '/') {
		*s = '\0';
		mkdir(dir, 0755);
	}
}

void fuzz_link(const char *file, unsigned slot)
{
	_cleanup_(freep) char *link = xasprintf("%s/%s", fuzz_tree(), file);

	make_dirs(link);
	must(symlink(fuzz_path(slot, NULL, 0), link) == 0);
}

void fuzz_put(const char *file, const char *text)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", fuzz_tree(), file);
	_cleanup_(fclosep) FILE *f = NULL;

	make_dirs(path);
	f = fopen(path, "we");
	must(f && fputs(text, f) >= 0);
}
