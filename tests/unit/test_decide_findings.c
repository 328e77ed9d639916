/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy_world.h"

/* What findings carry, and what contradictions make of them: follows from docs/policy.md and the invented world. */

#define TODAY "2026-11-23"

static void findings_show_both_sides(void **state)
{
	struct world *w = *state;
	const struct finding *f;
	struct fact *fact;

	world_chan_speaks(w, 1, "3.0 2.0");
	for (unsigned i = 0; i < 2; i++) {
		fact = invent_fact(w->k, w->facts[i], WANT_TABLE, "chan_versions", "chan_drv");
		fact->text = xstrdup(i ? "3.0 2.0" : "3.0 2.0 1.0");
		fact->package = xstrdup(i ? "image-new" : "image-old");
		fact->member = xstrdup("lib/chan_drv.ko");
		fact->place = xstrdup(".data chan_versions");
	}
	world_decide(w, WITH_OLD, TODAY);
	f = world_finding(w, "alpha-1-old-chan");
	assert_non_null(f);
	assert_true(f->n_evidence >= 2);
	assert_string_equal(f->evidence[0].kind, "table");
	assert_string_equal(f->evidence[0].package, "image-new");
	assert_string_equal(f->evidence[0].member, "lib/chan_drv.ko");
	assert_string_equal(f->evidence[0].place, ".data chan_versions");
	assert_string_equal(f->evidence[0].found, "3.0 2.0");
	assert_non_null(strstr(f->evidence[0].expected, "<= 1.0"));
	assert_false(f->evidence[0].old);
	assert_string_equal(f->evidence[f->n_evidence - 1].package, "image-old");
	assert_string_equal(f->evidence[f->n_evidence - 1].found, "3.0 2.0 1.0");
	assert_true(f->evidence[f->n_evidence - 1].old);
}

static void findings_say_what_helps(void **state)
{
	struct world *w = *state;
	const struct finding *f;

	world_chan_speaks(w, 1, "3.0 2.0");
	invent_fact(w->k, w->facts[1], WANT_CONFIG, "OLDCALL", NULL)->state = FACT_ABSENT;
	world_decide(w, WITH_OLD, TODAY);
	f = world_finding(w, "alpha-1-old-chan");
	/* the option is on: what is missing is a version, and no option brings that back */
	assert_string_equal(f->help[0], "apply the shim old-chan");
	assert_null(f->help[1]);
	f = world_finding(w, "oldlibc-oldcall");
	assert_string_equal(f->help[0], "build with CONFIG_OLDCALL=y");
	assert_string_equal(f->help[1], "Ask for it.");
	invent_fact(w->k, w->facts[1], WANT_CONFIG, "OLDCALL_EMULATED", NULL)->state = FACT_PRESENT;
	world_decide(w, WITH_OLD, TODAY);
	assert_string_equal(world_finding(w, "oldlibc-oldcall")->help[0], "boot with oldcall=on");
	/* what the host and the interface both advise is said once */
	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_decide(w, WITH_OLD, TODAY);
	f = world_finding(w, "alpha-2-new-pdisk");
	assert_string_equal(f->help[0], "build with CONFIG_PDISK=m");
	assert_null(f->help[1]);
}

static void contradict(struct facts *f, const char *what)
{
	f->contradictions =
		xreallocarray(f->contradictions, f->n_contradictions + 1, sizeof(f->contradictions[0]));
	f->contradictions[f->n_contradictions++].what = xstrdup(what);
}

/* Rules that disagree are told as "NAME: …"; the policy's answer about alpha rests on chan, that about beta
 * does not. */
static void contradictions_block_what_rests_on_them(void **state)
{
	struct world *w = *state;

	contradict(w->facts[1], "chan: one thing but another");
	world_policy(w, "requires: [{hypervisor: alpha}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! contradiction existing contradiction-chan\n");
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "- contradiction existing contradiction-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
}

/* A driver is named: what asks for it is in doubt, in alpha chan, in beta sdisk, of the userspace nothing. */
static void contradictions_by_driver(void **state)
{
	struct world *w = *state;

	contradict(w->facts[1], "the package holds chan-drv, but the config does not set CONFIG_CHAN");
	world_policy(w, "requires: [{userspace: oldlibc}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "- contradiction existing contradiction-chan\n");
	world_policy(w, "requires: [{hypervisor: alpha}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
}

/* What names nothing may be about anything; where nothing is required it still blocks nothing. */
static void contradictions_of_the_kernel(void **state)
{
	struct world *w = *state;

	contradict(w->facts[1], "chance: the image says 6.1, the config 5.10"); /* not about chan */
	contradict(w->facts[1], "the image is for one machine, the config for another");
	world_policy(w, "requires: [{userspace: oldlibc}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! contradiction existing contradiction-kernel\n"
			   "! contradiction existing contradiction-kernel-2\n");
	world_policy(w, "requires: [{userspace: oldlibc, flavour: [none-such]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_ALLOWED);
}

static void contradictions_of_the_old_kernel(void **state)
{
	struct world *w = *state;

	contradict(w->facts[0], "chan: one thing but another");
	world_policy(w, "requires: [{hypervisor: alpha}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "- contradiction existing contradiction-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	contradict(w->facts[1], "chan: something else");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(
		w, "! contradiction new contradiction-chan\n- contradiction existing contradiction-chan-2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(findings_show_both_sides),
		WORLD_TEST(findings_say_what_helps),
		WORLD_TEST(contradictions_block_what_rests_on_them),
		WORLD_TEST(contradictions_by_driver),
		WORLD_TEST(contradictions_of_the_kernel),
		WORLD_TEST(contradictions_of_the_old_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
