/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_HOST_GUARD_H
#define HVCOMPAT_CMD_HOST_GUARD_H

#include "cmd/common.h"

/* The policies that a host is held against: the administrator's, and that of the machine itself. */
struct guard {
	struct policy *policies[2]; /* owned */
	size_t n;
	char digest[65]; /* of policies, knowledge and records: what was judged by another one has to be judged again */
	struct strings drivers; /* that no kernel may lack which the running one has: of needed devices that no policy names */
	char *records;   /* the directory of boots on record; NULL: there is none */
	char *note;      /* why the machine's own policy is not among them; NULL: it is */
};

/*
 * Loads them; the session's knowledge is loaded first, and from then on it holds kernels against the boots on record. Having none
 * is no failure. EXIT_FAILED was said.
 */
enum exit_status guard_load(struct guard *g, struct session *s, const char *root);
void guard_done(struct guard *g);

#endif
