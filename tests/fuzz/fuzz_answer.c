/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker that was taken over: the bytes that it writes, as the side that asks receives them. */
#include "fuzz/fuzz.h"
#include "base/worker.h"
#include "kernel/wire_facts.h"

#define MOST ((size_t)1 << 20)

static struct {
	const uint8_t *bytes;
	size_t n;
} said;

static void serve(int fd, const void *ctx)
{
	(void)ctx;
	_exit(write(fd, said.bytes, said.n) == (ssize_t)said.n ? 0 : 1);
}

static void check(struct worker *w)
{
	struct wire wire;
	struct error err = { 0 };
	_cleanup_(freep) uint8_t *bytes = worker_answer_within(w, MOST, &wire, &err);
	struct facts *f;

	must(bytes || (err.code < 0 && err.text[0]));
	if (!bytes)
		return;
	must(wire.left <= MOST);
	f = xcalloc(1, sizeof(*f));
	wire_facts(&wire, f);
	facts_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const struct worker_task task = { .what = "fuzz", .done = "was fuzzed", .seconds = 5, .serve = serve };
	struct worker *w;
	struct error err = { 0 };

	said.bytes = bytes;
	said.n = n < 32768 ? n : 32768;
	if (worker_start(&task, &w, &err) < 0)
		return 0;
	check(w);
	worker_unref(w);
	return 0;
}
