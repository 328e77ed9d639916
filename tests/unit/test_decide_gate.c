/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy_world.h"

/* decide() of two kernels by a policy: every expected line follows from docs/policy.md and the invented world. */

#define TODAY "2026-11-23"

static void gate_tells_new_from_existing(void **state)
{
	struct world *w = *state;

	world_policy(w, "requires: [{hypervisor: alpha, versions: '<= 2', modes: [old]}]\n");
	world_chan_speaks(w, 0, "3.0 2.0");
	world_chan_speaks(w, 1, "3.0");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-1-old-chan\n"
			   "! dropped new alpha-2-old-chan\n"
			   "- dropped new alpha-2-new-chan\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	/* an existing loss alone blocks all the same */
	world_chan_speaks(w, 1, "3.0 2.0");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
}

static void gate_tells_what_was_fixed(void **state)
{
	struct world *w = *state;

	world_policy(w, "requires: [{hypervisor: alpha}]\n");
	world_chan_speaks(w, 0, "3.0 2.0");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "- gained fixed alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
}

/* Of several ways to a disk, those that the old kernel had are named, not those that it never had. */
static void gate_names_what_was_had(void **state)
{
	struct world *w = *state;

	world_policy(w, "requires: [{hypervisor: alpha, versions: '1'}]\n");
	world_driver(w, 0, "pdisk", FACT_ABSENT);
	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_driver(w, 1, "edisk", FACT_ABSENT);
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_string_equal(w->d->findings[0].id, "alpha-1-old-edisk");
	assert_true(w->d->findings[0].blocking);
	assert_int_equal(w->d->findings[0].state, STATE_NEW);
	assert_null(world_finding(w, "alpha-1-old-pdisk"));
}

/* A requirement and the comparison speak of one path: one finding, the graver word. */
static void gate_says_it_once(void **state)
{
	struct world *w = *state;

	world_policy(w, "requires: [{hypervisor: alpha, versions: '1', through: [pdisk]}]\n");
	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(world_finding(w, "alpha-1-old-pdisk")->kind, FINDING_DROPPED);
	assert_true(world_finding(w, "alpha-1-old-pdisk")->blocking);
	assert_int_equal(world_finding(w, "alpha-2-old-pdisk")->kind, FINDING_NARROWED);
	assert_non_null(
		strstr(world_finding(w, "alpha-1-old-pdisk")->message, "no longer works on alpha:1/old"));
}

static void gate_reports_or_blocks_drops(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_policy(w, "requires: [{hypervisor: beta, modes: [inner]}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(world_finding(w, "alpha-2-new-pdisk")->kind, FINDING_DROPPED);
	world_policy(w, "drops: block\nrequires: [{hypervisor: beta, modes: [inner]}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "! dropped new alpha-2-new-pdisk\n"
			   "! dropped new alpha-3-new-pdisk\n"
			   "- narrowed new alpha-1-old-pdisk\n"
			   "- narrowed new alpha-2-old-pdisk\n"
			   "- narrowed new alpha-3-old-pdisk\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	assert_false(w->d->findings[0].required);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
}

/* What may be a drop and cannot be told leaves `drops: block` undecided, unless unknown is only reported. */
static void gate_does_not_guess_drops(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "bdisk", FACT_UNKNOWN);
	world_policy(w, "drops: block\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	/* nor what may have been there before */
	world_driver(w, 0, "bdisk", FACT_UNKNOWN);
	world_driver(w, 1, "bdisk", FACT_ABSENT);
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	world_driver(w, 0, "bdisk", FACT_PRESENT);
	world_driver(w, 1, "bdisk", FACT_UNKNOWN);
	world_policy(w, "drops: block\nunknown: report\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	world_policy(w, "drops: report\nrequires: [{userspace: oldlibc}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(world_finding(w, "beta-5.0-inner-bdisk")->kind, FINDING_UNKNOWN);
}

/* An old kernel that nothing is known of excuses nothing. */
static void gate_with_an_unknown_past(void **state)
{
	struct world *w = *state;

	world_driver(w, 0, "bdisk", FACT_UNKNOWN);
	world_driver(w, 1, "bdisk", FACT_ABSENT);
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0', modes: [inner]}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(world_finding(w, "beta-5.0-inner-bdisk")->kind, FINDING_DROPPED);
	assert_int_equal(world_finding(w, "beta-5.0-inner-bdisk")->state, STATE_NEW);
	assert_int_equal(w->d->result, DECISION_BLOCKED);
}

static void gate_with_an_unknown_past_and_a_grade(void **state)
{
	struct world *w = *state;

	world_driver(w, 0, "bdisk", FACT_UNKNOWN);
	world_driver(w, 1, "bdisk", FACT_ABSENT);
	world_driver(w, 1, "sdisk", FACT_PRESENT);
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0', modes: [inner], grade: full}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(world_finding(w, "beta-5.0-inner-bdisk")->kind, FINDING_NARROWED);
	assert_int_equal(world_finding(w, "beta-5.0-inner-bdisk")->state, STATE_NEW);
}

/* Of two disks one is lost and one unknown: the unknown one decides, so it blocks; the other is reported. */
static void gate_blocks_for_what_decides(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_driver(w, 1, "edisk", FACT_UNKNOWN);
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1'}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	assert_int_equal(world_finding(w, "alpha-1-old-edisk")->kind, FINDING_UNKNOWN);
	assert_true(world_finding(w, "alpha-1-old-edisk")->blocking);
	assert_int_equal(world_finding(w, "alpha-1-old-pdisk")->kind, FINDING_NARROWED);
	assert_false(world_finding(w, "alpha-1-old-pdisk")->blocking);
}

/* That it is dropped is known; whether the policy wants it is not, unless it wants no drops at all. */
static void gate_with_an_unknown_flavour(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 1, "3.0 2.0");
	free(TAKE_PTR(w->facts[1]->flavour));
	world_policy(w, "requires: [{hypervisor: alpha, flavour: [cloud]}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "! dropped new alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNKNOWN);
	world_policy(w, "unknown: report\nrequires: [{hypervisor: alpha, flavour: [cloud]}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "- dropped new alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	world_policy(w, "drops: block\nrequires: [{hypervisor: alpha, flavour: [cloud]}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_BLOCKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(gate_tells_new_from_existing),
		WORLD_TEST(gate_tells_what_was_fixed),
		WORLD_TEST(gate_names_what_was_had),
		WORLD_TEST(gate_says_it_once),
		WORLD_TEST(gate_reports_or_blocks_drops),
		WORLD_TEST(gate_does_not_guess_drops),
		WORLD_TEST(gate_with_an_unknown_past),
		WORLD_TEST(gate_with_an_unknown_past_and_a_grade),
		WORLD_TEST(gate_blocks_for_what_decides),
		WORLD_TEST(gate_with_an_unknown_flavour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
