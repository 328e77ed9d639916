/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/range.h"
#include "policy_world.h"

/* Waivers, and the ranges of kernels and days that they are made of. */

#define TODAY "2026-11-23"

#define WAIVER(finding, more, until)                                                                         \
	"  - {finding: " finding ", " more "reason: Nobody runs it., by: jo, until: " until "}\n"

static int setup(void **state)
{
	int r = world_setup(state);

	world_chan_speaks(*state, 1, "3.0 2.0"); /* alpha-1-old-chan is lost */
	return r;
}

static void waived_findings_are_shown_and_do_not_block(void **state)
{
	struct world *w = *state;

	world_policy(w, "requires: [{hypervisor: alpha}]\nwaivers:\n" WAIVER("alpha-1-old-chan", "",
									     "2027-01-31"));
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "- dropped waived alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_WAIVED);
	assert_ptr_equal(w->d->findings[0].waiver, &w->policy->waivers[0]);
	assert_true(w->d->findings[0].required);
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "- dropped waived alpha-1-old-chan\n");
}

/* `until` is the last day. */
static void waivers_expire(void **state)
{
	struct world *w = *state;

	world_policy(w, "requires: [{hypervisor: alpha}]\nwaivers:\n" WAIVER("alpha-1-old-chan", "", TODAY));
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	world_decide(w, WITH_POLICY, "2026-11-24");
	assert_findings(w, "! dropped existing alpha-1-old-chan\n- waiver new waiver-alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNMET);
	assert_ptr_equal(w->d->findings[1].waiver, &w->policy->waivers[0]);
	assert_non_null(strstr(w->d->findings[1].message, "expired after " TODAY));
}

static void unused_waivers_are_told(void **state)
{
	struct world *w = *state;

	world_policy(w, "requires: [{hypervisor: alpha, versions: '>= 2'}]\nwaivers:\n" WAIVER(
				"alpha-2-old-chan", "", "2027-01-31"));
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "- waiver new waiver-alpha-2-old-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_non_null(strstr(w->d->findings[0].message, "is not used"));
	/* also when it has expired: there is nothing to waive */
	world_decide(w, WITH_POLICY, "2030-01-01");
	assert_non_null(strstr(w->d->findings[0].message, "is not used"));
}

/* The kernel is 6.1.0-9-generic. */
static void waivers_are_for_their_kernels(void **state)
{
	struct world *w = *state;

	world_policy(w, "requires: [{hypervisor: alpha}]\nwaivers:\n" WAIVER(
				"alpha-1-old-chan", "kernels: 6.1 .. 6.1.999, ", "2027-01-31"));
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "- dropped waived alpha-1-old-chan\n");
	world_policy(w, "requires: [{hypervisor: alpha}]\nwaivers:\n" WAIVER(
				"alpha-1-old-chan", "kernels: '>= 6.12', ", "2027-01-31"));
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-1-old-chan\n"); /* nor is it unused here */
	/* where the release is not known, no range covers it */
	free(TAKE_PTR(w->facts[1]->release));
	world_policy(w, "requires: [{hypervisor: alpha}]\nwaivers:\n" WAIVER(
				"alpha-1-old-chan", "kernels: '<= 99', ", "2027-01-31"));
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_BLOCKED);
}

/* The loss of one version does not waive that of another; one waiver that holds is enough. */
static void waivers_are_for_one_finding(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 1, "3.0");
	world_policy(w, "requires: [{hypervisor: alpha, modes: [old]}]\nwaivers:\n" WAIVER(
				"alpha-1-old-chan", "kernels: '6.1', ", "2026-01-31")
				WAIVER("alpha-1-old-chan", "", "2027-01-31"));
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-2-old-chan\n"
			   "- dropped waived alpha-1-old-chan\n"
			   "- waiver new waiver-alpha-1-old-chan\n");
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNMET);
}

static void unknowns_and_contradictions_can_be_waived(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "bdisk", FACT_UNKNOWN);
	w->facts[1]->contradictions = xcalloc(1, sizeof(w->facts[1]->contradictions[0]));
	w->facts[1]->contradictions[w->facts[1]->n_contradictions++].what = xstrdup("bdisk: this but that");
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0', modes: [inner]}]\nwaivers:\n" WAIVER(
				"beta-5.0-inner-bdisk", "", "2027-01-31"));
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(
		w, "! contradiction existing contradiction-bdisk\n- unknown waived beta-5.0-inner-bdisk\n");
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_WAIVED);
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0', modes: [inner]}]\nwaivers:\n" WAIVER(
				"beta-5.0-inner-bdisk", "", "2027-01-31")
				WAIVER("contradiction-bdisk", "", "2027-01-31"));
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_ALLOWED);
}

