/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_RUN_H
#define HVCOMPAT_PROVE_RUN_H

#include <poll.h>

#include "base/util.h"
#include "prove/keeper.h"
#include "prove/watch.h"

/* A hypervisor's program as a child: in a session of its own, gone when it is to be gone, or when we are. */

struct run {
	pid_t pid; /* leader of its group; 0: it does not run */
	int out, complaints; /* its stdout and stderr; -1: closed */
	double started, deadline, spoke; /* by run_now() */
	bool expired; /* it was ended because its time was up */
};

double run_now(void); /* seconds of the monotonic clock */

/* Starts it in a directory, for at most `seconds`. -ENOENT: there is no such program. */
int run_start(char *const *argv, const char *dir, unsigned seconds, struct keeper *keeper, struct run *ret, struct error *err);

/* Fills up to two entries to be polled. Returns how many. */
size_t run_poll(const struct run *r, struct pollfd *into);

/* Reads what there is, ends what is to be ended. Whether it has ended; then `status` is what waitpid() has. */
bool run_step(struct run *r, struct watch *w, struct keeper *keeper, int *status);

/* Ends it at once, without another word. */
void run_kill(struct run *r, struct keeper *keeper);

#endif
