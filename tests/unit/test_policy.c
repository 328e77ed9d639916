/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy_world.h"

#include <errno.h>

/* policy_load(): what it fills, which files it takes, and each flaw with its place. */

static int setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	world_begin(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	world_end(*state);
	free(*state);
	return 0;
}

static void all_keys_are_read(void **state)
{
	struct world *w = *state;
	const struct requirement *r;

	world_policy(w, "about: For tests.\nunknown: report\ndrops: block\n"
			"requires:\n"
			"  - hypervisor: alpha\n"
			"    versions: '>= 2'\n"
			"    modes: [old]\n"
			"    through: [chan, pdisk]\n"
			"    grade: full\n"
			"    arch: [x86_64, i686]\n"
			"    flavour: [generic]\n"
			"    reason: We sell it.\n"
			"  - {hypervisor: beta, loader: stage}\n"
			"  - {userspace: oldlibc}\n"
			"waivers:\n"
			"  - {finding: alpha-2-old-chan, kernels: 6.1 .. 6.1.999, reason: r, by: b, until: "
			"2027-01-31}\n");
	assert_string_equal(w->policy->name, "p");
	assert_int_equal(w->policy->version, 1);
	assert_string_equal(w->policy->about, "For tests.");
	assert_int_equal(w->policy->unknown, UNKNOWN_REPORT);
	assert_int_equal(w->policy->drops, DROPS_BLOCK);
	assert_true(endswith(w->policy->file, "/p/p.yaml"));
	assert_int_equal(w->policy->requires_count, 3);
	r = &w->policy->requires[0];
	assert_int_equal(r->grade, GRADE_FULL);
	assert_string_equal(r->reason, "We sell it.");
	assert_string_equal(r->through[1], "pdisk");
	assert_string_equal(r->arch[1], "i686");
	assert_string_equal(r->flavour[0], "generic");
	assert_string_equal(r->selection.host->name, "alpha");
	assert_false(r->selection.versions[0]);
	assert_true(r->selection.versions[1] && r->selection.versions[2]);
	assert_true(r->selection.modes[0]);
	assert_false(r->selection.modes[1]);
	assert_true(w->policy->requires[1].selection.modes[0]);
	assert_false(w->policy->requires[1].selection.modes[1]); /* its loader is another */
	assert_int_equal(w->policy->waivers_count, 1);
	assert_string_equal(w->policy->waivers[0].kernels, "6.1 .. 6.1.999");
	assert_string_equal(w->policy->waivers[0].until, "2027-01-31");
}

static void defaults_are_the_careful_ones(void **state)
{
	struct world *w = *state;

	world_policy(w, "requires: [{hypervisor: alpha}]\n");
	assert_int_equal(w->policy->unknown, UNKNOWN_BLOCK);
	assert_int_equal(w->policy->drops, DROPS_REPORT);
	assert_int_equal(w->policy->requires[0].grade, GRADE_DEGRADED);
}

/* --- files ------------------------------------------------------------------------------------- */

static void absent_and_masked_policies(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_load(w, "none"), -ENOENT);
	assert_non_null(strstr(w->inv.err.text, "none.yaml"));
	invent_file(&w->inv, "p/gone.yaml", "policy: gone\nversion: 1\ndrops: block\n");
	assert_int_equal(world_load(w, "gone"), 0);
	invent_link(&w->inv, "q/gone.yaml", "/dev/null");
	assert_int_equal(world_load(w, "gone"), -ENOENT);
	assert_non_null(strstr(w->inv.err.text, "q/gone.yaml: this policy is masked"));
	assert_null(w->policy);
}

static void later_directories_win(void **state)
{
	struct world *w = *state;

	invent_file(&w->inv, "p/x.yaml", "policy: x\nversion: 1\ndrops: block\n");
	invent_file(&w->inv, "q/x.yaml", "policy: x\nversion: 2\ndrops: block\n");
	assert_int_equal(world_load(w, "x"), 0);
	assert_int_equal(w->policy->version, 2);
}

