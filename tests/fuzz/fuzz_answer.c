/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker that was taken over: the bytes that it writes, as the side that asks receives them. */
#include "fuzz/fuzz.h"
#include "base/worker.h"
#include "kernel/wire_facts.h"

#include <sys/socket.h>
#include <unistd.h>

#define MOST ((size_t)1 << 20)

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

/* The other end has said all, and is closed: a process that ended. Forking one for each input takes a hundred times as long. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const struct worker_task task = { .what = "fuzz", .done = "was fuzzed", .seconds = 5 };
	struct worker *w;
	int ends[2];

	n = n < 32768 ? n : 32768;
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	w = worker_at(&task, ends[0], 0);
	must(n == 0 || write(ends[1], bytes, n) == (ssize_t)n);
	close(ends[1]);
	check(w);
	worker_unref(w);
	return 0;
}
