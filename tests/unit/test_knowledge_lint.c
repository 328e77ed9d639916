/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/lib/invent.h"

/* A world without flaws, of which each test replaces one file. */
#define LAMP_HEAD \
	"interface: lamp\nclass: disk\nkind: paravirtual\nabout: A disk.\nsource: here\n" /* lines 1-5 */
#define LAMP      \
	LAMP_HEAD \
		"drivers: [{driver: lamp_drv, config: [LAMP]}]\nspeaks:\n- {table: steps, of: lamp_drv, element: u32}\n"
#define WIRE \
	"interface: wire\nclass: net\nkind: emulated\nabout: A net.\nsource: here\nspeaks: [{config: WIRE}]\n"
#define HOST_HEAD "hypervisor: lumen\nname: Lumen\nsource: here\n"		  /* lines 1-3 */
#define HOST_VERSIONS "versions: [{id: \"1\"}, {id: \"2\"}, {id: \"3\"}]\n"	  /* line 4 */
#define HOST_MODES "modes: [{id: dim, needs: {disk: required, net: optional}}]\n" /* line 5 */
#define HOST_LAMP \
	"offers:\n- {interface: lamp, meets: overlap, at: [{versions: [\"1.0\"]}]}\n" /* lines 6, 7 */
#define HOST_WIRE "- {interface: wire}\n"					      /* line 8 */
#define HOST HOST_HEAD HOST_VERSIONS HOST_MODES HOST_LAMP HOST_WIRE

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
	invent_file(inv, "a/interfaces/lamp.yaml", LAMP);
	invent_file(inv, "a/interfaces/wire.yaml", WIRE);
	invent_file(inv, "a/hypervisors/lumen.yaml", HOST);
}

/*
 * Texts carry a '@' where a flaw must be found; "@1", "@2" in what is said stand for FILE:LINE:COLUMN of the
 * first and second of them.
 */
struct marks {
	char text[1024];
	char at[8][64];
	unsigned count;
};

static void take_marks(struct marks *m, const char *path, const char *text)
{
	unsigned line = 1, column = 1;
	size_t n = 0;

	*m = (struct marks){ .count = 0 };
	for (; *text; text++) {
		if (*text == '@') {
			assert_true(m->count < ARRAY_SIZE(m->at));
			snprintf(m->at[m->count++], sizeof(m->at[0]), "%s:%u:%u", path, line, column);
			continue;
		}
		assert_true(n + 1 < sizeof(m->text));
		m->text[n++] = *text;
		column = *text == '\n' ? 1 : column + 1;
		line += *text == '\n';
	}
}

static void fill_marks(const struct marks *m, const char *said, struct buf *into)
{
	for (; *said; said++) {
		if (*said != '@') {
			buf_add(into, said, 1);
			continue;
		}
		said++;
		assert_in_range(*said, '1', '0' + m->count);
		buf_addf(into, "%s", m->at[*said - '1']);
	}
}

static void says(struct invented *inv, const char *path, const char *text, const char *said)
{
	_cleanup_(buf_done) struct buf wanted = { 0 };
	struct knowledge *k = NULL;
	struct marks marks;

	take_marks(&marks, path, text);
	fill_marks(&marks, said, &wanted);
	good_world(inv);
	invent_file(inv, path, marks.text);
	assert_int_equal(invent_load(inv, &k), -EINVAL);
	assert_null(k);
	assert_string_equal(inv->lines.text, wanted.text);
}

#define L "a/interfaces/lamp.yaml:"
#define H "a/hypervisors/lumen.yaml:"
#define LAMP_SAYS(text, said) says(*state, "a/interfaces/lamp.yaml", text, said)
#define HOST_SAYS(text, said) says(*state, "a/hypervisors/lumen.yaml", text, said)
#define RULE_SAYS(rule, said) LAMP_SAYS(LAMP "- " rule "\n", said)

static void test_good(void **state)
{
	struct knowledge *k = NULL;

	good_world(*state);
	assert_int_equal(invent_load(*state, &k), 0);
	assert_null(((struct invented *)*state)->lines.text);
	knowledge_free(k);
}

static void test_names(void **state)
{
	LAMP_SAYS(
		"@interface: lump\nclass: disk\nkind: abi\nabout: x\nsource: x\nspeaks: [{config: A, unknown-versions: true}]\n",
		"@1: interface 'lump' must be in a file lump.yaml\n" H
		"7:4: there is no interface 'lamp'\n@1: no host offers 'lump'\n");
	says(*state, "a/userspace/lumen.yaml",
	     "@userspace: lumen\nname: x\nsource: x\noffers: [{interface: wire}]\n",
	     "@1: 'lumen' is also in a/hypervisors/lumen.yaml\n");
}

