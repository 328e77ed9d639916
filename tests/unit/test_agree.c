/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy_world.h"

/* claim_agrees(): what was read against what a boot showed. */

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

/* The claim of one boot, with that command line, of kernel 1. */
static enum agreement agrees(struct world *w, const char *host, const char *version, const char *mode, const char *through,
			     const char *append, enum holds holds, enum status *ret_read)
{
	struct record_list *list = &w->records[1];
	struct support *s = support_judge(w->k, w->facts[1]);
	enum agreement a;
	struct record *r;

	world_boot(w, 1, host, version, mode, through, holds);
	r = list->records[list->count - 1];
	r->append = append ? xstrdup(append) : NULL;
	r->claims[0].userspace = streq(host, "oldlibc");
	*ret_read = STATUS_UNKNOWN;
	a = claim_agrees(r, &r->claims[0], s, ret_read);
	support_free(s);
	return a;
}

static void assert_old(struct world *w, const char *append, enum holds holds, enum status read, enum agreement expected)
{
	enum status got;

	assert_int_equal(agrees(w, "oldlibc", "any", "", NULL, append, holds, &got), expected);
	assert_int_equal(got, read);
	assert_int_equal(agrees(w, "oldlibc", "any", "", "oldcall", append, holds, &got), expected);
	assert_int_equal(got, read);
}

static void emulates_old_calls(struct world *w)
{
	invent_fact(w->k, w->facts[1], WANT_CONFIG, "OLDCALL", NULL)->state = FACT_ABSENT;
	invent_fact(w->k, w->facts[1], WANT_CONFIG, "OLDCALL_EMULATED", NULL)->state = FACT_PRESENT;
}

static void both_say_the_same_or_not(void **state)
{
	struct world *w = *state;
	enum status read;

	assert_int_equal(agrees(w, "alpha", "2", "new", "pdisk", "quiet", HOLDS_YES, &read), AGREEMENT_YES);
	assert_int_equal(read, STATUS_SUPPORTED);
	assert_int_equal(agrees(w, "alpha", "2", "new", "pdisk", "quiet", HOLDS_NO, &read), AGREEMENT_NO);
	world_driver(w, 1, "pdisk", FACT_ABSENT);
	assert_int_equal(agrees(w, "alpha", "2", "new", "pdisk", "quiet", HOLDS_NO, &read), AGREEMENT_YES);
	assert_int_equal(read, STATUS_UNSUPPORTED);
	assert_int_equal(agrees(w, "alpha", "2", "new", "pdisk", "quiet", HOLDS_YES, &read), AGREEMENT_NO);
}

static void one_that_does_not_decide_agrees_with_nothing(void **state)
{
	struct world *w = *state;
	enum status read;

	assert_int_equal(agrees(w, "alpha", "2", "new", "pdisk", NULL, HOLDS_UNKNOWN, &read), AGREEMENT_NONE);
	assert_int_equal(read, STATUS_SUPPORTED);
	assert_int_equal(agrees(w, "alpha", "9", "new", "pdisk", NULL, HOLDS_YES, &read), AGREEMENT_NONE);
	assert_int_equal(read, STATUS_UNKNOWN);
	assert_int_equal(agrees(w, "alpha", "2", "new", "bdisk", NULL, HOLDS_YES, &read), AGREEMENT_NONE);
	assert_int_equal(read, STATUS_UNKNOWN);
	world_driver(w, 1, "pdisk", FACT_UNKNOWN);
	assert_int_equal(agrees(w, "alpha", "2", "new", "pdisk", NULL, HOLDS_NO, &read), AGREEMENT_NONE);
	assert_int_equal(read, STATUS_UNKNOWN);
}

/* Degraded without a parameter in question: it should run. */
static void a_makeshift_runs(void **state)
{
	struct world *w = *state;
	enum status read;

	assert_int_equal(agrees(w, "alpha", "2", "old", "edisk", "", HOLDS_YES, &read), AGREEMENT_YES);
	assert_int_equal(read, STATUS_DEGRADED);
	assert_int_equal(agrees(w, "alpha", "2", "old", "edisk", "", HOLDS_NO, &read), AGREEMENT_NO);
}

static void what_needs_a_parameter_works_with_it(void **state)
{
	struct world *w = *state;

	emulates_old_calls(w);
	assert_old(w, "oldcall=on", HOLDS_YES, STATUS_DEGRADED, AGREEMENT_YES);
	assert_old(w, "quiet oldcall=on  hv.probe=ldt", HOLDS_YES, STATUS_DEGRADED, AGREEMENT_YES);
	assert_old(w, "quiet oldcall=on", HOLDS_NO, STATUS_DEGRADED, AGREEMENT_NO);
}

static void and_does_not_work_without_it(void **state)
{
	static const char *const without[] = { NULL, "", "quiet", "oldcall=onward", "noldcall=on", "oldcall=off" };
	struct world *w = *state;

	emulates_old_calls(w);
	for (size_t i = 0; i < ARRAY_SIZE(without); i++) {
		assert_old(w, without[i], HOLDS_NO, STATUS_DEGRADED, AGREEMENT_YES);
		assert_old(w, without[i], HOLDS_YES, STATUS_DEGRADED, AGREEMENT_NO);
	}
	assert_old(w, "quiet", HOLDS_UNKNOWN, STATUS_DEGRADED, AGREEMENT_NONE);
}

/* What is there without it asks for no parameter. */
static void what_is_there_anyway_needs_no_parameter(void **state)
{
	struct world *w = *state;

	assert_old(w, "quiet", HOLDS_YES, STATUS_SUPPORTED, AGREEMENT_YES);
	assert_old(w, "quiet", HOLDS_NO, STATUS_SUPPORTED, AGREEMENT_NO);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(both_say_the_same_or_not),
		TEST(one_that_does_not_decide_agrees_with_nothing),
		TEST(a_makeshift_runs),
		TEST(what_needs_a_parameter_works_with_it),
		TEST(and_does_not_work_without_it),
		TEST(what_is_there_anyway_needs_no_parameter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
