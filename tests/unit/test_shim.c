/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim_world.h"

#include <errno.h>

/* shim_load(): what it fills, where it looks, and each flaw with its place; proofs; what the knowledge calls help. */

static void all_keys_are_read(void **state)
{
	struct shim_world *w = *state;
	struct shim *s;

	world_file(w, "shims/old-chan/README.md", "It is old.\n");
	world_file(w, "shims/old-chan/6.1/one.patch", world_patch_one);
	world_file(w, "shims/old-chan/6.1/new/drivers/chan/old.c", "int old;\n");
	world_file(w, "shims/old-chan/shim.yaml",
		   "shim: old-chan\nabout: Brings back.\nkeeps: ['alpha:1/old', oldlibc]\narch: [x86_64]\n"
		   "config: [CHAN=m, CHAN_MOST=64]\n"
		   "series:\n"
		   "  - kernels: 6.1 .. 6.1.999\n"
		   "    patches: [6.1/one.patch]\n"
		   "    sources: 6.1/new\n"
		   "    checks:\n"
		   "      - {file: drivers/chan/main.c, contains: one, lacks: old}\n"
		   "    config: [CHAN_OLD=y]\n"
		   "  - {kernels: '>= 6.2'}\n"
		   "proof:\n"
		   "  - {interface: chan, versions: ['1.0', '2.0']}\n"
		   "  - one-of: [pdisk, edisk]\n"
		   "  - interface: oldcall\n"
		   "cost: It costs.\nrisk: It risks.\nsource: invented\n");
	s = load_shim(w, "old-chan");
	assert_non_null(s);
	assert_string_equal(s->name, "old-chan");
	assert_string_equal(s->about, "Brings back.");
	assert_int_equal(s->keeps_count, 2);
	assert_string_equal(s->keeps[0], "alpha:1/old");
	assert_string_equal(s->arch[0], "x86_64");
	assert_int_equal(s->series_count, 2);
	assert_string_equal(s->series[0].kernels, "6.1 .. 6.1.999");
	assert_string_equal(s->series[0].patches[0], "6.1/one.patch");
	assert_string_equal(s->series[0].sources, "6.1/new");
	assert_string_equal(s->series[0].checks[0].file, "drivers/chan/main.c");
	assert_string_equal(s->series[0].checks[0].contains, "one");
	assert_string_equal(s->series[0].checks[0].lacks, "old");
	assert_string_equal(s->series[0].config[0], "CHAN_OLD=y");
	assert_null(s->series[1].sources);
	assert_string_equal(s->config[1], "CHAN_MOST=64");
	assert_int_equal(s->proof_count, 3);
	assert_string_equal(s->proof[0].versions[1], "2.0");
	assert_string_equal(s->proof[1].one_of[1], "edisk");
	assert_string_equal(s->cost, "It costs.");
	assert_string_equal(s->risk, "It risks.");
	assert_true(endswith(s->dir, "/shims/old-chan"));
	assert_true(endswith(s->file, "/shims/old-chan/shim.yaml"));
	assert_int_equal(w->n_flaws, 0);
	shim_free(s);
}

static void a_later_directory_wins(void **state)
{
	struct shim_world *w = *state;
	_cleanup_(shim_names_freep) char **names = NULL;
	struct shim *s;

	world_simple(w, "shims", "old-chan", "CHAN=m");
	world_simple(w, "shims", "masked", "CHAN=m");
	world_simple(w, "shims", "zz-last", "CHAN=m");
	world_simple(w, "more", "old-chan", "CHAN=y");
	invent_link(&w->base.inv, "more/masked", "/dev/null");
	world_file(w, "more/README.md", "No shim.\n");
	world_file(w, "more/no-shim/file", "No shim.\n");
	s = load_shim(w, "old-chan");
	assert_non_null(s);
	assert_string_equal(s->config[0], "CHAN=y");
	shim_free(s);
	assert_int_equal(shim_names(w->dirs, &names, NULL), 0);
	assert_string_equal(names[0], "old-chan");
	assert_string_equal(names[1], "zz-last");
	assert_null(names[2]);
	assert_null(load_shim(w, "masked"));
	assert_int_equal(w->err.code, -ENOENT);
}

static void a_missing_one_is_named_with_those_there_are(void **state)
{
	struct shim_world *w = *state;

	world_simple(w, "shims", "aa", "CHAN=m");
	world_simple(w, "shims", "bb", "CHAN=m");
	assert_null(load_shim(w, "cc"));
	assert_int_equal(w->err.code, -ENOENT);
	assert_non_null(strstr(w->err.text, "'cc'"));
	assert_non_null(strstr(w->err.text, "aa and bb"));
	assert_null(load_shim(w, "../shims"));
	assert_int_equal(w->err.code, -ENOENT);
	assert_null(load_shim(w, ""));
	assert_null(load_shim(w, ".."));
}

