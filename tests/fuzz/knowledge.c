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

void fuzz_link(const char *below, unsigned slot)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", fuzz_tree(), below), *link = xasprintf("%s/fuzz.yaml", path);

	mkdir(path, 0755);
	must(symlink(fuzz_path(slot, NULL, 0), link) == 0);
}

void fuzz_put(const char *below, const char *text)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", fuzz_tree(), below);
	_cleanup_(fclosep) FILE *f = fopen(path, "we");

	must(f && fputs(text, f) >= 0);
}
