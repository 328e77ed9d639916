/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "compat/support.h"
#include "tests/lib/invent.h"

/* What one interface says of itself: combinators, order of rules, contradictions, refusals, versions. */

struct world {
	struct invented inv;
	struct knowledge *k;
	struct facts *f;
	struct support *s;
};

static int begin(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	invent_begin(&w->inv);
	*state = w;
	return 0;
}

static void forget(struct world *w)
{
	w->s = support_free(w->s);
	w->f = facts_free(w->f);
	w->k = knowledge_free(w->k);
}

static int end(void **state)
{
	struct world *w = *state;

	forget(w);
	invent_end(&w->inv);
	free(w);
	return 0;
}

/* One interface with what follows its source, offered by one host. */
static void load(struct world *w, const char *rules)
{
	_cleanup_(freep) char *iface =
		xasprintf("interface: lamp\nclass: disk\nkind: paravirtual\nabout: A disk.\n"
			  "source: here\ndrivers: [{driver: d, config: [D]}]\n%s",
			  rules);

	forget(w);
	invent_file(&w->inv, "a/interfaces/lamp.yaml", iface);
	invent_file(&w->inv, "a/hypervisors/lumen.yaml",
		    "hypervisor: lumen\nname: Lumen\nsource: here\noffers: [{interface: lamp}]\n");
	if (invent_load(&w->inv, &w->k) < 0)
		fail_msg("%s", w->inv.lines.text);
	w->f = invent_facts(w->k, "x86_64");
}

static struct fact *config(struct world *w, const char *name)
{
	return invent_fact(w->k, w->f, WANT_CONFIG, name, NULL);
}

static const struct spoken *judge(struct world *w)
{
	support_free(w->s);
	w->s = support_judge(w->k, w->f);
	return &w->s->spoken[0];
}

static const enum fact_state no = FACT_ABSENT, unk = FACT_UNKNOWN, yes = FACT_PRESENT;

/* Kleene's tables (S. C. Kleene, Introduction to Metamathematics, 1952, section 64), row by row. */
static void test_kleene(void **state)
{
	const struct {
		enum fact_state a, b;
		enum truth all, any, none;
	} rows[] = {
		{ no, no, TRUTH_NO, TRUTH_NO, TRUTH_YES },
		{ no, unk, TRUTH_NO, TRUTH_UNKNOWN, TRUTH_UNKNOWN },
		{ no, yes, TRUTH_NO, TRUTH_YES, TRUTH_NO },
		{ unk, no, TRUTH_NO, TRUTH_UNKNOWN, TRUTH_UNKNOWN },
		{ unk, unk, TRUTH_UNKNOWN, TRUTH_UNKNOWN, TRUTH_UNKNOWN },
		{ unk, yes, TRUTH_UNKNOWN, TRUTH_YES, TRUTH_NO },
		{ yes, no, TRUTH_NO, TRUTH_YES, TRUTH_NO },
		{ yes, unk, TRUTH_UNKNOWN, TRUTH_YES, TRUTH_NO },
		{ yes, yes, TRUTH_YES, TRUTH_YES, TRUTH_NO },
	};
	static const char *const words[] = { "all", "any", "none" };

	for (size_t word = 0; word < ARRAY_SIZE(words); word++) {
		_cleanup_(freep) char *rule =
			xasprintf("speaks: [{%s: [{config: A}, {config: B}]}]\n", words[word]);

		load(*state, rule);
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			config(*state, "A")->state = rows[i].a;
			config(*state, "B")->state = rows[i].b;
			assert_int_equal(judge(*state)->present, word == 0   ? rows[i].all
								 : word == 1 ? rows[i].any
									     : rows[i].none);
		}
	}
}

static void test_evidence(void **state)
{
	const struct spoken *s;

	load(*state,
	     "speaks: [{all: [{config: A}, {any: [{config: B}, {config: C}]}, {none: [{config: D}]}]}]\n");
	config(*state, "A")->state = yes;
	config(*state, "C")->state = yes;
	s = judge(*state);
	assert_int_equal(s->present, TRUTH_YES);
	assert_int_equal(s->n_evidence, 3); /* A, C, and the absence of D, but not B */
	for (size_t i = 0; i < s->n_evidence; i++)
		assert_ptr_not_equal(&((struct world *)*state)->f->facts[s->evidence[i]],
				     config(*state, "B"));
	config(*state, "C")->state = no;
	s = judge(*state);
	assert_int_equal(s->present, TRUTH_NO);
	assert_int_equal(s->n_evidence, 2); /* both of the failing any */
	assert_string_equal(s->why,
			    "the kernel does not speak lamp (CONFIG_B is not set; CONFIG_C is not set)");
}

