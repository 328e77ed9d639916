/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "report/explain.h"
#include "report/reason.h"
#include "report/report.h"
#include "report/spans.h"
#include "report/wording.h"

/* A host with versions 1 to 4 and modes a and b; b exists since version 2. Each need is a disk; one offer. */
static struct iface iface = { .name = (char *)"drum", .class_ = CLASS_DISK };
static struct iface other_iface = { .name = (char *)"tape", .class_ = CLASS_DISK };
static struct host_version versions[] = {
	{ .id = (char *)"1" },
	{ .id = (char *)"2" },
	{ .id = (char *)"3" },
	{ .id = (char *)"4" },
};
static struct mode modes[] = {
	{ .id = (char *)"a", .needs[CLASS_DISK] = NEED_REQUIRED, .last = 3 },
	{ .id = (char *)"b", .needs[CLASS_DISK] = NEED_REQUIRED, .first = 1, .last = 3 },
};
static struct offer offer = { .interface = (char *)"drum", .iface = &iface, .last = 3 };
static struct offer other_offer = { .interface = (char *)"tape", .iface = &other_iface, .last = 3 };
static struct host host = {
	.name = (char *)"mill",
	.title = (char *)"The Mill",
	.versions = versions,
	.versions_count = 4,
	.modes = modes,
	.modes_count = 2,
};
static struct host *hosts[] = { &host };
static struct iface *ifaces[] = { &iface, &other_iface };
static struct knowledge knowledge = { .hosts = hosts, .n_hosts = 1, .ifaces = ifaces, .n_ifaces = 2 };

static struct spoken speaks = { .iface = &iface, .present = TRUTH_YES };
static struct spoken speaks_not = { .iface = &iface, .present = TRUTH_NO };
static struct spoken unread = { .iface = &iface, .present = TRUTH_UNKNOWN, .unread = true };

#define PATH(spoken_, status_, reason_)                                                                      \
	{                                                                                                    \
		.offer = &offer, .spoken = (spoken_), .status = (status_), .reason = (char *)(reason_)       \
	}

static struct path good = PATH(&speaks, STATUS_SUPPORTED, NULL);
static struct path lacking =
	PATH(&speaks_not, STATUS_UNSUPPORTED, "the kernel does not speak drum (CONFIG_DRUM is not set)");
static struct path old_version = PATH(&speaks, STATUS_UNSUPPORTED, "the kernel insists on x (y (z))");
static struct path deeper = PATH(&unread, STATUS_UNKNOWN, "lies deeper");

static struct verdict verdict(unsigned version, unsigned mode, struct path *path)
{
	struct verdict v = {
		.host = &host,
		.version = version,
		.mode = mode,
		.status = path->status,
		.paths = path,
		.n_paths = 1,
	};

	for (unsigned c = 0; c < CLASS_COUNT; c++)
		v.needs[c] = STATUS_SUPPORTED;
	v.needs[CLASS_DISK] = path->status;
	return v;
}

static void phrase_is(const bool in[8], const char *expected)
{
	struct cells cells = cells_new(&host);
	_cleanup_(freep) char *phrase = NULL;

	for (unsigned i = 0; i < 8; i++)
		if (in[i])
			cells_add(&cells, i / 2, i % 2);
	phrase = cells_phrase(&cells);
	assert_string_equal(phrase, expected);
	cells_done(&cells);
}

/* Cells are given version by version: 1a 1b 2a 2b 3a 3b 4a 4b. */
static void test_spans(void **state)
{
	(void)state;
	phrase_is((bool[8]){ 0 }, "");
	phrase_is((bool[8]){ 1 }, "1 (a)");
	phrase_is((bool[8]){ 1, 1, 1, 1, 1, 1, 1, 1 }, "1 - 4 (a b)");
	phrase_is((bool[8]){ 1, 0, 1, 1, 1, 1, 1, 1 }, "1 - 4 (a), 2 - 4 (b)");
	/* A gap is a gap: a version in between that is not among them must not be claimed. */
	phrase_is((bool[8]){ 1, 1, 0, 0, 1, 1, 1, 1 }, "1 (a b), 3 - 4 (a b)");
	phrase_is((bool[8]){ 0, 0, 0, 1, 0, 0, 1, 1 }, "2 (b), 4 (a b)");
}

static void test_spans_of_nameless(void **state)
{
	struct host_version any = { .id = (char *)"any" };
	struct mode mode = { .id = (char *)"" };
	struct host nameless = {
		.name = (char *)"x", .versions = &any, .versions_count = 1, .modes = &mode, .modes_count = 1
	};
	struct cells cells = cells_new(&nameless);
	_cleanup_(freep) char *phrase = NULL;

	(void)state;
	cells_add(&cells, 0, 0);
	phrase = cells_phrase(&cells);
	assert_string_equal(phrase, "");
	cells_done(&cells);
}