static void test_interface_parts(void **state)
{
	LAMP_SAYS("@class: disk\n",
		  "@1: key 'about' is missing\n@1: key 'source' is missing\n@1: key 'kind' is missing\n"
		  "@1: key 'speaks' is missing: how does a kernel show that it speaks this?\n" H
		  "7:21: interface 'lamp' never tells versions\n");
	LAMP_SAYS("interface: lamp\nclass: disk\n@kind: odd\nabout: x\nsource: x\narch: [x86_64, @mips]\n"
		  "speaks: [{config: A, unknown-versions: true}]\n",
		  "@1: unknown kind 'odd'; there are paravirtual, emulated, passthrough, boot, abi\n"
		  "@2: unknown architecture 'mips'; there are x86_64, i686, aarch64\n");
}

static void test_drivers(void **state)
{
	LAMP_SAYS(LAMP_HEAD
		  "drivers: [@{driver: lamp_drv}]\nspeaks: [{table: t, of: lamp_drv, element: u32}]\n",
		  "@1: driver 'lamp_drv' needs at least one `config`\n");
	LAMP_SAYS(
		LAMP_HEAD
		"drivers: [{@driver: d, config: [@CONFIG_A]}, {driver: e, also: [@d], config: [B]}]\n"
		"speaks: [{table: t, of: d, element: u32}]\n",
		"@1: driver 'd' is declared more than once (interface 'lamp'); name it by `of` or `driver`\n"
		"@2: write 'CONFIG_A' without CONFIG_\n"
		"@3: driver 'd' is declared more than once (interface 'lamp'); name it by `of` or `driver`\n");
	says(*state, "a/interfaces/wire.yaml", WIRE "drivers: [{@driver: lamp-drv, config: [X]}]\n",
	     L
	     "6:12: driver 'lamp_drv' is declared more than once (interface 'wire'); name it by `of` or `driver`\n"
	     "@1: driver 'lamp-drv' is declared more than once (interface 'lamp'); name it by `of` or `driver`\n");
	invent_file(*state, "a/interfaces/wire.yaml", WIRE);
	RULE_SAYS("{@driver: nobody}", "@1: no interface declares a driver 'nobody'\n");
	RULE_SAYS("{symbol: x, @of: nobody}", "@1: no interface declares a driver 'nobody'\n");
}

static void test_rule_heads(void **state)
{
	RULE_SAYS("@{config: A, note: B}", "@1: a rule has one leaf or combinator, this has several\n");
	RULE_SAYS("@{all: [{config: A}], any: [{config: A}]}",
		  "@1: a rule has one leaf or combinator, this has several\n");
	RULE_SAYS("@{why: x}", "@1: a rule needs a leaf, or one of all, any, none with rules in it\n");
	RULE_SAYS("@{all: []}", "@1: a rule needs a leaf, or one of all, any, none with rules in it\n");
	RULE_SAYS("{all: [{any: [@{}]}]}",
		  "@1: a rule needs a leaf, or one of all, any, none with rules in it\n");
}

static void test_rule_qualifiers(void **state)
{
	RULE_SAYS("{config: A, @of: lamp_drv}", "@1: 'of' does not go with 'config'\n");
	RULE_SAYS("{note: A, @value: x}", "@1: 'value' does not go with 'note'\n");
	RULE_SAYS("{all: [{config: A}], @depth: deep}", "@1: 'depth' does not go with 'all'\n");
	RULE_SAYS("{all: [{config: A, @grade: degraded}]}", "@1: 'grade' does not go with 'config' here\n");
	RULE_SAYS("{any: [{config: A, @versions: [\"1\"]}]}",
		  "@1: 'versions' does not go with 'config' here\n");
	RULE_SAYS("@{alias: A}", "@1: 'alias' needs 'of'\n");
	RULE_SAYS("@{modinfo: version}", "@1: 'modinfo' needs 'of'\n");
	RULE_SAYS("@{table: A}", "@1: 'table' needs 'element'\n");
	RULE_SAYS("@{u32: A}", "@1: 'u32' needs 'value'\n");
	RULE_SAYS("@{vdso: A}", "@1: 'vdso' needs 'bits'\n");
	RULE_SAYS("{vdso: A, @bits: 31}", "@1: a vDSO has 64, 32 or 3264 (x32) bits\n");
	RULE_SAYS("{u32: A, @value: x}", "@1: 'x' is no 32-bit number\n");
	RULE_SAYS("{u32: A, @value: \"4294967296\"}", "@1: '4294967296' is no 32-bit number\n");
	RULE_SAYS("{table: A, @element: u64}",
		  "@1: only u32 has room for this `format` (hi16.lo16 when left out)\n");
	RULE_SAYS("{table: A, element: u16, format: number, @stride: 4, offset: 3}",
		  "@1: the field at `offset` does not lie inside one element\n");
	RULE_SAYS("{@payload: rar}",
		  "@1: unknown codec 'rar'; there are gzip bzip2 lzma xz lzo lz4 zstd none\n");
	RULE_SAYS("{@config: A B}", "@1: 'A B' is no name of a config symbol\n");
	RULE_SAYS("{config: A, versions: [\"1\"], @unknown-versions: true}",
		  "@1: either versions or unknown-versions\n");
	RULE_SAYS("{config: A, versions: [\"1.0\", @new]}",
		  "@1: 'new' is no version; expected up to four numbers, as in 5.3\n");
}

