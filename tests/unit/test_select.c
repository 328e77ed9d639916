/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "compat/select.h"
#include "tests/lib/invent.h"

static struct invented inv;
static struct knowledge *k;

static int begin(void **state)
{
	(void)state;
	invent_begin(&inv);
	invent_file(&inv, "a/interfaces/lamp.yaml",
		    "interface: lamp\nclass: disk\nkind: abi\nabout: x\nsource: x\n"
		    "drivers: [{driver: d, config: [D]}, {driver: e, config: [E]}]\n"
		    "speaks: [{symbol: s, of: d}]\ndetails: [{driver: e}]\n");
	invent_file(
		&inv, "a/interfaces/torch.yaml",
		"interface: torch\nclass: disk\nkind: abi\nabout: x\nsource: x\nspeaks: [{config: TORCH}]\n"
		"refused-by: [{when: {config: WET}, source: x}]\n");
	invent_file(
		&inv, "a/hypervisors/lumen.yaml",
		"hypervisor: lumen\nname: Lumen\nsource: x\n"
		"versions: [{id: \"4.0\"}, {id: \"4.2\", aliases: [old]}, {id: \"4.14\"}, {id: \"5-1\"}]\n"
		"modes: [{id: pv, loader: kit, needs: {disk: required}}, {id: hvm, needs: {disk: required}}]\n"
		"offers: [{interface: lamp, modes: [pv]}, {interface: torch, modes: [hvm], refused-by: [{when: {config: HERE}, source: x}]},\n"
		"  {interface: torch, modes: [pv], since: \"5-1\"}]\n");
	invent_file(&inv, "a/userspace/libx.yaml",
		    "userspace: libx\nname: x\nsource: x\noffers: [{interface: torch}]\n");
	if (invent_load(&inv, &k) < 0)
		fail_msg("%s", inv.lines.text);
	return 0;
}

static int end(void **state)
{
	(void)state;
	k = knowledge_free(k);
	invent_end(&inv);
	return 0;
}

/* The marks as text: "0110/10". */
static void is(const char *text, const char *marks)
{
	_cleanup_(selection_done) struct selection s = { 0 };
	struct error err = { 0 };
	char got[16];
	size_t n = 0;

	if (selection_parse(k, text, &s, &err) < 0)
		fail_msg("%s", err.text);
	for (unsigned i = 0; i < s.host->versions_count; i++)
		got[n++] = s.versions[i] ? '1' : '0';
	got[n++] = '/';
	for (unsigned i = 0; i < s.host->modes_count; i++)
		got[n++] = s.modes[i] ? '1' : '0';
	got[n] = '\0';
	assert_string_equal(got, marks);
}

static void fails(const char *text, int code, const char *said)
{
	struct selection s = { 0 };
	struct error err = { 0 };

	assert_int_equal(selection_parse(k, text, &s, &err), code);
	assert_string_equal(err.text, said);
	assert_null(s.host);
}

static void test_parse(void **state)
{
	(void)state;
	is("lumen", "1111/11");
	is("lumen:all", "1111/11");
	is("lumen:4.2", "0100/11");
	is("lumen:old/pv", "0100/10");
	is("lumen/hvm", "1111/01");
	is("lumen/pv,hvm", "1111/11");
	is("lumen:>=4.14", "0011/11");
	is("lumen: >= 4.14 / hvm ", "0011/01");
	is("lumen:<= 4.2", "1100/11");
	is("lumen:4.2 .. 4.14", "0110/11");
	is("lumen:4.2..4.14", "0110/11");
	is("lumen:4.2..4.2", "0100/11");
	is("lumen:4.0, >= 5-1/pv", "1001/10");
	is("libx", "1/1");
}

