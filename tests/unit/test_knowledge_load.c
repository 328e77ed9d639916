/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/lib/invent.h"

#define IFACE(name, more) \
	"interface: " name "\nclass: disk\nkind: paravirtual\nabout: A disk.\nsource: here\n" more
#define HOST                                                                                                      \
	"hypervisor: lumen\nname: Lumen\nsource: here\nversions:\n- {id: \"1\"}\n- {id: \"2\", aliases: [two]}\n" \
	"offers:\n- {interface: lamp}\n"

static int begin(void **state)
{
	struct invented *inv = xcalloc(1, sizeof(*inv));

	invent_begin(inv);
	*state = inv;
	return 0;
}

static int end(void **state)
{
	invent_end(*state);
	free(*state);
	return 0;
}

static void good_world(struct invented *inv)
{
	invent_file(inv, "a/interfaces/lamp.yaml", IFACE("lamp", "speaks: [{config: LAMP}]\n"));
	invent_file(inv, "a/hypervisors/lumen.yaml", HOST);
}

static void test_good(void **state)
{
	_cleanup_(knowledge_freep) struct knowledge *k = NULL;
	const struct host *h;

	good_world(*state);
	assert_int_equal(invent_load(*state, &k), 0);
	assert_int_equal(k->n_ifaces, 1);
	assert_int_equal(k->n_hosts, 1);
	assert_int_equal(k->n_files, 2);
	h = knowledge_host(k, "lumen");
	assert_non_null(h);
	assert_false(h->userspace);
	assert_string_equal(h->title, "Lumen");
	assert_int_equal(host_version_index(h, "two"), 1);
	assert_int_equal(host_version_index(h, "3"), -1);
	assert_ptr_equal(h->offers[0].iface, knowledge_iface(k, "lamp"));
	assert_int_equal(h->offers[0].last, 1);
	/* one mode without a name, which needs what is offered */
	assert_int_equal(h->modes_count, 1);
	assert_string_equal(h->modes[0].id, "");
	assert_int_equal(h->modes[0].needs[CLASS_DISK], NEED_REQUIRED);
	assert_int_equal(h->modes[0].needs[CLASS_NET], NEED_NONE);
}

static void test_nothing(void **state)
{
	struct invented *inv = *state;
	struct knowledge *k = NULL;

	assert_int_equal(invent_load(inv, &k), -ENOENT);
	assert_non_null(strstr(inv->err.text, inv->dir));
	assert_null(k);
}

/* The text of a file, and what is said of it. */
static void refused(struct invented *inv, const char *text, const char *said)
{
	struct knowledge *k = NULL;

	good_world(inv);
	invent_file(inv, "a/interfaces/lamp.yaml", text);
	assert_int_equal(invent_load(inv, &k), -EINVAL);
	assert_null(k);
	assert_string_equal(inv->lines.text, said);
	assert_non_null(strstr(inv->err.text, "a/interfaces/lamp.yaml"));
}

#define AT(line, column) "a/interfaces/lamp.yaml:" line ":" column ": "

