/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_HOST_GATE_H
#define HVCOMPAT_CMD_HOST_GATE_H

#include "cmd/common.h"
#include "cmd/host_guard.h"
#include "gate/ruling.h"
#include "gate/transaction.h"

/* Private to host_gate*.c: judging one transaction on its way to be installed. */

struct gate_verdict { /* of one kernel by one policy, or by none where it cannot be judged */
	const char *release;   /* borrowed from the transaction */
	struct ruling *ruling; /* owned */
	bool overridden;       /* all that it would lose was allowed */
};

struct host_gate {
	const struct options *options;
	const char *root;
	struct transaction transaction;
	struct session session;
	struct guard guard;
	bool unguarded; /* policies or knowledge could not be loaded */
	struct kernel_list olds, news;
	struct kernel *old;    /* borrowed from olds: the one that runs, or the newest installed; NULL: none is */
	struct look *old_look; /* NULL: nothing is installed that could be compared with */
	char *old_error;       /* why it cannot be looked at; NULL: it can, or none is there */
	bool *wanted;          /* NULL: everything */
	struct strings allowed;
	struct strings unreadable; /* why a package could not be opened */
	struct gate_verdict *verdicts;
	size_t n_verdicts;
	bool kept; /* what was refused is on the list */
};

/* Whether it stands in the way of the transaction. */
bool gate_refuses(const struct gate_verdict *v);

/* What the findings would lose, each once; of a kernel that cannot be judged, all of it. */
void gate_lost(const struct ruling *r, struct strings *lost);

/* host_gate_say.c: what people read, on standard error. */
void gate_say_failed(const struct host_gate *g, const char *release);
void gate_say_refusal(const struct host_gate *g, const char *release, const struct decision *d, const char *lost);
void gate_say_way_out(const struct host_gate *g);

/* How to install what was refused all the same, once. Owned; NULL: nothing was refused. */
char *gate_way_out(const struct host_gate *g);

void gate_say_lost(const struct host_gate *g, const char *release, const struct ruling *r, const char *lost);

/*
 * host_drivers.c: whether a kernel has the drivers of needed devices that no policy names, where the old one has them.
 * *ret, owned, becomes NULL where there is nothing to hold against it.
 */
int gate_judge_drivers(const struct host_gate *g, struct kernel *new, struct ruling **ret, struct error *err);

/* host_gate_json.c: docs/host-gate.schema.json. */
void gate_print_json(const struct host_gate *g, enum exit_status status, FILE *out);

#endif
