/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "policy_world.h"

/* decide() with boots on record: docs/policy.md, "Boots". */

#define TODAY "2026-11-23"

static int setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	world_begin(w);
	world_kernels(w, "x86_64");
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	world_end(*state);
	free(*state);
	return 0;
}

#define REQUIRES(rest) "requires: [{hypervisor: alpha, versions: '2', modes: [new]" rest "}]\n"

static void agreeing_boots_are_no_finding(void **state)
{
	struct world *w = *state;

	world_policy(w, REQUIRES(""));
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_YES);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
}

static void boots_that_say_nothing_are_no_finding(void **state)
{
	struct world *w = *state;

	world_policy(w, REQUIRES(""));
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_UNKNOWN);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
}

/* It reads as supported, and did not boot: believed neither way. */
static void a_failed_boot_contradicts(void **state)
{
	struct world *w = *state;
	const struct finding *f;

	world_policy(w, REQUIRES(""));
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_NO);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! contradiction existing contradiction-alpha-2-new\n");
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	f = world_finding(w, "contradiction-alpha-2-new");
	assert_true(f->required);
	assert_int_equal(f->n_evidence, 1);
	assert_string_equal(f->evidence[0].kind, "boot");
	assert_string_equal(f->evidence[0].place, "alpha-2-new");
	assert_string_equal(f->evidence[0].expected, "supported");
	assert_string_equal(f->evidence[0].found, "panicked: it went wrong");
	assert_non_null(strstr(f->message, "reads as supported on alpha:2/new through pdisk"));
}

/* The other way round, what was read still blocks: nobody is let through because of a record. */
static void a_boot_does_not_overrule_reading(void **state)
{
	struct world *w = *state;

	world_policy(w, REQUIRES(""));
	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_YES);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-2-new-pdisk\n"
			   "! contradiction existing contradiction-alpha-2-new\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
}

static void contradictions_elsewhere_do_not_block(void **state)
{
	struct world *w = *state;

	world_policy(w, REQUIRES(""));
	world_boot(w, 1, "alpha", "3", "new", "pdisk", HOLDS_NO);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "- contradiction existing contradiction-alpha-3-new\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
}

/* A failed trial of one interface says nothing of what was read of another. */
static void a_boot_is_held_against_what_was_on_trial(void **state)
{
	struct world *w = *state;

	world_policy(w, REQUIRES(""));
	world_driver(w, 1, "edisk", FACT_ABSENT);
	world_boot(w, 1, "alpha", "2", "old", "edisk", HOLDS_NO);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
}

static void contradictions_are_new_or_were_there(void **state)
{
	struct world *w = *state;

	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_NO);
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- contradiction new contradiction-alpha-2-new\n");
	world_boot(w, 0, "alpha", "2", "new", "pdisk", HOLDS_NO);
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- contradiction existing contradiction-alpha-2-new\n");
}

static void proof_is_required(void **state)
{
	struct world *w = *state;

	world_policy(w, REQUIRES(", proof: required"));
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! unknown existing unproven-alpha-2-new\n");
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNKNOWN);
	world_boot(w, 1, "alpha", "3", "new", "pdisk", HOLDS_YES); /* elsewhere */
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_UNKNOWN);
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_YES);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
}

/* What may stay unknown is another matter. */
static void proof_is_required_also_where_unknown_is_reported(void **state)
{
	struct world *w = *state;

	world_policy(w, "unknown: report\n" REQUIRES(", proof: required"));
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! unknown existing unproven-alpha-2-new\n");
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
}

static void proof_is_required_through_what_is_named(void **state)
{
	struct world *w = *state;

	world_policy(w, REQUIRES(", through: [pdisk, chan], proof: required"));
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_YES);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! unknown existing unproven-alpha-2-new-chan\n");
	assert_string_equal(world_finding(w, "unproven-alpha-2-new-chan")->through->name, "chan");
	strings_add(&w->records[1].records[0]->claims[0].through, xstrdup("chan"));
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
}

/* Two boots through one each do as well, and one waiver is for one interface. */
static void each_interface_has_its_proof(void **state)
{
	struct world *w = *state;

	world_policy(w, REQUIRES(", through: [pdisk, chan], proof: required") "waivers:\n"
			"  - {finding: unproven-alpha-2-new-chan, reason: no lab, by: me, until: 2026-12-31}\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! unknown existing unproven-alpha-2-new-pdisk\n"
			   "- unknown waived unproven-alpha-2-new-chan\n");
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_YES);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "- unknown waived unproven-alpha-2-new-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
}