static void test_refused(void **state)
{
	refused(*state, IFACE("lamp", "spekas: []\n"), AT("6", "1") "unknown key 'spekas'\n");
	refused(*state, IFACE("lamp", "speaks:\n  - config: A\n    valeu: 3\n"),
		AT("8", "5") "unknown key 'valeu'\n");
	refused(*state, IFACE("lamp", "speaks: [{config: LAMP}]\nabout: again\n"),
		AT("7", "1") "key 'about' occurs twice\n");
	refused(*state, IFACE("lamp", "speaks:\n- {config: A, config: B}\n"),
		AT("7", "15") "key 'config' occurs twice\n");
	refused(*state, IFACE("lamp", "speaks: LAMP\n"),
		AT("6", "9") "expected a list, found a single value\n");
	refused(*state, IFACE("lamp", "speaks: [{config: [A]}]\n"),
		AT("6", "19") "expected a single value, found a list\n");
	refused(*state, IFACE("lamp", "speaks: [{config: {a: b}}]\n"),
		AT("6", "19") "expected a single value, found a mapping\n");
	refused(*state, IFACE("lamp", "speaks: [{config: \"\"}]\n"), AT("6", "19") "an empty value\n");
	refused(*state, IFACE("lamp", "speaks: [{symbol: A, object: perhaps}]\n"),
		AT("6", "30") "'perhaps' is not one of the words allowed here\n");
	refused(*state, IFACE("lamp", "speaks: [{note: A, type: -1}]\n"),
		AT("6", "26") "'-1' is not a number that fits here\n");
	refused(*state, IFACE("lamp", "speaks: [{table: A, element: 4}]\n"),
		AT("6", "30") "'4' is not one of the words allowed here\n");
	refused(*state, "interface: lamp\n", AT("1", "1") "key 'class' is missing\n");
	refused(*state, "interface: lamp\nclass: disc\n",
		AT("2", "8") "'disc' is not one of the words allowed here\n");
	refused(*state, "- a\n", AT("1", "1") "expected a mapping, found a list\n");
	refused(*state, "about: \"lamp\ninterface: [\n",
		AT("3", "1") "not YAML: found unexpected end of stream\n");
	refused(*state, IFACE("lamp", "help: &h {shim: [a]}\ndetails: *h\n"),
		AT("7", "10") "aliases are not allowed: write it out\n");
	refused(*state, IFACE("lamp", "speaks: [{config: LAMP}]\n---\na: b\n"),
		"a/interfaces/lamp.yaml: holds more than one document; one file is one thing\n");
	refused(*state, "# nothing\n",
		"a/interfaces/lamp.yaml: holds nothing; link it to /dev/null to mask it\n");
}

static void test_all_files_told(void **state)
{
	struct invented *inv = *state;
	struct knowledge *k = NULL;

	invent_file(inv, "a/interfaces/a.yaml", "x: 1\n");
	invent_file(inv, "a/interfaces/b.yaml", "y: 1\n");
	assert_int_equal(invent_load(inv, &k), -EINVAL);
	assert_string_equal(inv->lines.text, "a/interfaces/a.yaml:1:1: unknown key 'x'\n"
					     "a/interfaces/b.yaml:1:1: unknown key 'y'\n");
	assert_true(endswith(inv->err.text, "a/interfaces/a.yaml:1:1: unknown key 'x'"));
}

/* Nine levels of ten aliases each: a billion, were they followed. */
static void test_alias_bomb(void **state)
{
	_cleanup_(buf_done) struct buf text = { 0 };

	buf_addf(&text, "interface: lamp\nclass: disk\nspeaks:\n- &a0 {config: A}\n");
	for (int i = 1; i < 10; i++) {
		buf_addf(&text, "- &a%d {any: [", i);
		for (int j = 0; j < 10; j++)
			buf_addf(&text, "*a%d, ", i - 1);
		buf_addf(&text, "]}\n");
	}
	refused(*state, text.text, AT("5", "14") "aliases are not allowed: write it out\n");
}

/* A small file that would take a hundred times its size. */
static void test_unfolding(void **state)
{
	struct invented *inv = *state;
	_cleanup_(buf_done) struct buf text = { 0 };
	struct knowledge *k = NULL;

	buf_addf(&text, "interface: lamp\nclass: disk\nspeaks:\n");
	for (int i = 0; i < 60; i++) {
		buf_addf(&text, "- any: [");
		for (int j = 0; j < 4000; j++)
			buf_addf(&text, "{},");
		buf_addf(&text, "]\n");
	}
	good_world(inv);
	invent_file(inv, "a/interfaces/lamp.yaml", text.text);
	assert_int_equal(invent_load(inv, &k), -EINVAL);
	assert_non_null(strstr(inv->lines.text, "unfolds into more than"));
}

static void test_nesting(void **state)
{
	struct invented *inv = *state;
	_cleanup_(buf_done) struct buf text = { 0 };
	struct knowledge *k = NULL;

	buf_addf(&text, "interface: lamp\nclass: disk\nspeaks:\n- ");
	for (int i = 0; i < 20000; i++)
		buf_addf(&text, "{all: [");
	good_world(inv);
	invent_file(inv, "a/interfaces/lamp.yaml", text.text);
	assert_int_equal(invent_load(inv, &k), -EINVAL);
	assert_int_equal(inv->n_lines, 1);
	/* eight levels are fine, nine are not */
	refused(inv,
		IFACE("lamp",
		      "speaks: [{all: [{all: [{all: [{all: [{all: [{all: [{all: [{all: [{config: A}]}]}]}]}]}]}]}]}]\n"),
		AT("6", "66") "rules nest deeper than 8\n");
	invent_file(
		inv, "a/interfaces/lamp.yaml",
		IFACE("lamp",
		      "speaks: [{all: [{all: [{all: [{all: [{all: [{all: [{all: [{config: A}]}]}]}]}]}]}]}]\n"));
	assert_int_equal(invent_load(inv, &k), 0);
	knowledge_free(k);
}