static void paths_are_taken_as_they_are(void **state)
{
	struct world *w = *state;
	_cleanup_(freep) char *path = xasprintf("%s/elsewhere/mine.yaml", w->inv.dir);

	invent_file(&w->inv, "elsewhere/mine.yaml", "policy: mine\nversion: 7\n");
	invent_file(&w->inv, "elsewhere/mine.yaml.d/more.yaml", "requires: [{hypervisor: alpha}]\n");
	assert_int_equal(world_load(w, path), 0);
	assert_int_equal(w->policy->version, 7);
	assert_int_equal(w->policy->requires_count, 1);
	free(path);
	path = xasprintf("%s/elsewhere/other.yaml", w->inv.dir);
	assert_int_equal(world_load(w, path), -ENOENT);
}

static void dropins_add(void **state)
{
	struct world *w = *state;

	invent_file(&w->inv, "p/x.yaml", "policy: x\nversion: 1\nrequires: [{hypervisor: alpha}]\n");
	invent_file(&w->inv, "p/x.yaml.d/20-b.yaml", "requires: [{hypervisor: beta}]\n");
	invent_file(&w->inv, "p/x.yaml.d/10-a.yaml", "requires: [{userspace: oldlibc}]\n");
	invent_file(&w->inv, "q/x.yaml.d/30-w.yaml",
		    "waivers: [{finding: oldlibc-oldcall, reason: r, by: b, until: 2027-01-01}]\n");
	assert_int_equal(world_load(w, "x"), 0);
	assert_int_equal(w->policy->requires_count, 3);
	assert_string_equal(w->policy->requires[1].userspace, "oldlibc");
	assert_string_equal(w->policy->requires[2].hypervisor, "beta");
	assert_int_equal(w->policy->waivers_count, 1);
	/* the same name in a later directory replaces, /dev/null masks */
	invent_file(&w->inv, "q/x.yaml.d/20-b.yaml", "requires: [{hypervisor: beta, versions: '5.0'}]\n");
	invent_link(&w->inv, "q/x.yaml.d/10-a.yaml", "/dev/null");
	assert_int_equal(world_load(w, "x"), 0);
	assert_int_equal(w->policy->requires_count, 2);
	assert_string_equal(w->policy->requires[1].versions, "5.0");
}

static void flaws_of_dropins_have_their_own_place(void **state)
{
	struct world *w = *state;

	invent_file(&w->inv, "p/x.yaml", "policy: x\nversion: 1\nrequires: [{hypervisor: alpha}]\n");
	invent_file(&w->inv, "p/x.yaml.d/a.yaml", "requires:\n  - {hypervisor: gamma}\n");
	assert_int_equal(world_load(w, "x"), -EINVAL);
	assert_string_equal(w->inv.lines.text, "p/x.yaml.d/a.yaml:2:6: unknown hypervisor 'gamma'\n");
	invent_file(&w->inv, "p/x.yaml.d/a.yaml", "version: 2\n");
	assert_int_equal(world_load(w, "x"), -EINVAL);
	assert_string_equal(w->inv.lines.text, "p/x.yaml.d/a.yaml:1:1: unknown key 'version'\n");
}

/* --- flaws ------------------------------------------------------------------------------------- */

/* Begins with two good lines, so that what is tried begins on line 3. */
static void assert_flaw(struct world *w, const char *text, const char *place, const char *words)
{
	_cleanup_(freep) char *whole = xasprintf("policy: p\nversion: 1\n%s", text);
	_cleanup_(freep) char *begin = xasprintf("p/p.yaml:%s: ", place);

	invent_file(&w->inv, "p/p.yaml", whole);
	if (world_load(w, "p") != -EINVAL)
		fail_msg("passes: %s", text);
	if (!startswith(w->inv.lines.text, begin) || !strstr(w->inv.lines.text, words))
		fail_msg("%s\nshould begin with %s and have: %s", w->inv.lines.text, begin, words);
	if (w->inv.n_lines != 1)
		fail_msg("not one flaw: %s", w->inv.lines.text);
	/* the first goes to `err` as well */
	assert_non_null(strstr(w->inv.err.text, words));
}