static void short_is(const struct verdict *v, const char *expected)
{
	_cleanup_(freep) char *s = verdict_short(v);

	assert_string_equal(s, expected);
}

static void test_reasons(void **state)
{
	struct path two[] = {
		lacking, { .offer = &other_offer, .spoken = &speaks_not, .status = STATUS_UNSUPPORTED }
	};
	struct verdict v = verdict(0, 0, &good);
	char **reasons;

	(void)state;
	short_is(&v, "");
	assert_int_equal(verdict_reasons(&v, &reasons), 0);
	reasons_free(reasons, 0);

	v = verdict(0, 0, &lacking);
	short_is(&v, "lacks drum (disk)");
	assert_int_equal(verdict_reasons(&v, &reasons), 1);
	assert_string_equal(reasons[0], "disk drum: the kernel does not speak drum (CONFIG_DRUM is not set)");
	reasons_free(reasons, 1);

	/* The evidence in brackets goes, nested ones too. */
	v = verdict(0, 0, &old_version);
	short_is(&v, "insists on x");
	v = verdict(0, 0, &deeper);
	short_is(&v, "not read: drum");

	v = verdict(0, 0, &lacking);
	v.paths = two;
	v.n_paths = 2;
	short_is(&v, "lacks every disk: drum, tape");
	v.n_paths = 0;
	short_is(&v, "lacks a way in: disk");
}

/* An optional need is a reason to be degraded, and none to be unsupported. */
static void test_optional(void **state)
{
	struct verdict v = verdict(0, 0, &lacking);
	char **reasons;

	(void)state;
	modes[0].needs[CLASS_DISK] = NEED_OPTIONAL;
	v.status = STATUS_DEGRADED;
	short_is(&v, "lacks drum (disk, optional)");
	v.status = STATUS_UNSUPPORTED;
	assert_int_equal(verdict_reasons(&v, &reasons), 0);
	reasons_free(reasons, 0);
	modes[0].needs[CLASS_DISK] = NEED_REQUIRED;
}

static struct facts facts = {
	.release = (char *)"6.1.0-test",
	.arch = (char *)"x86_64",
	.version = (char *)"6.1-1",
	.depth = DEPTH_DEEP,
	.reach = { .config = true, .image = IMAGE_READ, .listed = true, .modules = 2 },
};

/* The report of one kernel with these verdicts, as text. */
static char *written(struct report *r, struct verdict *list, size_t n, enum report_format format)
{
	struct support support = {
		.knowledge = &knowledge, .facts = &facts, .verdicts = list, .n_verdicts = n
	};
	struct report_kernel kernels[] = { { "linux-old", &support }, { "linux-new", &support } };
	struct error err = { 0 };
	char *bytes = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&bytes, &size);

	r->knowledge = &knowledge;
	r->kernels = kernels;
	r->n_kernels = streq(r->command, "query") || streq(r->command, "check") ? 1 : 2;
	assert_int_equal(report_write(r, format, out, &err), 0);
	fclose(out);
	return bytes;
}

static void test_query(void **state)
{
	struct verdict list[] = {
		verdict(0, 0, &lacking), verdict(1, 0, &lacking), verdict(1, 1, &good), verdict(2, 0, &good),
		verdict(2, 1, &good),    verdict(3, 0, &good),    verdict(3, 1, &good),
	};
	struct report r = { .command = "query" };
	_cleanup_(freep) char *text = NULL;

	(void)state;
	list[6].inferred = true;
	text = written(&r, list, ARRAY_SIZE(list), REPORT_TEXT);
	assert_string_equal(text, "linux-old  6.1-1\n"
				  "6.1.0-test, x86_64; read deep: config, image, all modules that matter\n"
				  "\n"
				  "  mill  1 - 2  a  unsupported\n"
				  "      lacks drum (disk)\n"
				  "        2 - 3  b  supported\n"
				  "        3 - 4  a  supported\n"
				  "        4      b  supported *\n"
				  "\n"
				  "* inferred from a related interface; --deep looks it up\n");
}

static void test_query_selected(void **state)
{
	struct verdict list[] = { verdict(0, 0, &lacking), verdict(1, 0, &good), verdict(1, 1, &good) };
	bool in_versions[4] = { false, true }, in_modes[2] = { true, false };
	struct selection selection = { .host = &host, .versions = in_versions, .modes = in_modes };
	struct report r = { .command = "query", .selection = &selection, .n_selections = 1 };
	_cleanup_(freep) char *text = written(&r, list, ARRAY_SIZE(list), REPORT_TEXT), *json = NULL;

	(void)state;
	assert_non_null(strstr(text, "  mill  2  a  supported\n"));
	assert_null(strstr(text, "unsupported"));
	json = written(&r, list, ARRAY_SIZE(list), REPORT_JSON);
	assert_non_null(strstr(json, "\"version\":\"2\""));
	assert_null(strstr(json, "\"version\":\"1\""));
}