static void a_directory_is_taken_as_it_is(void **state)
{
	struct shim_world *w = *state;
	_cleanup_(freep) char *dir = NULL;
	struct shim *s;

	world_simple(w, "elsewhere", "old-chan", "CHAN=m");
	dir = xasprintf("%s/elsewhere/old-chan/", w->base.inv.dir);
	s = load_shim(w, dir);
	assert_non_null(s);
	shim_free(s);
}

/* --- flaws ------------------------------------------------------------------------------------- */

/* One key of a good shim replaced; the flaw's place is given as LINE:COLUMN. */
struct flawed {
	const char *key, *line, *says;
};

static const struct {
	const char *key, *line;
} good[] = {
	{ "shim", "shim: old-chan" },
	{ "about", "about: Brings back." },
	{ "keeps", "keeps: ['alpha:1/old']" },
	{ "arch", "arch: [x86_64]" },
	{ "config", "config: [CHAN=m]" },
	{ "series", "series: [{kernels: '6.1', patches: [one.patch]}]" },
	{ "proof", "proof: [{interface: chan}]" },
	{ "cost", "cost: c" },
	{ "risk", "risk: r" },
	{ "source", "source: s" },
};

static void write_flawed(struct shim_world *w, const struct flawed *f)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		const char *line = f && streq(good[i].key, f->key) ? f->line : good[i].line;

		buf_addf(&b, "%s%s", line, *line ? "\n" : "");
	}
	world_file(w, "shims/old-chan/shim.yaml", b.text);
	world_file(w, "shims/old-chan/README.md", "x\n");
	world_file(w, "shims/old-chan/one.patch", world_patch_one);
	buf_done(&b);
}

static const struct flawed flaws[] = {
	{ "shim", "", ":1:1: key 'shim' is missing: write \"shim: old-chan\"" },
	{ "shim", "shim: new-chan", ":1:1: the shim is called 'new-chan' and its directory 'old-chan'" },
	{ "shim", "shim: Old_Chan", ":1:1: 'Old_Chan': a name is made of a-z, 0-9 and '-'" },
	{ "about", "", "key 'about' is missing" },
	{ "about", "abuot: x", ":2:1: unknown key 'abuot'" },
	{ "about", "about: x\nabout: y", ":3:1: key 'about' occurs twice" },
	{ "about", "about: [x]", ":2:8: expected a single value, found a list" },
	{ "keeps", "", "'keeps' must name the hosts" },
	{ "keeps", "keeps: [castle]", ":3:9: " },
	{ "keeps", "keeps: ['alpha:9']", ":3:9: " },
	{ "keeps", "keeps: ['alpha:1/old', 'alpha/gone']", ":3:24: " },
	{ "keeps", "keeps: [beta]", ":3:9: beta offers none of the interfaces that 'proof' names" },
	{ "arch", "arch: [x86_64, amd64]", ":4:16: unknown architecture 'amd64'" },
	{ "config", "config: [CONFIG_CHAN=m]", ":5:10: 'CONFIG_CHAN=m': leave out CONFIG_" },
	{ "config", "config: [CHAN=m, CHAN=y]", ":5:18: 'CHAN' is set twice" },
	{ "config", "config: [CHAN]", ":5:10: 'CHAN' sets no option" },
	{ "config", "config: [CHAN=maybe]", ":5:10: 'CHAN=maybe' sets no option" },
	{ "series", "series: [{patches: [one.patch]}]", ":6:10: key 'kernels' is missing" },
	{ "series", "series: [{kernels: new, patches: [one.patch]}]", ":6:11: 'new' is no range of kernels" },
	{ "series", "series: [{kernels: '6.1', patches: [one.patch, two.patch]}]", ":6:48: 'two.patch': No such file" },
	{ "series", "series: [{kernels: '6.1', patches: [one.patch, ../one.patch]}]",
	  ":6:48: '../one.patch' leads out of the shim's directory" },
	{ "series", "series: [{kernels: '6.1', patches: [one.patch, /etc/passwd]}]", ":6:48: '/etc/passwd' leads out" },
	{ "series", "series: [{kernels: '6.1', patches: [one.patch], sources: gone}]", ":6:49: 'gone': No such file" },
	{ "series", "series: [{kernels: '6.1', patches: [one.patch], sources: one.patch}]", "'one.patch' is no directory" },
	{ "series", "series: [{kernels: '6.1', patches: [one.patch], checks: [{contains: x}]}]",
	  "key 'file' is missing: a check is about one file" },
	{ "series", "series: [{kernels: '6.1', patches: [one.patch], checks: [{file: ../x}]}]",
	  ":6:59: '../x' leads out of the source tree" },
	{ "series", "series: [{kernels: '6.1', patches: [one.patch], config: [X]}]", "'X' sets no option" },
	{ "series", "series: [{kernels: '6.1'}]", ":6:1: no series names the patch 'one.patch'" },
	{ "proof", "", "'proof' must name the interfaces" },
	{ "proof", "proof: [{interface: fort}]", ":7:10: unknown interface 'fort'" },
	{ "proof", "proof: [{one-of: [chan, fort]}]", ":7:25: unknown interface 'fort'" },
	{ "proof", "proof: [{interface: chan, one-of: [pdisk]}]", ":7:9: a proof is one 'interface', or a list 'one-of'" },
	{ "proof", "proof: [{versions: ['1.0']}]", "a proof is one 'interface'" },
	{ "proof", "proof: [{interface: pdisk, versions: ['1.0']}]", ":7:28: this interface has no versions" },
	{ "proof", "proof: [{interface: chan, versions: [new]}]", ":7:38: 'new' is no version" },
	{ "cost", "", "key 'cost' is missing" },
	{ "risk", "", "key 'risk' is missing" },
	{ "source", "", "key 'source' is missing" },
};

