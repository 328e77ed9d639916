/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy_world.h"

/* decide() of one kernel: every expected line follows from docs/policy.md and the invented world. */

#define TODAY "2026-11-23"

static void check_of_a_good_kernel(void **state)
{
	struct world *w = *state;

	world_policy(
		w, "requires:\n - {hypervisor: alpha, grade: full}\n - {userspace: oldlibc, grade: full}\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(w->d->n_requirements, 2);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
	assert_ptr_equal(w->d->requirements[1].requirement, &w->policy->requires[1]);
	assert_int_equal(w->d->requirements[1].result, REQUIREMENT_MET);
}

static void check_blocks_what_is_required(void **state)
{
	struct world *w = *state;
	const struct finding *f;

	world_chan_speaks(w, 1, "3.0 2.0");
	world_policy(w, "requires: [{hypervisor: alpha}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNMET);
	f = &w->d->findings[0];
	assert_true(f->required);
	assert_string_equal(f->host->name, "alpha");
	assert_int_equal(f->version, 0);
	assert_string_equal(f->through->name, "chan");
	world_policy(w, "requires: [{hypervisor: alpha, versions: '>= 2'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_findings(w, "");
}

/* Nothing is a disk: one finding for the need, by what was made for the host and not by its emulation. */
static void check_names_the_nearest_way(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_driver(w, 1, "edisk", FACT_ABSENT);
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-1-old-pdisk\n");
}

/* Of several codecs that would do, the one that came to that version last is named, and the others beside it.
 */
static void check_names_one_of_equals(void **state)
{
	struct world *w = *state;

	world_packed(w, 1, "zstd");
	world_policy(w, "requires: [{hypervisor: beta, versions: '<= 4.2', loader: stage}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(
		w,
		"! dropped existing beta-4.1-direct-pack-gzip\n! dropped existing beta-4.2-direct-pack-xz\n");
	assert_non_null(strstr(w->d->findings[1].message, "pack-xz (or pack-gzip)"));
}

static void check_asks_for_the_grade(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1', grade: full}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! narrowed existing alpha-1-old-pdisk\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNMET);
}

/* One that can be the real thing is nearer to the grade than a makeshift that works already. */
static void check_does_not_ask_for_makeshifts(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "bdisk", FACT_ABSENT);
	world_driver(w, 1, "sdisk", FACT_PRESENT);
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0', modes: [inner], grade: full}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! narrowed existing beta-5.0-inner-bdisk\n");
}

/* What decides an unknown need is what is unknown, be it only an emulation. */
static void check_names_what_is_unknown(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_driver(w, 1, "edisk", FACT_UNKNOWN);
	world_driver(w, 1, "pdisp", FACT_ABSENT); /* optional, and nothing that was asked for */
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! unknown existing alpha-1-old-edisk\n");
}

static void check_asks_optional_needs_of_full_only(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisp", FACT_ABSENT);
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1', grade: full}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! narrowed existing alpha-1-old-pdisp\n");
	/* what cannot be told about an optional need is unknown, not narrowed */
	world_driver(w, 1, "pdisp", FACT_UNKNOWN);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! unknown existing alpha-1-old-pdisp\n");
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
}

/* The row stands by its emulation, but the named way must work too. */
static void check_asks_for_the_way(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1', through: [chan, pdisk]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-1-old-pdisk\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	assert_non_null(strstr(w->d->findings[0].message, "does not work on alpha:1/old"));
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1', through: [edisk], grade: full}]\n");
	world_driver(w, 1, "pdisk", FACT_PRESENT);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! narrowed existing alpha-1-old-edisk\n");
}

static void check_unknown_blocks_or_reports(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "bdisk", FACT_UNKNOWN);
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0', modes: [inner]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! unknown existing beta-5.0-inner-bdisk\n");
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNKNOWN);
	world_policy(w, "unknown: report\nrequires: [{hypervisor: beta, versions: '5.0', modes: [inner]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "- unknown existing beta-5.0-inner-bdisk\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNKNOWN);
}

/* Something known to be lost is worth more than something unknown. */
static void check_blocked_beats_undecided(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "bdisk", FACT_UNKNOWN);
	world_chan_speaks(w, 1, "3.0 2.0");
	world_policy(w, "requires:\n - {hypervisor: beta, modes: [inner], versions: '5.0'}\n - {hypervisor: "
			"alpha}\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-1-old-chan\n! unknown existing beta-5.0-inner-bdisk\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
}

static void check_minds_the_architecture(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 1, "3.0 2.0");
	world_policy(w, "requires: [{hypervisor: alpha, arch: [aarch64]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_NOT_APPLICABLE);
	/* where it is not known, so is every answer, also where the evidence would do for those that are known */
	free(TAKE_PTR(w->facts[1]->arch));
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNKNOWN);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	assert_non_null(strstr(world_finding(w, "alpha-2-old-chan")->message, "whether the kernel is for x86_64"));
	world_chan_speaks(w, 1, "1.0");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNKNOWN);
}

static void check_minds_the_flavour(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 1, "3.0 2.0");
	world_policy(w, "requires: [{hypervisor: alpha, flavour: [cloud, tiny]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_NOT_APPLICABLE);
	free(w->facts[1]->flavour);
	w->facts[1]->flavour = xstrdup("tiny");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	free(TAKE_PTR(w->facts[1]->flavour));
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
}

/* Mode direct does not exist on aarch64: nothing is asked there, unless the requirement names that very
 * place. */
static void check_of_rows_that_do_not_exist(void **state)
{
	struct world *w = *state;

	world_kernels(w, "aarch64");
	world_policy(w, "requires: [{hypervisor: beta, modes: [direct]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_NOT_APPLICABLE);
	world_policy(w, "requires: [{hypervisor: beta, modes: [direct], arch: [aarch64, x86_64]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing beta-aarch64\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNMET);
	/* some rows that do are enough to be asked about them only */
	world_policy(w, "requires: [{hypervisor: beta, arch: [aarch64, x86_64]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
}

/* sdisk is offered on x86_64 only. */
static void check_of_ways_that_do_not_exist(void **state)
{
	struct world *w = *state;

	world_kernels(w, "aarch64");
	world_policy(w, "requires: [{hypervisor: beta, versions: '4.1', modes: [inner],"
			" through: [sdisk]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
	world_policy(w, "requires: [{hypervisor: beta, versions: '4.1', modes: [inner], through: [sdisk],"
			" arch: [aarch64]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing beta-4.1-inner-sdisk\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(check_of_a_good_kernel),
		WORLD_TEST(check_blocks_what_is_required),
		WORLD_TEST(check_names_the_nearest_way),
		WORLD_TEST(check_names_one_of_equals),
		WORLD_TEST(check_asks_for_the_grade),
		WORLD_TEST(check_does_not_ask_for_makeshifts),
		WORLD_TEST(check_names_what_is_unknown),
		WORLD_TEST(check_asks_optional_needs_of_full_only),
		WORLD_TEST(check_asks_for_the_way),
		WORLD_TEST(check_unknown_blocks_or_reports),
		WORLD_TEST(check_blocked_beats_undecided),
		WORLD_TEST(check_minds_the_architecture),
		WORLD_TEST(check_minds_the_flavour),
		WORLD_TEST(check_of_rows_that_do_not_exist),
		WORLD_TEST(check_of_ways_that_do_not_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