/* The kernel's architecture is not known, and so either requirement may be about it: one finding, for both. */
static void requirements_that_may_both_apply_share_a_finding(void **state)
{
	struct world *w = *state;

	world_kernels(w, NULL);
	world_policy(w, "requires:\n"
			"  - {hypervisor: alpha, versions: '2', modes: [new], proof: required, arch: [x86_64]}\n"
			"  - {hypervisor: alpha, versions: '2', modes: [new], proof: required, arch: [i686]}\n");
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_UNKNOWN);
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(world_finding(w, "unproven-alpha-2-new")->n_evidence, 1);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNKNOWN);
	assert_int_equal(w->d->requirements[1].result, REQUIREMENT_UNKNOWN);
}

static struct record *last_boot(struct world *w)
{
	return w->records[1].records[w->records[1].count - 1];
}

/* Boot it again, the help says: what comes of that is what counts, either way. */
static void a_later_boot_by_the_recipe_counts(void **state)
{
	struct world *w = *state;

	world_policy(w, REQUIRES(", proof: required"));
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_NO);
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_YES);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_UNKNOWN);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_NO);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! contradiction existing contradiction-alpha-2-new\n"
			   "! unknown existing unproven-alpha-2-new\n");
	/* an older one, found later */
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_YES);
	strcpy(last_boot(w)->when, "2026-11-22T12:00:00Z");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
}

static void a_boot_elsewhere_supersedes_nothing(void **state)
{
	struct world *w = *state;

	world_policy(w, REQUIRES(""));
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_NO);
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_YES);
	last_boot(w)->version = xstrdup("another hypervisor");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! contradiction existing contradiction-alpha-2-new\n");
}

/* As a file may have them: names of versions that are not there. */
static void boots_of_nowhere_are_passed_over(void **state)
{
	struct world *w = *state;

	world_policy(w, REQUIRES(""));
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_NO);
	free(last_boot(w)->claims[0].version);
	last_boot(w)->claims[0].version = NULL;
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_NO);
	free(last_boot(w)->claims[0].mode);
	last_boot(w)->claims[0].mode = NULL;
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
}

static void what_was_proven_and_is_not_is_new(void **state)
{
	struct world *w = *state;

	world_policy(w, REQUIRES(", proof: required"));
	world_boot(w, 0, "alpha", "2", "new", "pdisk", HOLDS_YES);
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "! unknown new unproven-alpha-2-new\n");
}

static void both_can_be_waived(void **state)
{
	struct world *w = *state;

	world_policy(w, REQUIRES(", proof: required") "waivers:\n"
			"  - {finding: unproven-alpha-2-new, reason: no lab, by: me, until: 2026-12-31}\n"
			"  - {finding: contradiction-alpha-2-new, reason: known, by: me, until: 2026-12-31}\n");
	world_boot(w, 1, "alpha", "2", "new", "pdisk", HOLDS_NO);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "- contradiction waived contradiction-alpha-2-new\n"
			   "- unknown waived unproven-alpha-2-new\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_WAIVED);
}

static void waivers_name_places_that_exist(void **state)
{
	struct world *w = *state;

	invent_file(&w->inv, "p/p.yaml",
		    "policy: p\nversion: 1\n" REQUIRES(", proof: required")
		    "waivers: [{finding: unproven-alpha-9-new, reason: r, by: me, until: 2026-12-31}]\n");
	assert_int_equal(world_load(w, "p"), -EINVAL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(agreeing_boots_are_no_finding),
		TEST(boots_that_say_nothing_are_no_finding),
		TEST(a_failed_boot_contradicts),
		TEST(a_boot_does_not_overrule_reading),
		TEST(contradictions_elsewhere_do_not_block),
		TEST(a_boot_is_held_against_what_was_on_trial),
		TEST(contradictions_are_new_or_were_there),
		TEST(proof_is_required),
		TEST(proof_is_required_also_where_unknown_is_reported),
		TEST(proof_is_required_through_what_is_named),
		TEST(each_interface_has_its_proof),
		TEST(requirements_that_may_both_apply_share_a_finding),
		TEST(a_later_boot_by_the_recipe_counts),
		TEST(a_boot_elsewhere_supersedes_nothing),
		TEST(boots_of_nowhere_are_passed_over),
		TEST(what_was_proven_and_is_not_is_new),
		TEST(both_can_be_waived),
		TEST(waivers_name_places_that_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
