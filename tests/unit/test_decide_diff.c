/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy_world.h"

/* decide() of two kernels without a policy: every expected line follows from docs/policy.md and the invented world. */

#define TODAY "2026-11-23"

static void diff_of_equals_is_empty(void **state)
{
	struct world *w = *state;

	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(w->d->n_requirements, 0);
	assert_null(w->d->policy);
}

/* The bus no longer speaks what version 1 knows: only that version, there in its only mode. */
static void diff_finds_the_version(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 1, "3.0 2.0");
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- dropped new alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED); /* no policy, no block */
}

/* pdisk goes: in mode new nothing else is a disk; in mode old the emulation is left, and the row is degraded.
 */
static void diff_tells_dropped_from_narrowed(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- narrowed new alpha-1-old-pdisk\n"
			   "- narrowed new alpha-2-old-pdisk\n"
			   "- dropped new alpha-2-new-pdisk\n"
			   "- narrowed new alpha-3-old-pdisk\n"
			   "- dropped new alpha-3-new-pdisk\n");
}

/* In a row that is dropped, all that it lost for what it must have is why. */
static void diff_of_a_dropped_row_names_all_of_it(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 1, "3.0 2.0");
	world_driver(w, 1, "edisk", FACT_ABSENT);
	world_driver(w, 1, "pdisp", FACT_ABSENT);
	world_decide(w, WITH_OLD, TODAY);
	assert_int_equal(world_finding(w, "alpha-1-old-chan")->kind, FINDING_DROPPED);
	assert_int_equal(world_finding(w, "alpha-1-old-edisk")->kind, FINDING_DROPPED);
	assert_int_equal(world_finding(w, "alpha-1-old-pdisp")->kind, FINDING_NARROWED);
	assert_int_equal(world_finding(w, "alpha-2-old-edisk")->kind, FINDING_NARROWED);
}

static void diff_of_optional_needs_narrows(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisp", FACT_ABSENT);
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- narrowed new alpha-1-old-pdisp\n"
			   "- narrowed new alpha-2-old-pdisp\n"
			   "- narrowed new alpha-3-old-pdisp\n");
}

/* An emulation that goes while the real thing stays is still told. */
static void diff_reports_a_lost_fallback(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "edisk", FACT_ABSENT);
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- narrowed new alpha-1-old-edisk\n"
			   "- narrowed new alpha-2-old-edisk\n"
			   "- narrowed new alpha-3-old-edisk\n");
}

static void diff_the_other_way_gains(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 0, "3.0 2.0");
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- gained fixed alpha-1-old-chan\n");
	assert_string_equal(w->d->findings[0].message, "now runs on alpha:1/old through chan");
}

/* Where neither ran, nothing is said, whatever changed there. */
static void diff_passes_over_what_never_ran(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 0, "3.0");
	world_chan_speaks(w, 1, "3.0");
	world_driver(w, 1, "pdisp", FACT_ABSENT);
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- narrowed new alpha-3-old-pdisp\n");
}

static void diff_of_good_and_unknown(void **state)
{
	struct world *w = *state;
	struct fact *f = invent_fact(w->k, w->facts[1], WANT_PAYLOAD, "xz", NULL);

	f->state = FACT_UNKNOWN;
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- unknown new beta-4.2-direct-pack-xz\n- unknown new beta-5.0-direct-pack-xz\n");
	/* and the other way nothing is known to have been gained */
	facts_free(TAKE_PTR(w->facts[0]));
	w->facts[0] = w->facts[1];
	w->facts[1] = world_facts(w, "x86_64");
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "");
}

/* Unknown before, not supported now: no drop that can be proved, and nothing to be passed over. */
static void diff_of_unknown_and_bad(void **state)
{
	struct world *w = *state;

	invent_fact(w->k, w->facts[0], WANT_PAYLOAD, "xz", NULL)->state = FACT_UNKNOWN;
	world_packed(w, 1, "zstd");
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w,
			"- unknown new beta-4.2-direct-pack-xz\n- gained fixed beta-5.0-direct-pack-zstd\n");
	assert_non_null(strstr(w->d->findings[0].message, "whether it ran there before cannot be told"));
}

/* Version 5.0 takes the new codec as well as the old: nothing changed there. */
static void diff_of_codecs(void **state)
{
	struct world *w = *state;

	world_packed(w, 1, "zstd");
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- dropped new beta-4.2-direct-pack-xz\n");
}

static void diff_of_userspace(void **state)
{
	struct world *w = *state;

	invent_fact(w->k, w->facts[1], WANT_CONFIG, "OLDCALL", NULL)->state = FACT_ABSENT;
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- dropped new oldlibc-oldcall\n");
	invent_fact(w->k, w->facts[1], WANT_CONFIG, "OLDCALL_EMULATED", NULL)->state = FACT_PRESENT;
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- narrowed new oldlibc-oldcall\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(diff_of_equals_is_empty),
		WORLD_TEST(diff_finds_the_version),
		WORLD_TEST(diff_tells_dropped_from_narrowed),
		WORLD_TEST(diff_of_a_dropped_row_names_all_of_it),
		WORLD_TEST(diff_of_optional_needs_narrows),
		WORLD_TEST(diff_reports_a_lost_fallback),
		WORLD_TEST(diff_the_other_way_gains),
		WORLD_TEST(diff_passes_over_what_never_ran),
		WORLD_TEST(diff_of_good_and_unknown),
		WORLD_TEST(diff_of_unknown_and_bad),
		WORLD_TEST(diff_of_codecs),
		WORLD_TEST(diff_of_userspace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