static char *no_help[] = { (char *)"build with CONFIG_DRUM=m", NULL };

static struct finding lost(unsigned version, unsigned mode, bool blocking)
{
	return (struct finding){
		.id = (char *)(mode ? "mill-1-b-drum" : "mill-1-a-drum"),
		.kind = FINDING_DROPPED,
		.state = STATE_NEW,
		.host = &host,
		.version = version,
		.mode = mode,
		.through = &iface,
		.required = blocking,
		.blocking = blocking,
		.message = (char *)"no longer runs there",
		.help = no_help,
	};
}

static void test_gate(void **state)
{
	struct verdict list[] = { verdict(0, 0, &lacking), verdict(1, 0, &lacking) };
	struct policy policy = { .name = (char *)"keep", .version = 3 };
	struct evidence evidence[] = {
		{ .kind = "table",
		  .member = "lib/drum.ko",
		  .place = ".rodata t",
		  .expected = (char *)"<= 1",
		  .found = (char *)"2 1",
		  .old = true },
		{ .kind = "table",
		  .member = "lib/drum.ko.xz",
		  .place = ".rodata t",
		  .expected = (char *)"<= 1",
		  .found = (char *)"2" },
	};
	struct finding findings[] = { lost(0, 0, true), lost(1, 0, true), lost(2, 1, false) };
	struct decision d = {
		.result = DECISION_BLOCKED, .findings = findings, .n_findings = 3, .policy = &policy
	};
	const struct decision *decisions[] = { &d };
	struct report r = {
		.command = "gate",
		.exit = EXIT_BLOCKED,
		.decisions = decisions,
		.n_decisions = 1,
		.policy = &policy,
		.newest_allowed = "5.10",
	};
	_cleanup_(freep) char *text = NULL;

	(void)state;
	findings[1].evidence = evidence;
	findings[1].n_evidence = 2;
	findings[2].kind = FINDING_NARROWED;
	text = written(&r, list, 2, REPORT_TEXT);
	assert_non_null(strstr(text, "BLOCKED  linux-new would drop mill 1 - 2 (a)\n"));
	assert_non_null(strstr(text, "allows: 5.10\n"));
	assert_non_null(strstr(text, "\n  dropped  mill 1 - 2 (a) through drum\n    no longer runs there\n"
				     "      table in drum.ko.xz, .rodata t\n"
				     "        expected  <= 1\n"
				     "        old       2 1\n"
				     "        new       2\n"
				     "    help: build with CONFIG_DRUM=m\n"));
	assert_non_null(strstr(text, "\n  narrowed         1  mill 3 (b)\n"));
}

/* What was not read is no finding; what certainly was lost is one, wherever it is. */
static void test_gate_limited(void **state)
{
	struct verdict list[] = { verdict(0, 0, &lacking) };
	bool in_versions[4] = { true }, in_modes[2] = { true, false };
	struct selection selection = { .host = &host, .versions = in_versions, .modes = in_modes };
	struct policy policy = { .name = (char *)"keep" };
	struct finding findings[] = { lost(0, 0, true), lost(2, 1, false), lost(3, 1, false) };
	struct decision d = {
		.result = DECISION_BLOCKED, .findings = findings, .n_findings = 3, .policy = &policy
	};
	const struct decision *decisions[] = { &d };
	struct report r = {
		.command = "gate",
		.decisions = decisions,
		.n_decisions = 1,
		.policy = &policy,
		.selection = &selection,
		.n_selections = 1,
		.limited = true,
	};
	_cleanup_(freep) char *text = NULL, *json = NULL;

	(void)state;
	findings[1].kind = FINDING_UNKNOWN;
	text = written(&r, list, 1, REPORT_TEXT);
	assert_null(strstr(text, "unknown"));
	assert_non_null(strstr(text, "dropped  mill 4 (b) through drum; not required\n"));
	json = written(&r, list, 1, REPORT_JSON);
	assert_null(strstr(json, "\"kind\":\"unknown\""));
	assert_non_null(strstr(json, "\"blocking\":false"));
}

