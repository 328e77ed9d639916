/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records: what is written is read again as it was, and nothing else is taken for one. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fs.h"
#include "prove/record.h"

#define SUM_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SUM_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct record *a_record(void)
{
	struct record *r = xcalloc(1, sizeof(*r));

	r->when = xstrdup("2026-11-30T23:59:59Z");
	r->hvcompat = xstrdup("0.1.0");
	r->release = xstrdup("6.1.0-50-amd64");
	r->arch = xstrdup("x86_64");
	r->inputs = xcalloc(1, sizeof(*r->inputs));
	r->n_inputs = 1;
	r->inputs[0].package = xstrdup("linux-image-6.1.0-50-amd64");
	strcpy(r->inputs[0].sha256, SUM_B);
	assert_true(record_inputs_digest(r, r->kernel));
	r->family = xstrdup("fort");
	r->recipe = xstrdup("fort-1");
	strcpy(r->recipe_digest, SUM_B);
	r->program = xstrdup("fort-run");
	r->files = xcalloc(1, sizeof(*r->files));
	r->n_files = 1;
	r->files[0].name = xstrdup("init");
	strcpy(r->files[0].sha256, SUM_A);
	r->claims = xcalloc(1, sizeof(*r->claims));
	r->n_claims = 1;
	r->claims[0] = (struct record_claim){ .host = xstrdup("fort"), .version = xstrdup("1"), .holds = HOLDS_NO };
	strings_add(&r->claims[0].through, xstrdup("fort-disk"));
	r->outcome = OUTCOME_BOOTED_WITHOUT_DEVICE;
	r->why = xstrdup("no disk \"came\" up");
	r->seconds = 12.5;
	r->attempt = 1;
	r->net = (struct record_device){ xstrdup("eth0"), xstrdup("pci:fortnet"), true };
	record_saw(r, "cgroup.memory", "ok");
	record_saw(r, "cgroup.memory", "errno 22");
	strings_add(&r->command, xstrdup("fort-run"));
	strings_add(&r->command, xstrdup("-a b c"));
	r->append = xstrdup("console=ttyS0");
	r->console = xstrdup("line one\nline two\n");
	return r;
}

static int parse(const char *text, size_t n, struct record **ret)
{
	struct error err = { 0 };
	int r = record_parse("a.json", text, n, true, ret, &err);

	if (r < 0)
		assert_non_null(strstr(err.text, "a.json: "));
	return r;
}

static void comes_back(void **state)
{
	_cleanup_(record_freep) struct record *r = a_record(), *back = NULL;
	_cleanup_(freep) char *text = record_print(r), *again = NULL;

	(void)state;
	assert_int_equal(parse(text, strlen(text), &back), 0);
	again = record_print(back);
	assert_string_equal(text, again);
	assert_int_equal(back->outcome, OUTCOME_BOOTED_WITHOUT_DEVICE);
	assert_string_equal(record_seen(back, "cgroup.memory"), "errno 22");
	assert_string_equal(record_seen(back, "net"), "pci:fortnet");
	assert_null(record_seen(back, "disk"));
	assert_null(record_seen(back, "nothing"));
	assert_string_equal(back->claims[0].through.items[0], "fort-disk");
	assert_int_equal(back->claims[0].holds, HOLDS_NO);
	assert_string_equal(back->console, "line one\nline two\n");
}

/* Each is the text of a record with one thing put in another's place. */
static void nothing_else_is_one(void **state)
{
	static const struct {
		const char *from, *to;
	} swaps[] = {
		{ "hvcompat-record/1", "hvcompat-record/2" },
		{ "\"outcome\":", "\"outcom\":" },
		{ "\"booted-without-device\"", "\"booted-with-device\"" },
		{ "\"holds\":\"no\"", "\"holds\":\"maybe\"" },
		{ "\"holds\":\"no\"", "\"holds\":null" },
		{ "\"holds\":\"no\"", "\"holds\":\"yes\"" },
		{ "\"booted-without-device\"", "\"silent\"" },
		{ "\"booted-without-device\"", "\"failed\"" },
		{ "bbbbbbbb\"", "bbbbbbba\"" },
		{ "2026-11-30T", "2026-11-30 " },
		{ "23:59:59Z", "23:59:59" },
		{ "\"attempt\":1", "\"attempt\":0" },
		{ "\"attempt\":1", "\"attempt\":99999999999" },
		{ "\"attempt\":1", "\"attempt\":\"1\"" },
		{ "\"seconds\":12.5", "\"seconds\":-1" },
		{ "\"seconds\":12.5", "\"seconds\":NaN" },
		{ "\"seconds\":12.5", "\"seconds\":1e999" },
		{ "aaaaaaaa\"", "aaaaaaaX\"" },
		{ "aaaaaaaa\"", "aaaaaaa\"" },
		{ "\"fort-1\"", "\"../fort\"" },
		{ "\"fort-1\"", "\"\"" },
		{ "\"fort\"", "\"fo\\u001brt\"" },
		{ "\"fort\"", "\"fo\\u0000rt\"" },
		{ "\"line one", "\"\\u001b[2Jline one" },
		{ "\"verified\":true", "\"verified\":\"true\"" },
		{ "\"net\":{", "\"net\":[{" },
		{ "\"disk\":null", "\"disk\":[[[[[[[[]]]]]]]]" },
		{ "\"why\":", "\"more\":1,\"why\":" },
		{ "\"errno 22\"", "{}" },
		{ "\"fort-disk\"", "7" },
		{ "{\n", "[\n" },
		{ "line two\\n\"\n}", "line two\\n\"\n} x" },
		{ "line two\\n\"\n}", "line two\\n\"\n" },
	};
	_cleanup_(record_freep) struct record *r = a_record();
	_cleanup_(freep) char *text = record_print(r);

	(void)state;
	/* The printer's blanks, so that the table reads as it does. */
	for (size_t i = 0; i < ARRAY_SIZE(swaps); i++) {
		_cleanup_(record_freep) struct record *none = NULL;
		_cleanup_(freep) char *wrong = NULL;
		const char *at = strstr(text, swaps[i].from);

		if (!at)
			fail_msg("%s: is not in the text", swaps[i].from);
		wrong = xasprintf("%.*s%s%s", (int)(at - text), text, swaps[i].to, at + strlen(swaps[i].from));
		if (parse(wrong, strlen(wrong), &none) != -EBADMSG)
			fail_msg("%s in the place of %s is taken", swaps[i].to, swaps[i].from);
		assert_null(none);
	}
	for (size_t n = 0; n < strlen(text) - 2; n += 7) {
		_cleanup_(record_freep) struct record *none = NULL;
		_cleanup_(freep) char *cut = xstrndup(text, n);

		assert_int_equal(parse(cut, n, &none), -EBADMSG);
	}
}

