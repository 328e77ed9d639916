/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_GATE_HOSTS_H
#define HVCOMPAT_CMD_GATE_HOSTS_H

#include "cmd/repo.h"
#include "gate/forecast.h"

/* The host whose update gate --repo asks about: an installed one, or one that has what an older repository leads to. */

/* What is updated by itself: all of an installed host, or one package that brings kernels with it. */
struct gate_subject {
	const struct index_package *meta; /* of the old repository; NULL: all of an installed host */
	struct index_kernel old;          /* what it has brought; name NULL: not known. Owned. */
};

struct gate_hosts {
	struct update *update;
	struct gate_subject *subjects; /* owned */
	size_t n_subjects;
	char *label;                   /* what to call the host */
	size_t n_installed;
	struct index_list olds;
	struct index_kernels old_kernels;
	struct index *status;          /* of dpkg, of an installed host; else NULL */
};

/* Begins the update of a host by r->indexes. EXIT_FAILED was said. */
enum exit_status gate_hosts_begin(struct gate_hosts *h, struct repo *r);
void gate_hosts_done(struct gate_hosts *h);

/* Whether an administrator keeps a package of that name where it is. */
bool gate_hosts_holds(const struct gate_hosts *h, const char *name);

#endif
