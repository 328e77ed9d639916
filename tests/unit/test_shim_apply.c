/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim_world.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

/* Shims against a kernel source: whether they fit, that they are applied as a whole or not at all. */

static char *tree_text(const struct shim_world *w, const char *path)
{
	_cleanup_(freep) char *full = xasprintf("%s/%s", w->tree, path);
	_cleanup_(fclosep) FILE *f = fopen(full, "r");
	char text[4096];
	size_t n;

	if (!f)
		return NULL;
	n = fread(text, 1, sizeof(text), f);
	return xstrndup(text, n);
}

static void tree_is(const struct shim_world *w, const char *path, const char *text)
{
	_cleanup_(freep) char *is = tree_text(w, path);

	if (!text)
		assert_null(is);
	else
		assert_string_equal(is ? is : "(none)", text);
}

static size_t count_files(const char *dir)
{
	_cleanup_(freep) char *find = xasprintf("find %s | wc -l", dir);
	FILE *f = popen(find, "r");
	unsigned n = 0;

	assert_int_equal(fscanf(f, "%u", &n), 1);
	pclose(f);
	return n;
}

static int apply(struct shim_world *w)
{
	error_clear(&w->err);
	return shim_apply(w->shim, w->tree, "6.1.192", "x86_64", -1, &w->err);
}

static void says(const struct shim_world *w, const char *text)
{
	if (!strstr(w->err.text, text))
		fail_msg("expected '%s' in '%s'", text, w->err.text);
}

/* Nothing in the tree has changed, and nothing was left in it. */
static void fails_and_changes_nothing(struct shim_world *w, int code, const char *text)
{
	_cleanup_(freep) char *before = tree_text(w, "drivers/chan/main.c");
	size_t files = count_files(w->tree);

	assert_int_equal(apply(w), code);
	says(w, text);
	tree_is(w, "drivers/chan/main.c", before);
	assert_int_equal(count_files(w->tree), files);
	error_clear(&w->err);
	assert_int_equal(shim_try(w->shim, w->tree, "6.1.192", "x86_64", -1, &w->err), code);
	says(w, text);
}

/* --- versions ---------------------------------------------------------------------------------- */

static void a_tree_says_its_version(void **state)
{
	struct shim_world *w = *state;
	_cleanup_(freep) char *version = NULL;
	char *untouched = w->tree;

	assert_int_equal(tree_version(w->tree, &version, NULL), 0);
	assert_string_equal(version, "6.1.192");
	world_file(w, "tree/Makefile", "VERSION=7\nPATCHLEVEL=2\nSUBLEVEL=0\n");
	free(version);
	assert_int_equal(tree_version(w->tree, &version, NULL), 0);
	assert_string_equal(version, "7.2.0");
	world_file(w, "tree/Makefile", "VERSION = 6\nall:\n");
	assert_int_equal(tree_version(w->tree, &untouched, &w->err), -EINVAL);
	says(w, "is no kernel source");
	assert_ptr_equal(untouched, w->tree);
	assert_int_equal(tree_version("/nowhere", &untouched, NULL), -EINVAL);
}

/* --- fits -------------------------------------------------------------------------------------- */

static void architecture_and_version_decide(void **state)
{
	struct shim_world *w = *state;
	const struct shim_series *series = NULL;

	world_series(w, "[{kernels: '6.2', config: [A=y]}, {kernels: 6.1 .. 6.1.999, config: [B=y]}]");
	assert_int_equal(shim_fits(w->shim, w->tree, "6.1.192", "x86_64", &series, NULL), 0);
	assert_string_equal(series->config[0], "B=y");
	assert_int_equal(shim_fits(w->shim, w->tree, "6.1.192", NULL, NULL, NULL), 0);
	assert_int_equal(shim_fits(w->shim, w->tree, "6.1.192", "i686", NULL, &w->err), -EINVAL);
	says(w, "shim s is for x86_64, not for i686");
	error_clear(&w->err);
	assert_int_equal(shim_fits(w->shim, w->tree, "6.12.1", "x86_64", NULL, &w->err), -EINVAL);
	says(w, "is for kernels 6.2; 6.1 .. 6.1.999; this source is 6.12.1");
	world_series(w, "[]");
	assert_int_equal(shim_fits(w->shim, w->tree, "2.6.9", "x86_64", &series, NULL), 0);
	assert_null(series);
}