static void test_refusals_and_demands(void **state)
{
	LAMP_SAYS(
		LAMP "refused-by:\n- @{why: x}\ndemands:\n- @{modes: [dim, @bright]}\n",
		"@1: key 'when' is missing\n@1: key 'source' is missing\n@2: key 'feature' is missing\n"
		"@2: key 'source' is missing\n@2: key 'when' is missing\n@3: no host that offers 'lamp' has a mode 'bright'\n");
	LAMP_SAYS(LAMP "demands:\n- {@feature: glow, when: {config: A}, source: x}\n",
		  "@1: no host that offers 'lamp' provides 'glow'\n");
}

static void test_host_parts(void **state)
{
	HOST_SAYS("@hypervisor: lumen\n" HOST_VERSIONS HOST_MODES HOST_LAMP HOST_WIRE,
		  "@1: key 'name' is missing\n@1: key 'source' is missing\n");
	HOST_SAYS("@hypervisor: lux\nname: x\nsource: x\n" HOST_LAMP HOST_WIRE,
		  "@1: hypervisor 'lux' must be in a file lux.yaml\n");
	HOST_SAYS(
		HOST_HEAD
		"versions: [{id: \"1\", aliases: [a]}, {@id: a}, {@id: \"1\"}, {@id: all}, {@id: \"x y\"}]\n" HOST_MODES
			HOST_LAMP HOST_WIRE,
		"@1: version 'a' occurs twice\n@2: version '1' occurs twice\n"
		"@3: 'all' cannot be an id: it stands for all of them\n"
		"@4: 'x y' cannot be an id: letters and digits, and . _ - + behind the first\n");
	HOST_SAYS(
		HOST_HEAD
		"versions: [{id: \"1\", @released: 2010-2-03, @support-until: 2010-02-30}]\n" HOST_MODES
			HOST_LAMP HOST_WIRE,
		"@1: '2010-2-03' is no date; expected YYYY-MM-DD\n@2: '2010-02-30' is no date; expected YYYY-MM-DD\n"
		/* as texts, 2010-2-03 is the later one */
		"@2: support ended before the release\n");
	HOST_SAYS("@" HOST_HEAD HOST_VERSIONS,
		  "@1: key 'offers' is missing: what does a guest find there?\n" L
		  "1:1: no host offers 'lamp'\n"
		  "a/interfaces/wire.yaml:1:1: no host offers 'wire'\n");
}

static void test_modes(void **state)
{
	HOST_SAYS(
		HOST_HEAD HOST_VERSIONS
		"modes: [{id: dim, needs: {disk: required}}, @{@id: dim, @since: \"9\", needs: {net: optional}}]\n" HOST_LAMP
			HOST_WIRE,
		"@2: mode 'dim' occurs twice\n@3: lumen has no version '9'\n"
		"@1: mode 'dim' requires nothing: every kernel would run there\n");
	HOST_SAYS(HOST_HEAD HOST_VERSIONS
		  "modes: [{id: dim, needs: {disk: required, @sound: required}}]\n" HOST_LAMP HOST_WIRE,
		  "@1: unknown key 'sound'\n");
	HOST_SAYS(
		HOST_HEAD HOST_VERSIONS
		"modes: [{id: dim, needs: {disk: required, @bus: required}}]\n" HOST_LAMP HOST_WIRE,
		"@1: version '1' offers nothing of class bus in mode dim on x86_64: no kernel could run there\n"
		"@1: version '2' offers nothing of class bus in mode dim on x86_64: no kernel could run there\n"
		"@1: version '3' offers nothing of class bus in mode dim on x86_64: no kernel could run there\n");
	HOST_SAYS(
		HOST_HEAD HOST_VERSIONS
		"modes: [{id: dim, since: \"2\", arch: [i686], needs: {disk: required, @net: required}}]\n" HOST_LAMP
		"- {interface: wire, arch: [x86_64]}\n",
		"@1: version '2' offers nothing of class net in mode dim on i686: no kernel could run there\n"
		"@1: version '3' offers nothing of class net in mode dim on i686: no kernel could run there\n");
}