static void test_not_required(void **state)
{
	struct fact *f;

	load(*state, "speaks: [{driver: d}]\n");
	f = invent_fact(((struct world *)*state)->k, ((struct world *)*state)->f, WANT_DRIVER, "d", NULL);
	f->state = yes;
	f->placement = PLACEMENT_OTHER;
	assert_int_equal(judge(*state)->present, TRUTH_YES);
	f->placement = PLACEMENT_NOT_REQUIRED;
	f->package = xstrdup("kernel-extra");
	assert_int_equal(judge(*state)->present, TRUTH_NO);
	assert_non_null(strstr(judge(*state)->why, "driver d only in kernel-extra, which nothing pulls in"));
}

static void test_order(void **state)
{
	struct world *w = *state;
	const struct spoken *s;

	load(w, "speaks: [{note: Lumen, type: 1}, {config: A}, {config: B}]\n");
	invent_fact(w->k, w->f, WANT_NOTE, "Lumen", NULL)->state = unk;
	config(w, "A")->state = yes;
	config(w, "B")->state = yes;
	s = judge(w);
	assert_int_equal(s->present, TRUTH_YES);
	assert_ptr_equal(s->rule, &w->k->ifaces[0]->speaks[1]);
	assert_int_equal(w->s->n_contradictions, 0);
	/* "no" decides as well as "yes" */
	invent_fact(w->k, w->f, WANT_NOTE, "Lumen", NULL)->state = no;
	config(w, "A")->text = xstrdup("m");
	config(w, "A")->member = xstrdup("boot/config-6.1");
	s = judge(w);
	assert_int_equal(s->present, TRUTH_NO);
	assert_ptr_equal(s->rule, &w->k->ifaces[0]->speaks[0]);
	assert_int_equal(w->s->n_contradictions, 2);
	assert_string_equal(w->s->contradictions[0], "lamp: the image says no (note Lumen/1 absent) but "
						     "the config says yes (CONFIG_A=m, boot/config-6.1)");
	assert_string_equal(w->s->contradictions[1], "lamp: the image says no (note Lumen/1 absent) but "
						     "the config says yes (CONFIG_B=y)");
}

static void test_facts_contradict(void **state)
{
	struct world *w = *state;

	load(w, "speaks: [{config: A}]\n");
	w->f->contradictions = xcalloc(1, sizeof(*w->f->contradictions));
	w->f->contradictions[0].what = xstrdup("two releases in one set");
	w->f->n_contradictions = 1;
	judge(w);
	assert_int_equal(w->s->n_contradictions, 1);
	assert_string_equal(w->s->contradictions[0], "two releases in one set");
}

static void test_unread(void **state)
{
	struct world *w = *state;
	struct fact *a, *b;

	load(w, "speaks: [{config: A}, {all: [{config: A}, {config: B}]}]\n");
	a = config(w, "A");
	b = config(w, "B");
	a->state = b->state = FACT_UNREAD;
	assert_int_equal(judge(w)->present, TRUTH_UNKNOWN);
	assert_true(judge(w)->unread);
	assert_string_equal(judge(w)->why, "CONFIG_A lies deeper than was read; read deeper to know");
	/* one that was sought and not decided: reading deeper is not all it takes */
	b->state = FACT_UNKNOWN;
	b->why = xstrdup("package kernel-core was not given");
	assert_int_equal(judge(w)->present, TRUTH_UNKNOWN);
	assert_false(judge(w)->unread);
	assert_string_equal(judge(w)->why, "package kernel-core was not given");
}