static void each_flaw_is_told_with_its_place(void **state)
{
	struct shim_world *w = *state;
	struct shim *s;

	write_flawed(w, NULL);
	s = load_shim(w, "old-chan");
	if (!s)
		fail_msg("the good one: %s", w->lines.text);
	shim_free(s);
	for (size_t i = 0; i < ARRAY_SIZE(flaws); i++) {
		write_flawed(w, &flaws[i]);
		s = load_shim(w, "old-chan");
		if (s || w->err.code != -EINVAL || !w->lines.text || !strstr(w->lines.text, flaws[i].says))
			fail_msg("%s: expected '%s', found '%s'", flaws[i].line, flaws[i].says,
				 w->lines.text ? w->lines.text : "nothing");
	}
}

static void all_flaws_are_told(void **state)
{
	struct shim_world *w = *state;

	write_flawed(w, &(struct flawed){ "risk", "" });
	world_file(w, "shims/old-chan/shim.yaml", "shim: other\nconfig: [X]\n");
	assert_null(load_shim(w, "old-chan"));
	assert_true(w->n_flaws >= 7);
	assert_int_equal(w->err.code, -EINVAL);
}

static void what_does_nothing_is_a_flaw(void **state)
{
	struct shim_world *w = *state;

	world_simple(w, "shims", "idle", NULL);
	assert_null(load_shim(w, "idle"));
	assert_non_null(strstr(w->lines.text, "this does nothing"));
}

static void a_link_that_leads_out_is_refused(void **state)
{
	struct shim_world *w = *state;

	write_flawed(w, NULL);
	world_file(w, "outside.patch", world_patch_one);
	world_file(w, "shims/old-chan-2/one.patch", world_patch_one);
	for (size_t i = 0; i < 2; i++) {
		world_remove(w, "shims/old-chan/one.patch");
		invent_link(&w->base.inv, "shims/old-chan/one.patch",
			    i ? "../old-chan-2/one.patch" : "../../outside.patch");
		assert_null(load_shim(w, "old-chan"));
		assert_non_null(strstr(w->lines.text, "'one.patch' is a link that leads out"));
	}
}

static void a_missing_readme_is_a_flaw(void **state)
{
	struct shim_world *w = *state;

	write_flawed(w, NULL);
	world_remove(w, "shims/old-chan/README.md");
	assert_null(load_shim(w, "old-chan"));
	assert_non_null(strstr(w->lines.text, "there is no README.md"));
}

/* --- proofs ------------------------------------------------------------------------------------ */

static void a_proof_needs_the_versions(void **state)
{
	struct shim_world *w = *state;
	_cleanup_(freep) char *evidence = NULL;
	struct error err = { 0 };

	world_proof(w, "[{interface: chan, versions: ['1.0', '3.0']}]");
	world_kernels(&w->base, "x86_64");
	assert_int_equal(shim_proved(w->shim, world_judged(w, 0), &evidence, NULL), 0);
	assert_non_null(strstr(evidence, "chan 3.0 2.0 1.0: "));
	invent_versions(invent_fact(w->base.k, w->base.facts[1], WANT_TABLE, "chan_versions", "chan_drv"), "3.0 2.0");
	assert_int_equal(shim_proved(w->shim, world_judged(w, 1), NULL, &err), -EINVAL);
	assert_non_null(strstr(err.text, "shim s is not effective: chan: "));
	assert_non_null(strstr(err.text, "version 1.0, but 3.0 2.0"));
}