static void test_waived_is_shown(void **state)
{
	struct verdict list[] = { verdict(0, 0, &lacking) };
	struct policy policy = { .name = (char *)"keep" };
	struct waiver waiver = { .finding = (char *)"mill-1-a-drum",
				 .reason = (char *)"nobody left",
				 .by = (char *)"Ada",
				 .until = (char *)"2030-01-01" };
	struct finding findings[] = { lost(0, 0, false) };
	struct decision d = { .findings = findings, .n_findings = 1, .policy = &policy };
	const struct decision *decisions[] = { &d };
	struct report r = { .command = "gate", .decisions = decisions, .n_decisions = 1, .policy = &policy };
	_cleanup_(freep) char *text = NULL;

	(void)state;
	findings[0].state = STATE_WAIVED;
	findings[0].waiver = &waiver;
	text = written(&r, list, 1, REPORT_TEXT);
	assert_non_null(strstr(text, "ALLOWED  linux-new satisfies the policy\n"));
	assert_non_null(strstr(text, "  dropped (waived)  mill 1 (a) through drum"));
	assert_non_null(strstr(text, "    waived by Ada until 2030-01-01: nobody left\n"));
}

/* /dev/full takes every byte, and fails to keep it. */
static void test_full_disk(void **state)
{
	struct verdict list[] = { verdict(0, 0, &good) };
	struct support support = {
		.knowledge = &knowledge, .facts = &facts, .verdicts = list, .n_verdicts = 1
	};
	struct report_kernel kernel = { "linux-new", &support };
	struct report r = { .command = "query", .knowledge = &knowledge, .kernels = &kernel, .n_kernels = 1 };

	(void)state;
	for (int format = REPORT_TEXT; format <= REPORT_JSON; format++) {
		_cleanup_(fclosep) FILE *out = fopen("/dev/full", "w");
		struct error err = { 0 };

		assert_non_null(out);
		assert_int_equal(report_write(&r, (enum report_format)format, out, &err), -ENOSPC);
		assert_int_equal(err.code, -ENOSPC);
	}
}

static void rule_is(const struct rule *r, const char *expected)
{
	_cleanup_(freep) char *s = rule_text(r);

	assert_string_equal(s, expected);
}

static void test_rule_text(void **state)
{
	struct rule leaves[] = { { .config = (char *)"A" }, { .config = (char *)"B", .value = (char *)"m" } };
	struct rule parts[] = { { .any = leaves, .any_count = 2 }, { .none = leaves, .none_count = 1 } };
	struct rule all = { .all = parts, .all_count = 2 };
	struct rule vdso = { .vdso = (char *)"", .bits = 3264 };
	struct rule note = { .note = (char *)"Xen", .type = 18 };

	(void)state;
	rule_is(&all, "(CONFIG_A is set or CONFIG_B is m) and not (CONFIG_A is set)");
	rule_is(&vdso, "the image has a x32 vDSO");
	rule_is(&note, "the image has the ELF note Xen/18");
}

static void test_requirement_text(void **state)
{
	char *in_modes[] = { (char *)"gen1" }, *through[] = { (char *)"vmbus", (char *)"net" };
	struct requirement r = {
		.hypervisor = (char *)"hyperv",
		.versions = (char *)">= 2012",
		.modes = in_modes,
		.modes_count = 1,
		.through = through,
		.through_count = 2,
		.grade = GRADE_FULL,
	};
	_cleanup_(freep) char *s = requirement_text(&r);

	(void)state;
	assert_string_equal(s, "hyperv >= 2012 as gen1 through vmbus, net, in full");
}

/* docs/report.schema.json and docs/knowledge.md spell these words. */
static void test_words(void **state)
{
	(void)state;
	assert_string_equal(want_kind_word(WANT_CONFIG_EXISTS), "config-exists");
	assert_string_equal(want_kind_word(WANT_VALUE), "u32");
	assert_string_equal(want_kind_word(WANT_VDSO), "vdso");
	assert_string_equal(fact_state_word(FACT_PRESENT), "present");
	assert_string_equal(placement_word(PLACEMENT_NOT_REQUIRED), "not-required");
	assert_string_equal(depth_word(DEPTH_VERIFY), "verify");
	assert_string_equal(finding_kind_word(FINDING_CONTRADICTION), "contradiction");
	assert_string_equal(finding_state_word(STATE_FIXED), "fixed");
	assert_string_equal(decision_word(DECISION_UNDECIDED), "undecided");
	assert_string_equal(meets_word(MEETS_SUPERSET), "superset");
	/* A value from nowhere is no reason to read beyond the list. */
	assert_string_equal(depth_word((enum depth)99), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_spans_of_nameless),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_optional),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_query_selected),
		cmocka_unit_test(test_gate),
		cmocka_unit_test(test_gate_limited),
		cmocka_unit_test(test_waived_is_shown),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_rule_text),
		cmocka_unit_test(test_requirement_text),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