static void test_versions(void **state)
{
	struct world *w = *state;
	struct fact *table, *driver;
	const struct spoken *s;

	load(w,
	     "speaks:\n- any: [{driver: d}, {table: t, of: d, element: u32}]\n- {driver: d, unknown-versions: true}\n");
	table = invent_fact(w->k, w->f, WANT_TABLE, "t", "d");
	driver = invent_fact(w->k, w->f, WANT_DRIVER, "d", NULL);
	driver->state = yes;
	invent_versions(table, "5.3 0.13");
	s = judge(w);
	assert_true(s->versions_known);
	assert_int_equal(s->n_versions, 2);
	assert_true(s->versions[1] == VERSION2(0, 13));
	table->state = FACT_UNREAD;
	s = judge(w);
	assert_int_equal(s->present, TRUTH_YES);
	assert_false(s->versions_known);
	assert_true(s->unread);
	table->state = FACT_UNKNOWN;
	assert_false(judge(w)->versions_known);
	assert_false(judge(w)->unread);

	load(w, "speaks: [{table: t, of: d, element: u32}, {driver: d, unknown-versions: true}]\n");
	invent_fact(w->k, w->f, WANT_TABLE, "t", "d")->state = FACT_UNREAD;
	invent_fact(w->k, w->f, WANT_DRIVER, "d", NULL)->state = yes;
	s = judge(w);
	assert_int_equal(s->present, TRUTH_YES);
	assert_false(s->versions_known);
	assert_true(s->unread);
	invent_fact(w->k, w->f, WANT_TABLE, "t", "d")->state = FACT_UNKNOWN;
	assert_false(judge(w)->unread);

	load(w, "speaks: [{config: A, versions: [\"1\", \"2.1\"]}]\n");
	config(w, "A")->state = yes;
	s = judge(w);
	assert_true(s->versions_known);
	assert_int_equal(s->n_versions, 2);
	assert_int_equal(s->parts, 2);
	assert_true(s->versions[1] == VERSION2(2, 1));

	load(w, "speaks: [{config: A}]\n");
	config(w, "A")->state = yes;
	assert_true(judge(w)->versions_known);
	assert_int_equal(judge(w)->n_versions, 0);
}

static void test_grade(void **state)
{
	struct world *w = *state;

	load(w,
	     "speaks:\n- any:\n  - {config: A, grade: degraded}\n  - {config: B, way-out: {boot-parameter: [b=1]}}\n  - {config: C}\n");
	config(w, "A")->state = yes;
	assert_int_equal(judge(w)->grade, GRADE_DEGRADED);
	assert_null(judge(w)->way_out);
	config(w, "A")->state = no;
	config(w, "B")->state = yes;
	assert_int_equal(judge(w)->grade, GRADE_DEGRADED);
	assert_string_equal(judge(w)->way_out->boot_parameter[0], "b=1");
	/* the best that is true holds */
	config(w, "C")->state = yes;
	assert_int_equal(judge(w)->grade, GRADE_FULL);
	assert_null(judge(w)->way_out);
}

static void test_refusals(void **state)
{
	struct world *w = *state;
	const struct spoken *s;

	load(w,
	     "speaks: [{config: A}]\nrefused-by:\n- {when: {config: R}, why: boots elsewhere only, source: x}\n"
	     "- {when: {config: W}, why: hides it, source: x, way-out: {boot-parameter: [show]}}\n");
	config(w, "A")->state = yes;
	assert_int_equal(judge(w)->present, TRUTH_YES);
	assert_int_equal(judge(w)->grade, GRADE_FULL);
	config(w, "W")->state = yes;
	s = judge(w);
	assert_int_equal(s->present, TRUTH_YES);
	assert_int_equal(s->grade, GRADE_DEGRADED);
	assert_string_equal(s->way_out->boot_parameter[0], "show");
	assert_string_equal(s->why, "the kernel hides it (CONFIG_W=y)");
	config(w, "R")->state = FACT_UNREAD;
	s = judge(w);
	assert_int_equal(s->present, TRUTH_UNKNOWN);
	assert_true(s->unread);
	config(w, "R")->state = unk;
	assert_int_equal(judge(w)->present, TRUTH_UNKNOWN);
	assert_false(judge(w)->unread);
	config(w, "R")->state = yes;
	s = judge(w);
	assert_int_equal(s->present, TRUTH_NO);
	assert_string_equal(s->why, "the kernel boots elsewhere only (CONFIG_R=y)");
	/* what is absent stays so, whatever refuses it */
	config(w, "A")->state = no;
	config(w, "R")->state = unk;
	assert_int_equal(judge(w)->present, TRUTH_NO);
	assert_null(judge(w)->refusal);
}

static void test_arch(void **state)
{
	struct world *w = *state;

	load(w, "arch: [i686]\nspeaks: [{config: A}]\n");
	config(w, "A")->state = yes;
	assert_int_equal(judge(w)->present, TRUTH_NO);
	assert_string_equal(judge(w)->why, "lamp does not exist on x86_64");
	strcpy(w->f->arch, "i686");
	assert_int_equal(judge(w)->present, TRUTH_YES);
	free(TAKE_PTR(w->f->arch));
	assert_int_equal(judge(w)->present, TRUTH_YES);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_kleene),	     TEST(test_evidence), TEST(test_not_required), TEST(test_order),
		TEST(test_facts_contradict), TEST(test_unread),	  TEST(test_versions),	   TEST(test_grade),
		TEST(test_refusals),	     TEST(test_arch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