static void test_override(void **state)
{
	_cleanup_(knowledge_freep) struct knowledge *k = NULL;
	struct invented *inv = *state;

	good_world(inv);
	invent_file(inv, "b/interfaces/lamp.yaml", IFACE("lamp", "speaks: [{config: OTHER}]\n"));
	assert_int_equal(invent_load(inv, &k), 0);
	assert_int_equal(k->n_ifaces, 1);
	assert_string_equal(k->ifaces[0]->speaks[0].config, "OTHER");
	assert_non_null(strstr(k->ifaces[0]->file, "/b/interfaces/lamp.yaml"));
	assert_int_equal(k->wants.count, 1);
}

static void test_mask(void **state)
{
	struct invented *inv = *state;
	struct knowledge *k = NULL;

	good_world(inv);
	/* without its mask, a flaw: nobody offers it */
	invent_file(inv, "a/interfaces/torch.yaml", IFACE("torch", "speaks: [{config: TORCH}]\n"));
	assert_int_equal(invent_load(inv, &k), -EINVAL);
	assert_string_equal(inv->lines.text, "a/interfaces/torch.yaml:1:1: no host offers 'torch'\n");
	invent_link(inv, "b/interfaces/torch.yaml", "/dev/null");
	assert_int_equal(invent_load(inv, &k), 0);
	assert_null(knowledge_iface(k, "torch"));
	k = knowledge_free(k);
	/* an empty file masks as well */
	invent_file(inv, "a/interfaces/fire.yaml", IFACE("fire", "speaks: [{config: FIRE}]\n"));
	invent_file(inv, "b/interfaces/fire.yaml", "");
	assert_int_equal(invent_load(inv, &k), 0);
	assert_null(knowledge_iface(k, "fire"));
	knowledge_free(k);
}

static void test_drop_in(void **state)
{
	_cleanup_(knowledge_freep) struct knowledge *k = NULL;
	struct invented *inv = *state;

	good_world(inv);
	invent_file(inv, "b/interfaces/lamp.yaml.d/torch.yaml",
		    IFACE("torch", "speaks: [{config: TORCH}]\n"));
	invent_file(inv, "b/hypervisors/lumen.yaml.d/lux.yaml",
		    "hypervisor: lux\nname: Lux\nsource: here\noffers: [{interface: torch}]\n");
	invent_file(inv, "b/hypervisors/README", "not YAML: [");
	invent_file(inv, "b/hypervisors/.hidden.yaml", "not YAML: [");
	assert_int_equal(invent_load(inv, &k), 0);
	assert_non_null(knowledge_iface(k, "torch"));
	assert_non_null(knowledge_host(k, "lux"));
	assert_string_equal(knowledge_host(k, "lux")->versions[0].id, "any");
}

static void test_odd_files(void **state)
{
	struct invented *inv = *state;
	struct knowledge *k = NULL;
	_cleanup_(freep) char *big = NULL;

	good_world(inv);
	invent_file(inv, "b/interfaces/dir.yaml/x", "x");
	assert_int_equal(invent_load(inv, &k), -EINVAL);
	assert_string_equal(inv->lines.text, "b/interfaces/dir.yaml: is not a regular file\n");
	invent_link(inv, "b/interfaces/lamp.yaml", "nowhere");
	assert_int_equal(invent_load(inv, &k), -EINVAL);
	assert_non_null(strstr(inv->lines.text, "b/interfaces/lamp.yaml: cannot open: No such file"));
	big = xmalloc((1 << 20) + 2);
	memset(big, '#', (1 << 20) + 1);
	big[(1 << 20) + 1] = '\0';
	invent_file(inv, "b/interfaces/large.yaml", big);
	assert_int_equal(invent_load(inv, &k), -EINVAL);
	assert_non_null(strstr(inv->lines.text, "b/interfaces/large.yaml: larger than 1048576 bytes"));
}

