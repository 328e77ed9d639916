/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TESTS_SHIM_WORLD_H
#define HVCOMPAT_TESTS_SHIM_WORLD_H

#include "policy_world.h"

#include "build/shim.h"

/* The invented world with shims in DIR/shims and DIR/more, and a kernel source in DIR/tree. */
struct shim_world {
	struct world base;
	char *shims, *more, *tree;
	const char *dirs[3];
	struct shim *shim; /* what a test works with */
	struct buf lines;  /* flaws, a line each */
	unsigned n_flaws;
	struct error err;
};

/* Ten lines, of which a patch changes the fifth; and one that builds on it. */
#define TREE_MAIN "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n"

static const char world_patch_one[] = "What it does.\n\n--- a/drivers/chan/main.c\t2020-01-01\n+++ b/drivers/chan/main.c\n"
				      "@@ -3,5 +3,5 @@\n three\n four\n-five\n+FIVE\n six\n seven\n";
static const char world_patch_two[] = "--- a/drivers/chan/main.c\n+++ b/drivers/chan/main.c\n"
				      "@@ -4,4 +4,5 @@ here\n four\n FIVE\n+five and a half\n six\n seven\n"
				      "--- /dev/null\n+++ b/drivers/chan/old.h\n@@ -0,0 +1 @@\n+int old;\n";

static inline void world_file(const struct shim_world *w, const char *path, const char *text)
{
	invent_file(&w->base.inv, path, text);
}

static inline void world_remove(const struct shim_world *w, const char *path)
{
	_cleanup_(freep) char *full = xasprintf("%s/%s", w->base.inv.dir, path);

	assert_int_equal(remove(full), 0);
}

static inline void world_note(void *ctx, const char *line)
{
	struct shim_world *w = ctx;

	buf_addf(&w->lines, "%s\n", line);
	w->n_flaws++;
}

static inline void world_clear(struct shim_world *w)
{
	buf_done(&w->lines);
	w->n_flaws = 0;
	error_clear(&w->err);
}

/* NULL: w->err and w->lines tell why. */
static inline struct shim *load_shim(struct shim_world *w, const char *name)
{
	struct shim *s = NULL;

	world_clear(w);
	return shim_load(w->base.k, w->dirs, name, world_note, w, &s, &w->err) < 0 ? NULL : s;
}

static inline void use_shim(struct shim_world *w, const char *name)
{
	w->shim = shim_free(w->shim);
	w->shim = load_shim(w, name);
	if (!w->shim)
		fail_msg("%s: %s", name, w->lines.text ? w->lines.text : w->err.text);
}

/* A good shim that sets one option, or does nothing. */
static inline void world_simple(struct shim_world *w, const char *dir, const char *name, const char *config)
{
	_cleanup_(freep) char *file = xasprintf("%s/%s/shim.yaml", dir, name),
			      *readme = xasprintf("%s/%s/README.md", dir, name);
	_cleanup_(freep) char *text = xasprintf("shim: %s\nabout: a\nkeeps: ['alpha:1/old']\nconfig: [%s]\n"
						"proof: [{interface: chan}]\ncost: c\nrisk: r\nsource: s\n",
						name, config ? config : "");

	world_file(w, file, text);
	world_file(w, readme, "x\n");
}

/* Loads shim "s" with these series (YAML, in flow style). Files of it are made before. */
static inline void world_series(struct shim_world *w, const char *series)
{
	_cleanup_(freep) char *text = xasprintf("shim: s\nabout: a\nkeeps: ['alpha:1/old']\narch: [x86_64]\nconfig: [CHAN=m]\n"
						"series: %s\nproof: [{interface: chan}]\ncost: c\nrisk: r\nsource: s\n",
						series);

	world_file(w, "shims/s/shim.yaml", text);
	world_file(w, "shims/s/README.md", "x\n");
	use_shim(w, "s");
}

static inline void world_proof(struct shim_world *w, const char *proof)
{
	_cleanup_(freep) char *text = xasprintf("shim: s\nabout: a\nkeeps: ['alpha', 'beta', 'oldlibc']\nconfig: [CHAN=m]\n"
						"proof: %s\ncost: c\nrisk: r\nsource: s\n",
						proof);
	struct shim *s;

	/* Kept hosts must fit the proof: leave those that do. */
	world_file(w, "shims/s/README.md", "x\n");
	for (size_t i = 0; i < 3; i++) {
		static const char *const keeps[] = { "[alpha]", "[beta]", "[oldlibc]" };
		const char *rest = strstr(text, "\nconfig:");
		_cleanup_(freep) char *one = xasprintf("shim: s\nabout: a\nkeeps: %s%s", keeps[i], rest);

		world_file(w, "shims/s/shim.yaml", one);
		s = load_shim(w, "s");
		if (!s)
			continue;
		shim_free(w->shim);
		w->shim = s;
		return;
	}
	fail_msg("%s", w->lines.text);
}

static inline const struct support *world_judged(struct shim_world *w, unsigned kernel)
{
	support_free(w->base.supports[kernel]);
	w->base.supports[kernel] = support_judge(w->base.k, w->base.facts[kernel]);
	return w->base.supports[kernel];
}

static int setup(void **state)
{
	struct shim_world *w = xcalloc(1, sizeof(*w));

	world_begin(&w->base);
	w->shims = xasprintf("%s/shims", w->base.inv.dir);
	w->more = xasprintf("%s/more", w->base.inv.dir);
	w->tree = xasprintf("%s/tree", w->base.inv.dir);
	w->dirs[0] = w->shims;
	w->dirs[1] = w->more;
	world_file(w, "tree/Makefile", "# SPDX\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 192\nEXTRAVERSION = -x\n");
	world_file(w, "tree/Kconfig", "mainmenu\n");
	world_file(w, "tree/drivers/chan/main.c", TREE_MAIN);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct shim_world *w = *state;

	shim_free(w->shim);
	buf_done(&w->lines);
	free(w->shims);
	free(w->more);
	free(w->tree);
	world_end(&w->base);
	free(w);
	return 0;
}

#endif
