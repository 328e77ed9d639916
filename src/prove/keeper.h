/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_KEEPER_H
#define HVCOMPAT_PROVE_KEEPER_H

#include <sys/types.h>

#include "base/error.h"

/*
 * A process that outlives this one by a moment: however this one ends, the keeper then kills what it was told of and removes
 * the private directory.
 */
struct keeper {
	char *dir; /* private, 0700; owned */
	pid_t pid;
	int fd;    /* its ears */
};

/* Makes the directory below $TMPDIR (/tmp unless set) and starts the keeper. */
int keeper_start(struct keeper *ret, struct error *err);

/* Tells it of a process group that is to be killed, or that it is gone. */
void keeper_has(struct keeper *k, pid_t group);
void keeper_lost(struct keeper *k, pid_t group);

/* Has it do its work, and waits until that is done. */
void keeper_done(struct keeper *k);

#endif