static void bounds(void **state)
{
	_cleanup_(record_freep) struct record *r = a_record(), *none = NULL;
	_cleanup_(freep) char *text = NULL, *deep = xmalloc(20001);

	(void)state;
	free(r->console);
	r->console = xmalloc(RECORD_CONSOLE_MAX + 2);
	memset(r->console, 'x', RECORD_CONSOLE_MAX + 1);
	r->console[RECORD_CONSOLE_MAX + 1] = '\0';
	text = record_print(r);
	assert_int_equal(parse(text, strlen(text), &none), -EBADMSG);
	memset(deep, '[', 20000);
	deep[20000] = '\0';
	assert_int_equal(parse(deep, 20000, &none), -EBADMSG);
	assert_int_equal(parse("", 0, &none), -EBADMSG);
}

static void files(void **state)
{
	char dir[] = "/tmp/hvcompat-record.XXXXXX";
	_cleanup_(record_freep) struct record *r = a_record();
	_cleanup_(freep) char *first = NULL, *second = NULL, *records = NULL, *other = NULL, *begin = NULL;
	struct record_list list = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	records = xasprintf("%s/a/records", dir);
	assert_int_equal(record_load(records, NULL, &list, &err), -ENOENT);
	assert_int_equal(record_write(r, records, &first, &err), 0);
	assert_int_equal(record_write(r, records, &second, &err), 0);
	begin = xasprintf("/%.16s-fort-fort-1-bbbbbbbbbbbbbbbb-1.json", r->kernel);
	assert_true(endswith(first, begin));
	assert_true(endswith(second, "-2.json"));
	assert_int_equal(record_load(records, r->kernel, &list, &err), 0);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.records[1]->attempt, 2);
	assert_null(list.records[0]->console);
	record_list_done(&list);
	/* the tenth is behind the ninth */
	for (unsigned i = 3; i <= 11; i++)
		assert_int_equal(record_write(r, records, NULL, &err), 0);
	assert_int_equal(record_load(records, r->kernel, &list, &err), 0);
	for (size_t i = 0; i < 11; i++)
		assert_int_equal(list.records[i]->attempt, i + 1);
	record_list_done(&list);
	assert_int_equal(record_load(records, SUM_B, &list, &err), 0);
	assert_int_equal(list.count, 0);
	record_list_done(&list);
	/* under another kernel's name */
	other = xasprintf("%s/bbbbbbbbbbbbbbbb-fort-fort-1-bbbbbbbbbbbbbbbb-1.json", records);
	assert_int_equal(link(first, other), 0);
	memset(&err, 0, sizeof(err));
	assert_int_equal(record_load(records, SUM_B, &list, &err), -EBADMSG);
	assert_non_null(strstr(err.text, other));
	assert_int_equal(unlink(other), 0);
	/* half a file */
	assert_int_equal(truncate(second, 100), 0);
	assert_int_equal(record_load(records, r->kernel, &list, &err), -EBADMSG);
	assert_int_equal(fs_remove(dir, &err), 0);
}

static void kernels_by_digest(void **state)
{
	struct input inputs[2] = { { .sha256 = SUM_B }, { .sha256 = SUM_A } };
	struct facts f = { .inputs = inputs, .n_inputs = 2 };
	char one[65], other[65];

	(void)state;
	assert_true(record_kernel_digest(&f, one));
	strcpy(inputs[0].sha256, SUM_A);
	strcpy(inputs[1].sha256, SUM_B);
	assert_true(record_kernel_digest(&f, other));
	assert_string_equal(one, other);
	assert_int_equal(fs_digest(SUM_A "\n" SUM_B "\n", 130, other, NULL), 0);
	assert_string_equal(one, other);
	f.n_inputs = 1;
	assert_true(record_kernel_digest(&f, other));
	assert_string_not_equal(one, other);
	inputs[0].sha256[0] = '\0';
	assert_false(record_kernel_digest(&f, other));
	f.n_inputs = 0;
	assert_false(record_kernel_digest(&f, other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back), cmocka_unit_test(nothing_else_is_one), cmocka_unit_test(bounds),
		cmocka_unit_test(files),      cmocka_unit_test(kernels_by_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
