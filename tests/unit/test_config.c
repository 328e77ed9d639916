/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test_kernel.h"

#include "kernel/config.h"

static struct config *must_parse(const char *text)
{
	struct config *c = NULL;
	struct error err = { 0 };

	if (config_parse(text, strlen(text), &c, &err) < 0)
		fail_msg("%s", err.text);
	return c;
}

static void must_refuse(const void *text, size_t n, int code, const char *words)
{
	struct config *c = NULL;
	struct error err = { 0 };
	int r = config_parse(text, n, &c, &err);

	if (r != code || c || !strstr(err.text, words))
		fail_msg("%d with \"%s\" was expected, it gave %d: %s", code, words, r, err.text);
}

static void test_values(void **state)
{
	struct config *c =
		must_parse("#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86 6.1.176 Kernel\n#\n"
			   "CONFIG_XEN=y\r\nCONFIG_HYPERV=m\n# CONFIG_ACRN_GUEST is not set\n\n"
			   "CONFIG_HZ=250\nCONFIG_PHYSICAL_START=0x1000000\n"
			   "CONFIG_LOCALVERSION=\"a \\\"b\\\" \\\\\"\nCONFIG_EMPTY=\"\"\n"
			   "# CONFIG_NOT a setting\nCONFIG_XENO=n\nCONFIG_LAST=y");

	(void)state;
	assert_string_equal(config_get(c, "XEN"), "y");
	assert_string_equal(config_get(c, "HYPERV"), "m");
	assert_string_equal(config_get(c, "ACRN_GUEST"), "n");
	assert_string_equal(config_get(c, "HZ"), "250");
	assert_string_equal(config_get(c, "PHYSICAL_START"), "0x1000000");
	assert_string_equal(config_get(c, "LOCALVERSION"), "a \"b\" \\");
	assert_string_equal(config_get(c, "EMPTY"), "");
	assert_string_equal(config_get(c, "LAST"), "y");
	assert_null(config_get(c, "XE"));
	assert_null(config_get(c, "XEN_"));
	assert_null(config_get(c, "CONFIG_XEN"));
	assert_null(config_get(c, "NOT"));
	assert_true(config_is_set(c, "XEN"));
	assert_true(config_is_set(c, "HYPERV"));
	assert_false(config_is_set(c, "ACRN_GUEST"));
	assert_false(config_is_set(c, "XENO"));
	assert_false(config_is_set(c, "HZ"));
	assert_false(config_is_set(c, "ABSENT"));
	assert_null(config_free(c));
}

static void test_last_wins(void **state)
{
	struct config *c = must_parse("CONFIG_A=y\nCONFIG_B=y\nCONFIG_A=m\n# CONFIG_B is not set\n");

	(void)state;
	assert_string_equal(config_get(c, "A"), "m");
	assert_string_equal(config_get(c, "B"), "n");
	config_free(c);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *words;
	} bad[] = {
		{ "", "no line begins with CONFIG_" },
		{ "# only a comment\n", "no line begins with CONFIG_" },
		{ "CONFIG_A=y\nrubbish\n", "line 2" },
		{ "CONFIG_A=y\nCONFIG_B\n", "line 2" },
		{ "CONFIG_A=y\n\nCONFIG_B=\n", "line 3" },
		{ "CONFIG_=y\n", "line 1" },
		{ "CONFIG_A=\"open\n", "line 1" },
		{ "CONFIG_A=\"a\"b\n", "line 1" },
		{ "CONFIG_A-B=y\n", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		must_refuse(bad[i].text, strlen(bad[i].text), -EBADMSG, bad[i].words);
	must_refuse("CONFIG_A=y\n\0", 12, -EBADMSG, "NUL");
	must_refuse(NULL, 0, -EBADMSG, "no line begins with CONFIG_");
}

static void test_bounds(void **state)
{
	struct buf b = { 0 };
	char *big;

	(void)state;
	for (unsigned i = 0; i <= CONFIG_MAX_SYMBOLS; i++)
		buf_addf(&b, "CONFIG_S%u=y\n", i);
	must_refuse(b.text, b.len, -E2BIG, "symbols");
	buf_done(&b);
	big = xmalloc(CONFIG_MAX_BYTES + 1);
	memset(big, '\n', CONFIG_MAX_BYTES + 1);
	must_refuse(big, CONFIG_MAX_BYTES + 1, -E2BIG, "at most");
	free(big);
}

/* FNV-1a, as config.c has it: names that all want one slot of its table. */
static uint32_t fnv(const char *name)
{
	uint32_t h = 2166136261u;

	while (*name)
		h = (h ^ (uint8_t)*name++) * 16777619u;
	return h;
}

static void test_made_to_collide(void **state)
{
	struct buf b = { 0 };
	char name[32];

	(void)state;
	for (unsigned i = 0, n = 0; n < 1100; i++) {
		snprintf(name, sizeof(name), "S%u", i);
		if (fnv(name) % 4096 != 0)
			continue;
		buf_addf(&b, "CONFIG_%s=y\n", name);
		n++;
	}
	must_refuse(b.text, b.len, -EBADMSG, "slow to look up");
	buf_done(&b);
}

static void test_gzip(void **state)
{
	struct config *c = NULL;
	struct error err = { 0 };
	size_t n;
	uint8_t *bytes;

	(void)state;
	sh("for i in $(seq 5000); do echo CONFIG_S$i=y; done >config; gzip -n config;"
	   "head -c 20000000 /dev/zero | tr '\\0' '\\n' | gzip -n >bomb.gz");
	bytes = slurp("config.gz", &n);
	assert_true(config_looks_like(bytes, n));
	assert_int_equal(config_parse(bytes, n, &c, &err), 0);
	assert_string_equal(config_get(c, "S4999"), "y");
	config_free(c);
	must_refuse(bytes, n - 9, -EBADMSG, "gzip");
	free(bytes);
	bytes = slurp("bomb.gz", &n);
	must_refuse(bytes, n, -E2BIG, "more than");
	free(bytes);
}

static void test_looks_like(void **state)
{
	static const char *const yes[] = { "CONFIG_A=y\n", "# CONFIG_A is not set\n",
					   "#\n# x\n#\nCONFIG_A=y\n" };
	static const char *const no[] = { "",
					  "MZ",
					  "\x7f"
					  "ELF",
					  "hello\n",
					  "set CONFIG_A=y\n",
					  "\x1f\x8b"
					  "CONFIG_A=y" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		assert_true(config_looks_like((const uint8_t *)yes[i], strlen(yes[i])));
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_false(config_looks_like((const uint8_t *)no[i], strlen(no[i])));
	assert_false(config_looks_like((const uint8_t *)"\0\nCONFIG_A=y\n", 13));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),	cmocka_unit_test(test_last_wins),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_made_to_collide),
		cmocka_unit_test(test_gzip),	cmocka_unit_test(test_looks_like),
	};

	return cmocka_run_group_tests(tests, test_dir_make, test_dir_remove);
}