static void checks_decide_among_series(void **state)
{
	struct shim_world *w = *state;
	const struct shim_series *series = NULL;

	world_series(w, "[{kernels: '6.1', checks: [{file: drivers/chan/main.c, contains: vendor}], config: [A=y]},"
			" {kernels: '6.1', checks: [{file: drivers/chan/main.c, contains: seven, lacks: vendor},"
			" {file: Kconfig}], config: [B=y]}]");
	assert_int_equal(shim_fits(w->shim, w->tree, "6.1.192", "x86_64", &series, NULL), 0);
	assert_string_equal(series->config[0], "B=y");
	world_file(w, "tree/drivers/chan/main.c", "seven\nvendor\n");
	assert_int_equal(shim_fits(w->shim, w->tree, "6.1.192", "x86_64", &series, NULL), 0);
	assert_string_equal(series->config[0], "A=y");
	world_file(w, "tree/drivers/chan/main.c", "seven\n");
	world_remove(w, "tree/Kconfig");
	assert_int_equal(shim_fits(w->shim, w->tree, "6.1.192", "x86_64", &series, &w->err), -EINVAL);
	says(w, "drivers/chan/main.c does not contain 'vendor'");
}

static void each_failed_check_is_told(void **state)
{
	struct shim_world *w = *state;

	world_series(w, "[{kernels: '6.1', checks: [{file: drivers/chan/main.c, lacks: seven}]}]");
	assert_int_equal(shim_fits(w->shim, w->tree, "6.1.192", "x86_64", NULL, &w->err), -EINVAL);
	says(w, "shim s: drivers/chan/main.c contains already 'seven'");
	error_clear(&w->err);
	world_series(w, "[{kernels: '6.1', checks: [{file: drivers/none.c}]}]");
	assert_int_equal(shim_fits(w->shim, w->tree, "6.1.192", "x86_64", NULL, &w->err), -EINVAL);
	says(w, "drivers/none.c is not there");
}

/* --- apply ------------------------------------------------------------------------------------- */

#define BOTH "[{kernels: '6.1', patches: [1.patch, 2.patch], sources: new, " \
	     "checks: [{file: drivers/chan/main.c, lacks: FIVE}], config: [CHAN_OLD=y]}]"
#define AFTER "one\ntwo\nthree\nfour\nFIVE\nfive and a half\nsix\nseven\neight\nnine\nten\n"

static void use_both(struct shim_world *w)
{
	world_file(w, "shims/s/1.patch", world_patch_one);
	world_file(w, "shims/s/2.patch", world_patch_two);
	world_file(w, "shims/s/new/arch/fort/fort.c", "int fort;\n");
	world_series(w, BOTH);
}