static void test_parse_errors(void **state)
{
	(void)state;
	fails("lux:4.0", -ENOENT, "there is no host 'lux'; there are lumen, libx");
	fails("", -ENOENT, "there is no host ''; there are lumen, libx");
	fails("lumen:4.3", -ENOENT, "lumen has no version 4.3; it has 4.0, 4.2, 4.14, 5-1");
	fails("lumen:> 4.2", -ENOENT, "lumen has no version > 4.2; it has 4.0, 4.2, 4.14, 5-1");
	fails("lumen:4.0 .. 4.3", -ENOENT, "lumen has no version 4.3; it has 4.0, 4.2, 4.14, 5-1");
	fails("lumen:4.14 .. 4.2", -EINVAL, "lumen: '4.14 .. 4.2' is empty: the older version comes first");
	fails("lumen:", -EINVAL, "lumen: a version is missing; write e.g. '>= 4.0'");
	fails("lumen:4.0,", -EINVAL, "lumen: a version is missing; write e.g. '>= 4.0'");
	fails("lumen:>=", -EINVAL, "lumen: a version is missing; write e.g. '>= 4.0'");
	fails("lumen/xen", -ENOENT, "lumen has no mode xen; it has pv, hvm");
	fails("lumen/", -ENOENT, "lumen has no mode ''; it has pv, hvm");
	fails("libx/pv", -ENOENT, "libx has no mode pv; it has no modes at all");
}

static void test_make(void **state)
{
	_cleanup_(selection_done) struct selection s = { 0 };
	char *both[] = { "pv", "hvm" }, *hvm[] = { "hvm" };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(selection_make(k, "lumen", ">= 4.14", both, 2, "kit", &s, &err), 0);
	assert_true(s.modes[0]);
	assert_false(s.modes[1]);
	assert_false(s.versions[1]);
	assert_true(s.versions[3]);
	selection_done(&s);
	assert_int_equal(selection_make(k, "lumen", NULL, NULL, 0, NULL, &s, &err), 0);
	assert_true(s.modes[1] && s.versions[0]);
	selection_done(&s);
	assert_int_equal(selection_make(k, "lumen", NULL, hvm, 1, "kit", &s, &err), -ENOENT);
	assert_string_equal(err.text, "lumen has no such mode with loader kit");
	assert_null(s.host);
}

/* Which of the leaves are marked, by name. */
static void wants_are(const char *selection, bool details, const char *names)
{
	_cleanup_(selection_done) struct selection s = { 0 };
	_cleanup_(buf_done) struct buf got = { 0 };
	_cleanup_(freep) bool *wanted = xcalloc(k->wants.count, sizeof(*wanted));

	if (selection)
		assert_int_equal(selection_parse(k, selection, &s, NULL), 0);
	selection_wants(k, &s, selection ? 1 : 0, details, wanted);
	for (size_t i = 0; i < k->wants.count; i++)
		if (wanted[i])
			buf_addf(&got, "%s ", k->wants.wants[i].name);
	assert_string_equal(got.text ? got.text : "", names);
}

static void test_wants(void **state)
{
	(void)state;
	wants_are(NULL, true, "s e TORCH WET HERE ");
	wants_are(NULL, false, "s TORCH WET HERE ");
	wants_are("lumen:4.0/pv", false, "s ");
	wants_are("lumen:4.0/pv", true, "s e ");
	wants_are("lumen:4.0/hvm", true, "TORCH WET HERE ");
	wants_are("lumen:5-1/pv", false, "s TORCH WET ");
	wants_are("libx", false, "TORCH WET ");
}

static void test_subset(void **state)
{
	_cleanup_(want_list_done) struct want_list list = { 0 };
	_cleanup_(freep) bool *wanted = xcalloc(k->wants.count, sizeof(*wanted));
	struct facts *f = xcalloc(1, sizeof(*f));

	(void)state;
	wanted[0] = wanted[3] = true; /* s of d, and WET */
	want_list_subset(&k->wants, wanted, &list);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.wants[0].name, "s");
	assert_string_equal(list.wants[1].name, "WET");
	assert_int_equal(list.n_drivers, 1);
	assert_string_equal(list.drivers[0].name, "d");
	assert_string_equal(list.drivers[0].configs[0], "D");

	f->count = 2;
	f->facts = xcalloc(2, sizeof(*f->facts));
	f->facts[0].state = FACT_PRESENT;
	f->facts[1].state = FACT_ABSENT;
	facts_widen(f, &k->wants, wanted);
	assert_int_equal(f->count, k->wants.count);
	assert_int_equal(f->facts[0].state, FACT_PRESENT);
	assert_int_equal(f->facts[1].state, FACT_UNREAD);
	assert_int_equal(f->facts[2].state, FACT_UNREAD);
	assert_int_equal(f->facts[3].state, FACT_ABSENT);
	assert_int_equal(f->facts[4].state, FACT_UNREAD);
	facts_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),  cmocka_unit_test(test_parse_errors),
		cmocka_unit_test(test_make),   cmocka_unit_test(test_wants),
		cmocka_unit_test(test_subset),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