static void flaws_of_shape(void **state)
{
	struct world *w = *state;

	assert_flaw(w, "extra: 1\n", "3:1", "unknown key 'extra'");
	assert_flaw(w, "about: a\nabout: b\n", "4:1", "key 'about' occurs twice");
	assert_flaw(w, "version: 2\n", "3:1", "key 'version' occurs twice");
	assert_flaw(w, "unknown: maybe\n", "3:10", "'maybe'");
	assert_flaw(w, "drops: no\n", "3:8", "'no'");
	assert_flaw(w, "requires: alpha\n", "3:11", "expected a list");
	assert_flaw(w, "requires:\n  - alpha\n", "4:5", "expected a mapping");
	assert_flaw(w, "requires:\n  - {hypervisor: alpha, color: red}\n", "4:25", "unknown key 'color'");
	assert_flaw(w, "requires:\n  - {hypervisor: alpha, grade: good}\n", "4:32", "'good'");
	assert_flaw(w, "requires:\n  - {hypervisor: alpha, modes: old}\n", "4:32", "expected a list");
	assert_flaw(w, "requires: &a\n  - {hypervisor: alpha}\nwaivers: *a\n", "5:10",
		    "aliases are not allowed");
	assert_flaw(w, "requires: [{hypervisor: alpha}\n", "4:1", "not YAML");
}

static void flaws_of_the_head(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *text, *flaw;
	} heads[] = {
		{ "version: 1\n", "p/p.yaml:1:1: key 'policy' is missing" },
		{ "policy: q\nversion: 1\n", "p/p.yaml:1:1: the policy is called 'q' and its file 'p'" },
		{ "policy: p\n", "p/p.yaml:1:1: key 'version' must be a number from 1 on" },
		{ "policy: p\nversion: 0\n", "p/p.yaml:2:1: key 'version' must be a number from 1 on" },
		{ "policy: p\nversion: -1\n", "p/p.yaml:2:10: " },
		{ "policy: p\nversion: one\n", "p/p.yaml:2:10: 'one' is not a number" },
		{ "- policy\n", "p/p.yaml:1:1: expected a mapping" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		invent_file(&w->inv, "p/p.yaml", heads[i].text);
		assert_int_equal(world_load(w, "p"), -EINVAL);
		if (!startswith(w->inv.lines.text, heads[i].flaw))
			fail_msg("%s\nis not: %s", w->inv.lines.text, heads[i].flaw);
	}
}

static void a_policy_requires_something(void **state)
{
	struct world *w = *state;

	assert_flaw(w, "about: an open gate\n", "1:1", "it requires nothing");
	assert_flaw(w, "requires: []\n", "1:1", "it requires nothing");
	assert_flaw(w, "drops: report\n", "1:1", "it requires nothing");
	world_policy(w, "drops: block\n");
}

#define REQUIRE(what) "requires:\n  - {" what "}\n"

static void flaws_of_requirements(void **state)
{
	struct world *w = *state;

	assert_flaw(w, REQUIRE("reason: none"), "4:5", "one 'hypervisor' or one 'userspace'");
	assert_flaw(w, REQUIRE("hypervisor: alpha, userspace: oldlibc"), "4:25",
		    "one 'hypervisor' or one 'userspace'");
	assert_flaw(w, REQUIRE("hypervisor: gamma"), "4:6", "unknown hypervisor 'gamma'");
	assert_flaw(w, REQUIRE("userspace: gamma"), "4:6", "unknown userspace 'gamma'");
	assert_flaw(w, REQUIRE("hypervisor: oldlibc"), "4:6", "write \"userspace: oldlibc\"");
	assert_flaw(w, REQUIRE("userspace: alpha"), "4:6", "write \"hypervisor: alpha\"");
	assert_flaw(w, REQUIRE("hypervisor: alpha, versions: '9'"), "4:25", "alpha has no version 9");
	assert_flaw(w, REQUIRE("hypervisor: alpha, versions: '>> 1'"), "4:25", "alpha has no version >> 1");
	assert_flaw(w, REQUIRE("hypervisor: alpha, versions: '3 .. 1'"), "4:25", "is empty");
	assert_flaw(w, REQUIRE("hypervisor: alpha, modes: [old, odd]"), "4:25", "alpha has no mode 'odd'");
	assert_flaw(w, REQUIRE("hypervisor: beta, loader: grub"), "4:24",
		    "no mode of beta has the loader 'grub'");
	assert_flaw(w, REQUIRE("hypervisor: beta, modes: [inner], loader: stage"), "4:5", "loader stage");
	assert_flaw(w, REQUIRE("hypervisor: alpha, arch: [vax]"), "4:25", "unknown architecture 'vax'");
	assert_flaw(w, REQUIRE("hypervisor: alpha, versions: '1', modes: [new]"), "4:5",
		    "selects nothing of alpha");
	assert_flaw(w, REQUIRE("hypervisor: alpha, through: [chant]"), "4:25", "unknown interface 'chant'");
	/* edisk is offered in mode old only, mode new needs no display, pack-zstd comes with 5.0 */
	assert_flaw(w, REQUIRE("hypervisor: alpha, through: [pdisp]"), "4:25",
		    "alpha:2/new does not offer 'pdisp'");
	assert_flaw(w, REQUIRE("hypervisor: alpha, through: [edisk]"), "4:25",
		    "alpha:2/new does not offer 'edisk'");
	assert_flaw(w, REQUIRE("hypervisor: beta, modes: [direct], through: [pack-zstd]"), "4:41",
		    "beta:4.1/direct does not offer 'pack-zstd'");
}