/* A drop that `drops: block` stops can be waived like a requirement. */
static void drops_can_be_waived(void **state)
{
	struct world *w = *state;

	world_policy(w, "drops: block\nwaivers:\n" WAIVER("alpha-1-old-chan", "", "2027-01-31"));
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "- dropped waived alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
}

static void diffs_know_no_waivers(void **state)
{
	struct world *w = *state;

	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- dropped new alpha-1-old-chan\n");
}

static void ranges_compare_numbers(void **state)
{
	(void)state;
	assert_true(range_covers(NULL, "6.1.0-9-amd64"));
	assert_true(range_covers(NULL, NULL));
	assert_false(range_covers(">= 1", NULL));
	assert_false(range_covers(">= 1", "next-20260101"));
	assert_true(range_covers("6.1 .. 6.1.999", "6.1.176"));
	assert_true(range_covers("6.1 .. 6.1.999", "6.1.0-32-amd64"));
	assert_true(range_covers("6.1 .. 6.1.999", "6.1"));
	assert_false(range_covers("6.1 .. 6.1.999", "6.2.0"));
	assert_false(range_covers("6.1 .. 6.1.999", "6.12.1"));
	assert_false(range_covers("6.1 .. 6.1.999", "6.0.999"));
	assert_true(range_covers(">= 6.12", "6.12.0-1.el10.x86_64"));
	assert_true(range_covers(">= 6.2", "6.12.3")); /* 12 is more than 2 */
	assert_false(range_covers(">= 6.12", "6.2.9"));
	assert_true(range_covers("<= 5.10.999", "5.10.223"));
	assert_true(range_covers("<= 6.1", "6.1.0-9"));
	assert_false(range_covers("<= 6.1", "6.1.1"));
	assert_true(range_covers("6.1", "6.1.176-1"));
	assert_false(range_covers("6.1", "6.12.1"));
	assert_false(range_covers("6.1.5", "6.1"));
	assert_true(range_covers("5.10, >= 6.12", "5.10.0"));
	assert_true(range_covers("5.10, >= 6.12", "7.2"));
	assert_false(range_covers("5.10, >= 6.12", "6.1"));
	assert_true(range_covers("6.1..6.1.999", "6.1.2"));
}

static void ranges_are_checked(void **state)
{
	static const char *const good[] = { "6.1", "6.1 .. 6.1.999", ">= 6.12", "<=5.10.999",
					    "6.1,6.12 , >=7" };
	static const char *const bad[] = {
		"",
		" ",
		"six",
		"> 6.1",
		">=",
		"6.1 ..",
		".. 6.1",
		"6.1 .. 6.1.999 .. 7",
		"6.1,",
		",6.1",
		"6.1 6.2",
		"6.1-rc3",
		"6.1.0-9-amd64",
		"6.",
		"1.2.3.4.5.6.7",
		"1234567890",
		"6.12 .. 6.1",
		">= 6.1 .. 6.2",
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(range_check(good[i], NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		err = (struct error){ 0 };
		if (range_check(bad[i], &err) == 0)
			fail_msg("'%s' passes", bad[i]);
		assert_true(err.code < 0 && err.text[0]);
	}
}

static void days_are_checked(void **state)
{
	static const char *const good[] = { "2026-11-23", "2028-02-29", "2000-02-29", "2027-12-31" };
	static const char *const bad[] = { "",		 "2026-11-31",	"2027-02-29", "2100-02-29",
					   "2026-13-01", "2026-00-10",	"2026-01-00", "26-01-01",
					   "2026-1-1",	 "2026-01-01 ", "2026/01/01", "tomorrow" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(date_valid(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (date_valid(bad[i]))
			fail_msg("'%s' passes", bad[i]);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(waived_findings_are_shown_and_do_not_block),
		TEST(waivers_expire),
		TEST(unused_waivers_are_told),
		TEST(waivers_are_for_their_kernels),
		TEST(waivers_are_for_one_finding),
		TEST(unknowns_and_contradictions_can_be_waived),
		TEST(drops_can_be_waived),
		TEST(diffs_know_no_waivers),
		cmocka_unit_test(ranges_compare_numbers),
		cmocka_unit_test(ranges_are_checked),
		cmocka_unit_test(days_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