static void patches_build_on_each_other(void **state)
{
	struct shim_world *w = *state;
	_cleanup_(freep) char *main_c = xasprintf("%s/drivers/chan/main.c", w->tree);
	struct stat st;

	use_both(w);
	chmod(main_c, 0755);
	if (shim_try(w->shim, w->tree, "6.1.192", "x86_64", -1, &w->err) < 0)
		fail_msg("%s", w->err.text);
	tree_is(w, "drivers/chan/main.c", TREE_MAIN);
	tree_is(w, "arch/fort/fort.c", NULL);
	if (apply(w) < 0)
		fail_msg("%s", w->err.text);
	tree_is(w, "drivers/chan/main.c", AFTER);
	tree_is(w, "drivers/chan/old.h", "int old;\n");
	tree_is(w, "arch/fort/fort.c", "int fort;\n");
	assert_int_equal(stat(main_c, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	/* tree, Makefile, Kconfig, two directories and main.c; old.h, two directories and fort.c */
	assert_int_equal(count_files(w->tree), 10);
}

static void what_is_applied_is_told(void **state)
{
	struct shim_world *w = *state;

	use_both(w);
	assert_int_equal(apply(w), 0);
	error_clear(&w->err);
	assert_int_equal(shim_fits(w->shim, w->tree, "6.1.192", "x86_64", NULL, &w->err), -EALREADY);
	says(w, "is applied already");
	assert_int_equal(apply(w), -EALREADY);
	/* without checks too */
	world_series(w, "[{kernels: '6.1', patches: [1.patch, 2.patch], sources: new}]");
	fails_and_changes_nothing(w, -EALREADY, "is applied already");
	/* and with a new file that is not the same, it is not */
	world_file(w, "tree/arch/fort/fort.c", "int other;\n");
	fails_and_changes_nothing(w, -EINVAL, "arch/fort/fort.c");
}

static void the_options_are_the_same_before_and_after(void **state)
{
	struct shim_world *w = *state;

	use_both(w);
	for (unsigned i = 0; i < 2; i++) {
		_cleanup_(freep) const char **config = shim_config(w->shim, w->tree, "6.1.192");

		assert_string_equal(config[0], "CHAN=m");
		assert_string_equal(config[1], "CHAN_OLD=y");
		assert_null(config[2]);
		if (i == 0)
			assert_int_equal(apply(w), 0);
	}
}

static void a_conflict_in_the_second_patch_undoes_the_first(void **state)
{
	struct shim_world *w = *state;

	world_file(w, "shims/s/1.patch", world_patch_one);
	world_file(w, "shims/s/2.patch",
		   "--- a/drivers/chan/main.c\n+++ b/drivers/chan/main.c\n"
		   "@@ -1,3 +1,4 @@\n one\n+one and a half\n two\n three\n"
		   "@@ -8,3 +9,3 @@\n eight\n-NINE\n+nine!\n ten\n");
	world_file(w, "shims/s/new/fort.c", "int fort;\n");
	world_series(w, "[{kernels: '6.1', patches: [1.patch, 2.patch], sources: new}]");
	fails_and_changes_nothing(w, -EINVAL,
				  "shim s: 2.patch does not apply: hunk 2 does not find its place in "
				  "drivers/chan/main.c near line");
}

/* With fuzz, patch(1) would take it: one line of context differs. */
static void there_is_no_fuzz(void **state)
{
	struct shim_world *w = *state;

	world_file(w, "shims/s/1.patch", world_patch_one);
	world_file(w, "tree/drivers/chan/main.c", "one\ntwo\nTHREE\nfour\nfive\nsix\nseven\neight\n");
	world_series(w, "[{kernels: '6.1', patches: [1.patch]}]");
	fails_and_changes_nothing(w, -EINVAL, "1.patch does not apply: hunk 1 does not find its place");
	world_file(w, "tree/drivers/chan/main.c", "zero\n" TREE_MAIN);
	assert_int_equal(apply(w), 0); /* moved as a whole, it is the same place */
}

static void half_applied_is_no_success(void **state)
{
	struct shim_world *w = *state;

	use_both(w);
	world_series(w, "[{kernels: '6.1', patches: [1.patch, 2.patch], sources: new}]");
	world_file(w, "tree/drivers/chan/main.c",
		   "one\ntwo\nthree\nfour\nFIVE\nsix\nseven\neight\nnine\nten\n");
	fails_and_changes_nothing(w, -EINVAL, "1.patch does not apply: what it does to drivers/chan/main.c is there");
}

static void a_missing_file_is_named(void **state)
{
	struct shim_world *w = *state;

	world_file(w, "shims/s/1.patch", world_patch_one);
	world_series(w, "[{kernels: '6.1', patches: [1.patch]}]");
	world_remove(w, "tree/drivers/chan/main.c");
	assert_int_equal(apply(w), -EINVAL);
	says(w, "1.patch does not apply: it changes drivers/chan/main.c, which the source does not have");
}

static void a_new_file_replaces_none(void **state)
{
	struct shim_world *w = *state;

	use_both(w);
	world_file(w, "tree/arch/fort/fort.c", "int theirs;\n");
	fails_and_changes_nothing(w, -EINVAL, "brings a new file arch/fort/fort.c, but the source has one");
	tree_is(w, "arch/fort/fort.c", "int theirs;\n");
	world_remove(w, "tree/arch/fort/fort.c");
	world_file(w, "tree/drivers/chan/old.h", "theirs\n");
	fails_and_changes_nothing(w, -EINVAL, "2.patch does not apply: it makes drivers/chan/old.h");
}

static void links_out_of_the_tree_are_not_followed(void **state)
{
	struct shim_world *w = *state;

	use_both(w);
	world_file(w, "outside/x", "x\n");
	invent_link(&w->base.inv, "tree/arch", "../outside");
	fails_and_changes_nothing(w, -EINVAL, "leads out of the source tree");
	world_remove(w, "tree/arch");
	world_remove(w, "tree/drivers/chan/main.c");
	world_file(w, "outside/main.c", TREE_MAIN);
	invent_link(&w->base.inv, "tree/drivers/chan/main.c", "../../../outside/main.c");
	world_series(w, "[{kernels: '6.1', patches: [1.patch, 2.patch], sources: new}]");
	assert_int_equal(apply(w), -EINVAL);
	says(w, "drivers/chan/main.c: is a link that leads out of the source tree");
}

/* A tree of hard links to another one, as cp -l makes: the other keeps its files. */
static void hard_links_are_not_written_through(void **state)
{
	struct shim_world *w = *state;
	_cleanup_(freep) char *ours = xasprintf("%s/drivers/chan/main.c", w->tree),
			      *other = xasprintf("%s/main.c", w->base.inv.dir);
	FILE *f;
	char line[32];

	use_both(w);
	assert_int_equal(link(ours, other), 0);
	assert_int_equal(apply(w), 0);
	f = fopen(other, "r");
	for (unsigned i = 0; i < 5; i++)
		assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	assert_string_equal(line, "five\n");
}

static void a_file_is_deleted(void **state)
{
	struct shim_world *w = *state;

	world_file(w, "tree/drivers/gone.c", "gone\n");
	world_file(w, "shims/s/1.patch", "--- a/drivers/gone.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n");
	world_series(w, "[{kernels: '6.1', patches: [1.patch]}]");
	if (apply(w) < 0)
		fail_msg("%s", w->err.text);
	tree_is(w, "drivers/gone.c", NULL);
}

static void nothing_is_left_in_the_scratch_directory(void **state)
{
	struct shim_world *w = *state;
	_cleanup_(freep) char *scratch = xasprintf("%s/scratch", w->base.inv.dir);

	use_both(w);
	assert_int_equal(mkdir(scratch, 0700), 0);
	setenv("TMPDIR", scratch, 1);
	assert_int_equal(apply(w), 0);
	assert_int_equal(apply(w), -EALREADY);
	assert_int_equal(count_files(scratch), 1);
	setenv("TMPDIR", "/nowhere", 1);
	world_series(w, "[{kernels: '6.1', patches: [1.patch, 2.patch], sources: new}]");
	assert_int_equal(apply(w), -ENOENT);
	says(w, "/nowhere/");
	unsetenv("TMPDIR");
}

/* --- patches that patch(1) must not see -------------------------------------------------------- */

static const struct {
	const char *text, *says;
} bad_patches[] = {
	{ "no patch\n", "1.patch: is no patch" },
	{ "", "1.patch: is no patch" },
	{ "--- a/x\n+++ b/../../x\n@@ -1 +1 @@\n-a\n+b\n", "1.patch:2: names a file outside of the tree" },
	{ "--- a/x\n+++ /etc/x\n@@ -1 +1 @@\n-a\n+b\n", "1.patch:2: names a file outside of the tree" },
	{ "--- a/x\n+++ //etc/x\n@@ -1 +1 @@\n-a\n+b\n", "1.patch:2: names a file outside of the tree" },
	{ "--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\n", "1.patch:2: names a file outside of the tree" },
	{ "--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n", "1.patch:2: names a file outside of the tree" },
	{ "--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n", "1.patch:2: names two different files" },
	{ "@@ -1 +1 @@\n-a\n+b\n", "1.patch:1: a hunk before any" },
	{ "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\n+b\n", "1.patch:3: this hunk has more or fewer lines" },
	{ "--- a/x\n+++ b/x\n@@ -1 +1 @@\n+a\n+b\n", "1.patch:3: this hunk has more or fewer lines" },
	{ "--- a/x\n+++ b/x\n@@ one @@\n-a\n+b\n", "1.patch:3: expected '@@ -LINE,COUNT" },
	{ "rename from x\nrename to y\n", "1.patch:1: renames, copies and binary files" },
	{ "diff --git a/x b/x\nGIT binary patch\n", "1.patch:2: renames, copies and binary files" },
};

static void bad_patches_are_flaws(void **state)
{
	struct shim_world *w = *state;

	world_file(w, "shims/s/1.patch", world_patch_one);
	world_series(w, "[{kernels: '6.1', patches: [1.patch]}]");
	for (size_t i = 0; i < ARRAY_SIZE(bad_patches); i++) {
		struct shim *s;

		world_file(w, "shims/s/1.patch", bad_patches[i].text);
		s = load_shim(w, "s");
		if (s || !strstr(w->lines.text, bad_patches[i].says))
			fail_msg("%s: expected '%s', found '%s'", bad_patches[i].text, bad_patches[i].says,
				 w->lines.text ? w->lines.text : "nothing");
	}
}

/* Lines of a hunk that look like heads, a file without a newline at its end, and a mail around it. */
static void good_patches_are_not(void **state)
{
	struct shim_world *w = *state;

	world_file(w, "tree/x", "-- a/y\n++ b/y\nend");
	world_file(w, "shims/s/1.patch",
		   "From: someone\nSubject: x\n---\n x | 2 +-\n\ndiff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n"
		   "@@ -1,3 +1,3 @@\n--- a/y\n-++ b/y\n+++ b/z\n+more\n end\n\\ No newline at end of file\n-- \n2.39\n");
	world_series(w, "[{kernels: '6.1', patches: [1.patch]}]");
	if (apply(w) < 0)
		fail_msg("%s", w->err.text);
	tree_is(w, "x", "++ b/z\nmore\nend");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_tree_says_its_version),
		TEST(architecture_and_version_decide),
		TEST(checks_decide_among_series),
		TEST(each_failed_check_is_told),
		TEST(patches_build_on_each_other),
		TEST(what_is_applied_is_told),
		TEST(the_options_are_the_same_before_and_after),
		TEST(a_conflict_in_the_second_patch_undoes_the_first),
		TEST(there_is_no_fuzz),
		TEST(half_applied_is_no_success),
		TEST(a_missing_file_is_named),
		TEST(a_new_file_replaces_none),
		TEST(links_out_of_the_tree_are_not_followed),
		TEST(hard_links_are_not_written_through),
		TEST(a_file_is_deleted),
		TEST(nothing_is_left_in_the_scratch_directory),
		TEST(bad_patches_are_flaws),
		TEST(good_patches_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