static void flaws_of_requirements_together(void **state)
{
	struct world *w = *state;

	assert_flaw(
		w,
		"requires:\n  - {hypervisor: alpha}\n  - {hypervisor: alpha, versions: '3', grade: full}\n",
		"5:5", "alpha:3/old is also required at");
	assert_flaw(
		w,
		"requires:\n  - {hypervisor: alpha}\n  - {hypervisor: alpha, versions: '3', grade: full}\n",
		"5:5", "p.yaml:4:5, with another grade");
	assert_flaw(w,
		    "requires:\n  - {hypervisor: alpha, modes: [old]}\n"
		    "  - {hypervisor: alpha, versions: '>= 2', through: [chan], modes: [new, old]}\n",
		    "5:5", "through other interfaces");
	assert_flaw(w, "requires:\n  - {userspace: oldlibc}\n  - {userspace: oldlibc}\n", "5:5",
		    "say it once");
	assert_flaw(
		w,
		"requires:\n  - {hypervisor: alpha, arch: [x86_64]}\n  - {hypervisor: alpha, grade: full}\n",
		"5:5", "with another grade");
	/* these do not meet */
	world_policy(w, "requires:\n"
			"  - {hypervisor: alpha, versions: '<= 2', modes: [old]}\n"
			"  - {hypervisor: alpha, versions: '3', modes: [old], grade: full}\n"
			"  - {hypervisor: alpha, modes: [new], flavour: [a]}\n"
			"  - {hypervisor: alpha, modes: [new], flavour: [b], grade: full}\n"
			"  - {hypervisor: beta, arch: [x86_64]}\n"
			"  - {hypervisor: beta, arch: [aarch64], grade: full}\n");
}

#define WAIVE(what) "waivers:\n  - {" what "}\n"
#define REST "reason: r, by: b, until: 2027-01-01"

static void flaws_of_waivers(void **state)
{
	struct world *w = *state;

	assert_flaw(w, WAIVE(REST), "4:5", "key 'finding' is missing");
	assert_flaw(w, WAIVE("finding: alpha-1-old-chan, by: b, until: 2027-01-01"), "4:5",
		    "key 'reason' is missing");
	assert_flaw(w, WAIVE("finding: alpha-1-old-chan, reason: r, until: 2027-01-01"), "4:5",
		    "key 'by' is missing");
	assert_flaw(w, WAIVE("finding: alpha-1-old-chan, reason: r, by: b"), "4:5", "key 'until' is missing");
	assert_flaw(w, WAIVE("finding: alpha-1-old-chan, reason: r, by: b, until: 2027-02-30"), "4:51",
		    "'2027-02-30' is no day");
	assert_flaw(w, WAIVE("finding: alpha-1-old-chan, reason: r, by: b, until: never"), "4:51",
		    "'never' is no day");
	assert_flaw(w, WAIVE("finding: alpha-1-old-chan, kernels: six, " REST), "4:33",
		    "'six' is no range of kernels");
	assert_flaw(w, WAIVE("finding: alpha-1-old-chan, kernels: 6.2 .. 6.1, " REST), "4:33", "is empty");
	assert_flaw(w, WAIVE("finding: alpha-1-old-chan, reason: '', by: b, until: 2027-01-01"), "4:41",
		    "empty");
	assert_flaw(w,
		    "waivers:\n  - {finding: alpha-1-old-chan, " REST
		    "}\n  - {finding: alpha-1-old-chan, " REST "}\n",
		    "5:6", "waived twice");
}

