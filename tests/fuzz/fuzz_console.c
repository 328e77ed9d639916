/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest says over its console: whatever it is, the record that is made of it can be read again. */
#include "fuzz/fuzz.h"
#include "prove/watch.h"

static void name_things(struct record *r)
{
	r->when = xstrdup("2026-01-01T00:00:00Z");
	r->hvcompat = xstrdup("0");
	r->family = xstrdup("fort");
	r->recipe = xstrdup("fort-1");
	r->program = xstrdup("fort-run");
	r->inputs = xcalloc(1, sizeof(*r->inputs));
	r->n_inputs = 1;
	memset(r->inputs[0].sha256, 'a', 64);
	must(record_inputs_digest(r, r->kernel));
	memset(r->recipe_digest, 'b', 64);
	r->attempt = 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct recipe_expect expect = { "hypervisor", "F*" };
	static char *devices[] = { "disk", "net" };
	const struct recipe recipe = { .devices = devices, .devices_count = 2, .expect = &expect, .expect_count = 1 };
	_cleanup_(record_freep) struct record *r = xcalloc(1, sizeof(*r)), *again = NULL;
	_cleanup_(watch_done) struct watch w = { .recipe = &recipe, .record = r };
	struct watch_end end = { .expired = n & 1, .status = n & 2 ? 256 : 0 };
	_cleanup_(freep) char *printed = NULL;
	struct error err = { 0 };

	name_things(r);
	for (size_t at = 0; at < n;) {
		size_t part = bytes[at] + 1u;

		part = part > n - at ? n - at : part;
		if (part % 5)
			watch_console(&w, (const char *)bytes + at, part);
		else
			watch_complaint(&w, (const char *)bytes + at, part);
		at += part;
	}
	watch_judge(&w, &end, true);
	printed = record_print(r);
	if (record_parse("made", printed, strlen(printed), true, &again, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	return 0;
}
