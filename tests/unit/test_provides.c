/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "build/package.h"
#include "tests/lib/invent.h"

/* What a built kernel promises to package managers, and what it does not. */

struct world {
	struct invented inv;
	struct knowledge *k;
	struct facts *f;
	struct support *s;
	struct provides p;
};

static int begin(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	invent_begin(&w->inv);
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	provides_done(&w->p);
	support_free(w->s);
	facts_free(w->f);
	knowledge_free(w->k);
	invent_end(&w->inv);
	free(w);
	return 0;
}

/* An interface of that class and kind, and a host that offers it. */
static void add_iface(struct world *w, const char *name, const char *class, const char *kind, const char *rules)
{
	_cleanup_(freep) char *iface = xasprintf("interface: %s\nclass: %s\nkind: %s\nabout: Something.\n"
						 "source: here\n%s", name, class, kind, rules);
	_cleanup_(freep) char *host = xasprintf("hypervisor: host-%s\nname: A host\nsource: here\n"
						"offers: [{interface: %s}]\n", name, name);
	_cleanup_(freep) char *iface_path = xasprintf("a/interfaces/%s.yaml", name);
	_cleanup_(freep) char *host_path = xasprintf("a/hypervisors/host-%s.yaml", name);

	invent_file(&w->inv, iface_path, iface);
	invent_file(&w->inv, host_path, host);
}

static void load(struct world *w)
{
	if (invent_load(&w->inv, &w->k) < 0)
		fail_msg("%s", w->inv.lines.text);
	w->f = invent_facts(w->k, "x86_64");
}

static void has_config(struct world *w, const char *name, enum fact_state state)
{
	invent_fact(w->k, w->f, WANT_CONFIG, name, NULL)->state = state;
}

/* The lines as one text: "vmi=3.0 old-call(u)". */
static void assert_provides(struct world *w, const char *expected)
{
	_cleanup_(buf_done) struct buf b = { 0 };

	w->s = support_judge(w->k, w->f);
	provides_of(w->s, &w->p);
	buf_add(&b, "", 0);
	for (size_t i = 0; i < w->p.n; i++)
		buf_addf(&b, "%s%s%s%s%s", i > 0 ? " " : "", w->p.lines[i].name,
			 w->p.lines[i].version ? "=" : "", w->p.lines[i].version ? w->p.lines[i].version : "",
			 w->p.lines[i].userspace ? "(u)" : "");
	assert_string_equal(b.text ? b.text : "", expected);
}

static const char table[] = "drivers: [{driver: d, config: [D]}]\n"
			    "speaks:\n  - {table: t, of: d, element: u32, format: hi16.lo16, ends: zero}\n"
			    "  - {driver: d, unknown-versions: true}\n";

/* One line for each version, in the order of numbers, each once. */
static void test_versions(void **state)
{
	struct world *w = *state;

	add_iface(w, "lamp", "bus", "paravirtual", table);
	load(w);
	invent_fact(w->k, w->f, WANT_DRIVER, "d", NULL)->state = FACT_PRESENT;
	invent_versions(invent_fact(w->k, w->f, WANT_TABLE, "t", "d"), "10.0 5.3 1.1 5.3 0.13");
	assert_provides(w, "lamp=0.13 lamp=1.1 lamp=5.3 lamp=10.0");
}

/* To rpm, a capability without a version would meet a demand for any. */
static void test_no_versions_no_promise(void **state)
{
	struct world *w = *state;

	add_iface(w, "lamp", "bus", "paravirtual", table);
	load(w);
	invent_fact(w->k, w->f, WANT_DRIVER, "d", NULL)->state = FACT_PRESENT;
	invent_fact(w->k, w->f, WANT_TABLE, "t", "d")->state = FACT_UNREAD;
	assert_provides(w, "");
}

static void test_versions_from_the_rule(void **state)
{
	struct world *w = *state;

	add_iface(w, "lamp", "boot", "paravirtual", "speaks: [{config: LAMP, versions: ['3.0']}]\n");
	load(w);
	has_config(w, "LAMP", FACT_PRESENT);
	assert_provides(w, "lamp=3.0");
}

/* What hypervisors and old userspace ask for, and nothing that is hardware to the kernel. */
static void test_kinds(void **state)
{
	struct world *w = *state;

	add_iface(w, "a-bus", "bus", "paravirtual", "speaks: [{config: ALL}]\n");
	add_iface(w, "b-entry", "boot", "boot", "speaks: [{config: ALL}]\n");
	add_iface(w, "c-packing", "loader", "boot", "speaks: [{config: ALL}]\n");
	add_iface(w, "d-old-call", "abi", "abi", "speaks: [{config: ALL}]\n");
	add_iface(w, "e-disk", "disk", "emulated", "speaks: [{config: ALL}]\n");
	add_iface(w, "f-card", "net", "passthrough", "speaks: [{config: ALL}]\n");
	load(w);
	has_config(w, "ALL", FACT_PRESENT);
	assert_provides(w, "a-bus b-entry c-packing d-old-call(u)");
}

static void test_absent_and_unknown(void **state)
{
	struct world *w = *state;

	add_iface(w, "absent", "bus", "paravirtual", "speaks: [{config: A}]\n");
	add_iface(w, "present", "bus", "paravirtual", "speaks: [{config: P}]\n");
	add_iface(w, "unknown", "bus", "paravirtual", "speaks: [{config: K}]\n");
	add_iface(w, "unread", "bus", "paravirtual", "speaks: [{config: R}]\n");
	load(w);
	has_config(w, "P", FACT_PRESENT);
	has_config(w, "K", FACT_UNKNOWN);
	has_config(w, "R", FACT_UNREAD);
	assert_provides(w, "present");
}

/* Only with a boot parameter, or only by half: not what the package by itself gives. */
static void test_degraded(void **state)
{
	struct world *w = *state;

	add_iface(w, "by-parameter", "bus", "paravirtual",
		  "speaks: [{config: ALL, way-out: {boot-parameter: [lamp=on]}}]\n");
	add_iface(w, "half", "bus", "paravirtual", "speaks: [{config: ALL, grade: degraded}]\n");
	add_iface(w, "off", "bus", "paravirtual",
		  "speaks: [{config: ALL}]\n"
		  "refused-by: [{when: {config: OFF}, why: keeps it off, source: here,"
		  " way-out: {boot-parameter: [off=0]}}]\n");
	add_iface(w, "refused", "bus", "paravirtual",
		  "speaks: [{config: ALL}]\nrefused-by: [{when: {config: OFF}, why: keeps it out, source: here}]\n");
	load(w);
	has_config(w, "ALL", FACT_PRESENT);
	has_config(w, "OFF", FACT_PRESENT);
	assert_provides(w, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_versions, begin, end),
		cmocka_unit_test_setup_teardown(test_no_versions_no_promise, begin, end),
		cmocka_unit_test_setup_teardown(test_versions_from_the_rule, begin, end),
		cmocka_unit_test_setup_teardown(test_kinds, begin, end),
		cmocka_unit_test_setup_teardown(test_absent_and_unknown, begin, end),
		cmocka_unit_test_setup_teardown(test_degraded, begin, end),
	};

	return cmocka_run_group_tests_name("provides", tests, NULL, NULL);
}