static void waivers_name_what_can_be_found(void **state)
{
	static const char *const bad[] = { "gamma-1-old-chan",
					   "alpha-1-old-chant",
					   "alpha-9-old-chan",
					   "alpha-1-odd-chan",
					   "alpha",
					   "alpha-1-old-",
					   "alpha-1-oldchan",
					   "alpha-1-old-bdisk",
					   "Alpha-1-old-chan",
					   "alpha-vax",
					   "waiver-alpha-1-old-chan",
					   "*" };
	static const char *const good[] = { "alpha-1-old-chan",	 "alpha-3-new-pdisk",	    "alpha-1-old",
					    "oldlibc-oldcall",	 "beta-4.2-direct-pack-xz", "alpha-aarch64",
					    "contradiction-chan" };
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_(freep) char *text = xasprintf(WAIVE("finding: '%s', " REST), bad[i]);

		assert_flaw(w, text, "4:6", "no finding is called");
	}
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		_cleanup_(freep) char *text = xasprintf("drops: block\n" WAIVE("finding: '%s', " REST), good[i]);

		world_policy(w, text);
	}
}

static void all_flaws_are_told(void **state)
{
	struct world *w = *state;

	invent_file(&w->inv, "p/p.yaml",
		    "policy: p\nrequires:\n  - {hypervisor: gamma}\n  - {hypervisor: alpha, through: [x, "
		    "y]}\nwaivers:\n"
		    "  - {finding: alpha-1-old-chan}\n");
	assert_int_equal(world_load(w, "p"), -EINVAL);
	assert_int_equal(w->inv.n_lines, 7); /* version; gamma; x, y; reason, by, until */
	assert_non_null(strstr(w->inv.err.text, "version"));
}

/* A list that unfolds into much memory, nesting, sizes: refused, not suffered. */
static void monsters_are_refused(void **state)
{
	struct world *w = *state;
	struct buf b = { 0 };

	buf_addf(&b, "policy: p\nversion: 1\nrequires: [");
	for (unsigned i = 0; i < 600; i++)
		buf_addf(&b, "{hypervisor: alpha},");
	buf_addf(&b, "]\n");
	invent_file(&w->inv, "p/p.yaml", b.text);
	assert_true(world_load(w, "p") < 0);
	buf_done(&b);
	buf_addf(&b, "policy: p\nversion: 1\nabout: '");
	for (unsigned i = 0; i < 1 << 15; i++)
		buf_addf(&b, "%s", "0123456789abcdef0123456789abcdef0123456789");
	buf_addf(&b, "'\n");
	invent_file(&w->inv, "p/p.yaml", b.text); /* more than 1 MiB */
	assert_true(world_load(w, "p") < 0);
	buf_done(&b);
	buf_addf(&b, "policy: p\nversion: 1\nrequires: ");
	for (unsigned i = 0; i < 5000; i++)
		buf_addf(&b, "[");
	invent_file(&w->inv, "p/p.yaml", b.text);
	assert_true(world_load(w, "p") < 0);
	buf_done(&b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(all_keys_are_read),
		TEST(a_policy_requires_something),
		TEST(defaults_are_the_careful_ones),
		TEST(absent_and_masked_policies),
		TEST(later_directories_win),
		TEST(paths_are_taken_as_they_are),
		TEST(dropins_add),
		TEST(flaws_of_dropins_have_their_own_place),
		TEST(flaws_of_shape),
		TEST(flaws_of_the_head),
		TEST(flaws_of_requirements),
		TEST(flaws_of_requirements_together),
		TEST(flaws_of_waivers),
		TEST(waivers_name_what_can_be_found),
		TEST(all_flaws_are_told),
		TEST(monsters_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
