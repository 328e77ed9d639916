/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What libsolv is handed: an index that passed the filter. The first byte tells its family, and whether a part of it is a host's; the
 * rest is the index. Its answers are taken as the side that asks takes them.
 */
#include "fuzz/fuzz.h"
#include "pkg/index_private.h"
#include "pkg/update_pool.h"

/* Bigger ones take libsolv's time, and no other path. */
#define PACKAGES_MAX 300

static void ask(struct update_pool *p, const struct index *x, enum update_request what, size_t package)
{
	_cleanup_(buf_done) struct buf request = { 0 }, said = { 0 };
	struct wire out = { .out = &request }, answer = { .out = &said }, in;
	struct update_place at = { 0, package };
	struct update_plan plan;
	struct error none = { 0 };
	char **all = NULL;
	uint64_t n = what;

	wire_number(&out, &n);
	if (what == UPDATE_SOLVE)
		wire_texts(&out, &all);
	else
		update_wire_place(&out, &at);
	in = (struct wire){ .in = (uint8_t *)request.text, .left = request.len };
	must(update_answer(p, &in, &answer));
	in = (struct wire){ .in = (uint8_t *)said.text, .left = said.len };
	wire_error(&in, &none);
	if (what == UPDATE_BLOCK)
		return;
	must(update_take_plan(&x, 1, &in, &plan));
	update_plan_done(&plan);
}

static void update(const struct index *x, bool host)
{
	const struct index_package *const has[] = { host ? &x->packages[0] : NULL, NULL };
	const struct update_host h = { .has = has };
	const struct update_task task = { .indexes = &x, .n_indexes = 1, .host = &h,
					  .arch = x->family == INDEX_DEB ? "amd64" : "x86_64" };
	struct update_pool p = { 0 };
	struct error err = { 0 };
	int r = update_load(&p, &task, &err);

	must_tell(r, &err);
	for (size_t i = 0; r == 0 && i < 3; i++) {
		ask(&p, x, UPDATE_SOLVE, 0);
		ask(&p, x, UPDATE_TRY, x->n_packages - 1);
		ask(&p, x, UPDATE_BLOCK, i % x->n_packages);
	}
	update_pool_done(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(index_freep) struct index *x = xcalloc(1, sizeof(*x));
	struct fuzz_source s;
	struct error err = { 0 };
	bool rpm = n > 0 && (bytes[0] & 1);
	char digest[65];
	int r;

	if (n == 0)
		return 0;
	r = (rpm ? primary_read : packages_read)(x, fuzz_source(&s, bytes + 1, n - 1, 4096), digest, &err);
	must_tell(r, &err);
	x->label = xstrdup("fuzz");
	x->priority = bytes[0] & 4 ? INDEX_PRIORITY_UPGRADES : INDEX_PRIORITY;
	must(update_library(rpm ? INDEX_RPM : INDEX_DEB, &err) == 0 || r < 0);
	if (r == 0 && x->n_packages > 0 && x->n_packages <= PACKAGES_MAX)
		update(x, bytes[0] & 2);
	return 0;
}