static void test_too_many(void **state)
{
	struct invented *inv = *state;
	struct knowledge *k = NULL;

	for (int i = 0; i <= 2000; i++) {
		_cleanup_(freep) char *path = xasprintf("a/interfaces/i%d.yaml", i);

		invent_file(inv, path, "");
	}
	assert_int_equal(invent_load(inv, &k), -E2BIG);
}

/* Each leaf is wanted once, at the depth that its kind has, or that its rule says. */
static void test_wants(void **state)
{
	static const struct {
		enum want_kind kind;
		const char *name, *of;
		enum depth depth;
	} wanted[] = {
		{ WANT_CONFIG, "LAMP", NULL, DEPTH_QUICK },
		{ WANT_CONFIG_EXISTS, "LAMP", NULL, DEPTH_QUICK },
		{ WANT_DRIVER, "lamp_drv", NULL, DEPTH_QUICK },
		{ WANT_NOTE, "Lumen", NULL, DEPTH_NORMAL },
		{ WANT_SYMBOL, "lit", NULL, DEPTH_NORMAL },
		{ WANT_SYMBOL, "lit", "lamp_drv", DEPTH_DEEP },
		{ WANT_TABLE, "steps", "lamp_drv", DEPTH_NORMAL },
		{ WANT_VALUE, "level", NULL, DEPTH_VERIFY },
		{ WANT_VALUE, "level", "lamp_drv", DEPTH_DEEP },
		{ WANT_PAYLOAD, "xz", NULL, DEPTH_NORMAL },
		{ WANT_VDSO, "", NULL, DEPTH_NORMAL },
		{ WANT_STRING, "seen", NULL, DEPTH_DEEP },
		{ WANT_CONFIG, "GLOW", NULL, DEPTH_DEEP },
		{ WANT_ALIAS, "pci:x", "lamp_drv", DEPTH_DEEP },
		{ WANT_MODINFO, "version", "lamp_drv", DEPTH_DEEP },
	};
	_cleanup_(knowledge_freep) struct knowledge *k = NULL;
	_cleanup_(facts_freep) struct facts *f = NULL;

	good_world(*state);
	invent_file(
		*state, "a/interfaces/lamp.yaml",
		IFACE("lamp",
		      "drivers: [{driver: lamp_drv, also: [lamp], config: [LAMP_DRV, LAMP]}]\n"
		      "speaks:\n"
		      "- {table: steps, of: lamp-drv, element: u32, ends: zero, depth: normal}\n"
		      "- any: [{config: LAMP}, {config: LAMP}, {config-exists: LAMP}, {driver: lamp}, {note: Lumen, type: 18}]\n"
		      "- all: [{symbol: lit}, {symbol: lit, of: lamp}, {u32: level, value: \"1\"}, {u32: level, of: lamp_drv, value: \"1\"}]\n"
		      "- none: [{payload: xz}, {vdso: \"\", bits: 32}, {alias: \"pci:x\", of: lamp_drv}, {modinfo: version, of: lamp_drv}]\n"
		      "details: [{string: seen}, {config: GLOW}, {config: LAMP}]\n"));
	assert_int_equal(invent_load(*state, &k), 0);
	assert_int_equal(k->wants.count, ARRAY_SIZE(wanted));
	f = invent_facts(k, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		size_t n =
			(size_t)(invent_fact(k, f, wanted[i].kind, wanted[i].name, wanted[i].of) - f->facts);

		assert_int_equal(k->wants.wants[n].depth, wanted[i].depth);
	}
	assert_int_equal(k->wants.n_drivers, 1);
	assert_string_equal(k->wants.drivers[0].name, "lamp_drv");
	assert_string_equal(k->wants.drivers[0].also[0], "lamp");
	assert_null(k->wants.drivers[0].also[1]);
	assert_string_equal(k->wants.drivers[0].configs[1], "LAMP");
	assert_null(k->wants.drivers[0].configs[2]);
	assert_int_equal(k->wants.wants[0].layout.element, ELEMENT_U32);
	assert_int_equal(k->wants.wants[0].layout.ends, ENDS_ZERO);
	assert_int_equal(k->wants.wants[0].layout.flag_offset, -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_good),       TEST(test_nothing),   TEST(test_refused),   TEST(test_all_files_told),
		TEST(test_alias_bomb), TEST(test_unfolding), TEST(test_nesting),   TEST(test_override),
		TEST(test_mask),       TEST(test_drop_in),   TEST(test_odd_files), TEST(test_too_many),
		TEST(test_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