static void test_ranges(void **state)
{
	HOST_SAYS(HOST_HEAD HOST_VERSIONS HOST_MODES HOST_LAMP
		  "- {interface: wire, since: \"3\", @until: \"1\", modes: [@bright]}\n",
		  "@2: lumen has no mode 'bright'\n@1: '1' is older than '3'\n");
	HOST_SAYS(
		HOST "provides: [{feature: x, @since: no, @until: never}, @{}]\n",
		"@1: lumen has no version 'no'\n@2: lumen has no version 'never'\n@3: key 'feature' is missing\n");
}

#define OFFERS_SAY(lamp, said)                                                                             \
	HOST_SAYS(HOST_HEAD HOST_VERSIONS HOST_MODES "offers:\n- {interface: lamp, " lamp "}\n" HOST_WIRE, \
		  said)

static void test_offers(void **state)
{
	OFFERS_SAY("@meets: overlap", "@1: needs `at`: which versions does the host have?\n");
	OFFERS_SAY("@at: [{versions: [\"1\"]}]", "@1: versions do not matter here without `meets`\n");
	OFFERS_SAY("meets: overlap, at: [{@since: \"2\", versions: [\"1\"]}]",
		   "@1: leaves open what the versions from '1' on offer\n");
	OFFERS_SAY("meets: overlap, at: [{since: \"1\", versions: [\"1\"]}, @{@since: \"1\", versions: []}]",
		   "@2: must be newer than the entry before it\n@1: key 'versions' is missing\n");
	OFFERS_SAY(
		"meets: overlap, at: [{@since: \"7\", versions: [@x]}]",
		"@1: lumen has no version '7'\n@2: 'x' is no version; expected up to four numbers, as in 5.3\n");
	OFFERS_SAY("refused-by: [@{when: {@config: CONFIG_A}}]",
		   "@2: write 'CONFIG_A' without CONFIG_\n@1: key 'source' is missing\n");
	OFFERS_SAY("meets: overlap, at: [{versions: [\"1\"]}], @unread-follows: bus",
		   "@1: lumen does not offer 'bus'\n");
	OFFERS_SAY("meets: overlap, at: [{versions: [\"1\"]}], @unread-follows: lamp",
		   "@1: 'lamp' itself follows another\n");
	OFFERS_SAY("@unread-follows: wire",
		   "@1: needs `meets`: without versions there is nothing to infer\n");
	HOST_SAYS(HOST "- {@interface: lamp, until: \"1\"}\n",
		  "@1: 'lamp' is offered twice for the same version and mode\n");
	HOST_SAYS(HOST "- @{}\n", "@1: key 'interface' is missing\n");
}

static void test_finding_ids(void **state)
{
	struct invented *inv = *state;

	/* lumen-1-dim-lamp: version 1 in mode dim, or a host lumen-1 whose version dim offers lamp? */
	invent_file(inv, "a/hypervisors/lumen-1.yaml",
		    "hypervisor: lumen-1\nname: x\nsource: x\nversions: [{id: dim}]\noffers:\n"
		    "- {interface: lamp, meets: overlap, at: [{versions: [\"1\"]}]}\n");
	good_world(inv);
	assert_int_equal(invent_load(inv, &(struct knowledge *) { NULL }), -EINVAL);
	assert_int_equal(inv->n_lines, 1);
	assert_non_null(strstr(inv->lines.text, "the finding id lumen-1-dim-lamp could be one of"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_good),
		TEST(test_names),
		TEST(test_interface_parts),
		TEST(test_drivers),
		TEST(test_rule_heads),
		TEST(test_rule_qualifiers),
		TEST(test_refusals_and_demands),
		TEST(test_host_parts),
		TEST(test_modes),
		TEST(test_ranges),
		TEST(test_offers),
		TEST(test_finding_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
