/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the reader says, and what one says that was made to lie. */
#include "test_kernel.h"

#include "kernel/wire_facts.h"

#include <errno.h>

static struct facts *some_facts(void)
{
	struct facts *f = xcalloc(1, sizeof(*f));

	f->release = xstrdup("6.1.0-a");
	f->arch = xstrdup("x86_64");
	f->depth = DEPTH_DEEP;
	f->reach = (struct reach){ .config = true, .image = IMAGE_READ, .modules = 7 };
	f->n_inputs = 1;
	f->inputs = xcalloc(1, sizeof(*f->inputs));
	f->inputs[0].path = xstrdup("/a.deb");
	memset(f->inputs[0].sha256, 'a', 64);
	f->count = 3;
	f->facts = xcalloc(3, sizeof(*f->facts));
	f->facts[1].state = FACT_PRESENT;
	f->facts[1].placement = PLACEMENT_MODULE;
	f->facts[1].n_versions = 2;
	f->facts[1].versions = xcalloc(2, sizeof(version_t));
	f->facts[1].versions[0] = VERSION2(5, 3);
	f->facts[1].parts = 2;
	f->facts[1].text = xstrdup("");
	f->facts[2].state = FACT_UNKNOWN;
	f->facts[2].why = xstrdup("why not");
	f->n_contradictions = 1;
	f->contradictions = xcalloc(1, sizeof(*f->contradictions));
	f->contradictions[0].what = xstrdup("this and that");
	return f;
}

static void write_facts(struct facts *f, struct buf *b)
{
	struct wire w = { .out = b };

	wire_facts(&w, f);
	assert_false(w.bad);
}

static void test_facts(void **state)
{
	struct facts *f = some_facts(), *back = xcalloc(1, sizeof(*back));
	struct buf first = { 0 }, second = { 0 };
	struct wire w;

	(void)state;
	write_facts(f, &first);
	w = (struct wire){ .in = (const uint8_t *)first.text, .left = first.len };
	wire_facts(&w, back);
	assert_false(w.bad);
	assert_int_equal(w.left, 0);
	assert_string_equal(back->release, "6.1.0-a");
	assert_null(back->flavour);
	assert_int_equal(back->facts[1].versions[0], VERSION2(5, 3));
	assert_string_equal(back->facts[1].text, "");
	assert_null(back->facts[1].why);
	assert_string_equal(back->contradictions[0].what, "this and that");
	assert_int_equal(back->inputs[0].sha256[63], 'a');
	/* Written again it is the same, byte for byte. */
	write_facts(back, &second);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.text, second.text, first.len);
	facts_free(f);
	facts_free(back);
	buf_done(&first);
	buf_done(&second);
}

/* Cut anywhere it is bad, and what was read of it can be given back. */
static void test_cut(void **state)
{
	struct facts *f = some_facts();
	struct buf b = { 0 };

	(void)state;
	write_facts(f, &b);
	for (size_t n = 0; n < b.len; n++) {
		struct facts *back = xcalloc(1, sizeof(*back));
		uint8_t *part = xmalloc(n);
		struct wire w = { .in = part, .left = n };

		memcpy(part, b.text, n);
		wire_facts(&w, back);
		assert_true(w.bad);
		facts_free(back);
		free(part);
	}
	facts_free(f);
	buf_done(&b);
}

/* Each word, whatever it says, is refused or taken; never believed as a count beyond what is there. */
static void test_lies(void **state)
{
	static const uint64_t lies[] = { 1, 2, 5, 255, 1u << 16, UINT32_MAX, (uint64_t)1 << 40, UINT64_MAX };
	struct facts *f = some_facts();
	struct buf b = { 0 };
	size_t refused = 0;

	(void)state;
	write_facts(f, &b);
	for (size_t at = 0; at + 8 <= b.len; at++)
		for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
			struct facts *back = xcalloc(1, sizeof(*back));
			uint8_t *bent = xmalloc(b.len);
			struct wire w = { .in = bent, .left = b.len };

			memcpy(bent, b.text, b.len);
			memcpy(bent + at, &lies[i], 8);
			wire_facts(&w, back);
			refused += w.bad;
			for (size_t j = 0; !w.bad && j < back->count; j++)
				assert_true(back->facts[j].state <= FACT_PRESENT);
			facts_free(back);
			free(bent);
		}
	assert_true(refused > b.len);
	facts_free(f);
	buf_done(&b);
}

static void test_error(void **state)
{
	struct error e = { 0 }, back = { 0 };
	struct buf b = { 0 };
	struct wire w = { .out = &b };

	(void)state;
	error_set(&e, EBADMSG, "cut at %d", 7);
	wire_error(&w, &e);
	w = (struct wire){ .in = (const uint8_t *)b.text, .left = b.len };
	wire_error(&w, &back);
	assert_false(w.bad);
	assert_int_equal(back.code, -EBADMSG);
	assert_string_equal(back.text, "cut at 7");
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_lies),  cmocka_unit_test(test_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