static void a_proof_is_in_full_or_none(void **state)
{
	struct shim_world *w = *state;
	struct error err = { 0 };

	world_proof(w, "[{interface: oldcall}]");
	world_kernels(&w->base, "x86_64");
	assert_int_equal(shim_proved(w->shim, world_judged(w, 0), NULL, NULL), 0);
	invent_fact(w->base.k, w->base.facts[1], WANT_CONFIG, "OLDCALL", NULL)->state = FACT_ABSENT;
	invent_fact(w->base.k, w->base.facts[1], WANT_CONFIG, "OLDCALL_EMULATED", NULL)->state = FACT_PRESENT;
	assert_int_equal(shim_proved(w->shim, world_judged(w, 1), NULL, &err), -EINVAL);
	assert_non_null(strstr(err.text, "answers old calls only when told to"));
}

static void an_unknown_is_no_proof(void **state)
{
	struct shim_world *w = *state;

	world_proof(w, "[{interface: pdisk}]");
	world_kernels(&w->base, "x86_64");
	assert_int_equal(shim_proved(w->shim, world_judged(w, 0), NULL, NULL), 0);
	invent_fact(w->base.k, w->base.facts[1], WANT_DRIVER, "pdisk", NULL)->state = FACT_UNREAD;
	assert_int_equal(shim_proved(w->shim, world_judged(w, 1), NULL, NULL), -EINVAL);
}

static void one_of_several_will_do(void **state)
{
	struct shim_world *w = *state;
	struct error err = { 0 };

	world_proof(w, "[{one-of: [pack-gzip, pack-xz]}]");
	world_kernels(&w->base, "x86_64");
	assert_int_equal(shim_proved(w->shim, world_judged(w, 0), NULL, NULL), 0);
	invent_fact(w->base.k, w->base.facts[1], WANT_PAYLOAD, "xz", NULL)->state = FACT_ABSENT;
	invent_fact(w->base.k, w->base.facts[1], WANT_PAYLOAD, "zstd", NULL)->state = FACT_PRESENT;
	assert_int_equal(shim_proved(w->shim, world_judged(w, 1), NULL, &err), -EINVAL);
	assert_non_null(strstr(err.text, "pack-gzip and pack-xz"));
}

/* --- what the knowledge calls help ------------------------------------------------------------- */

static void helps_must_be_there_and_prove_the_class(void **state)
{
	struct shim_world *w = *state;

	assert_int_equal(shim_lint_helps(w->base.k, w->dirs, world_note, w, NULL), -EINVAL);
	assert_int_equal(w->n_flaws, 1);
	assert_non_null(strstr(w->lines.text, "chan.yaml: says that the shim 'old-chan' helps where 'chan' is missing, "
					      "but there is no such shim"));
	world_simple(w, "shims", "old-chan", "CHAN=m");
	world_clear(w);
	assert_int_equal(shim_lint_helps(w->base.k, w->dirs, world_note, w, NULL), 0);
	assert_int_equal(w->n_flaws, 0);
	write_flawed(w, &(struct flawed){ "proof", "proof: [{interface: pdisk}]" });
	assert_int_equal(shim_lint_helps(w->base.k, w->dirs, world_note, w, NULL), -EINVAL);
	assert_non_null(strstr(w->lines.text, "proves nothing of its class"));
}

static void options_are_minimums(void **state)
{
	(void)state;
	assert_true(shim_config_satisfied("X=m", "m"));
	assert_true(shim_config_satisfied("X=m", "y"));
	assert_true(shim_config_satisfied("X=y", "y"));
	assert_false(shim_config_satisfied("X=y", "m"));
	assert_false(shim_config_satisfied("X=m", "n"));
	assert_false(shim_config_satisfied("X=m", NULL));
	assert_true(shim_config_satisfied("X=n", NULL));
	assert_true(shim_config_satisfied("X=n", "n"));
	assert_false(shim_config_satisfied("X=n", "y"));
	assert_true(shim_config_satisfied("X=64", "64"));
	assert_false(shim_config_satisfied("X=64", "6"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_keys_are_read),
		TEST(a_later_directory_wins),
		TEST(a_missing_one_is_named_with_those_there_are),
		TEST(a_directory_is_taken_as_it_is),
		TEST(each_flaw_is_told_with_its_place),
		TEST(all_flaws_are_told),
		TEST(what_does_nothing_is_a_flaw),
		TEST(a_link_that_leads_out_is_refused),
		TEST(a_missing_readme_is_a_flaw),
		TEST(a_proof_needs_the_versions),
		TEST(a_proof_is_in_full_or_none),
		TEST(an_unknown_is_no_proof),
		TEST(one_of_several_will_do),
		TEST(helps_must_be_there_and_prove_the_class),
		TEST(options_are_minimums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
