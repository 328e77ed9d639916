/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_ASSEMBLE_H
#define HVCOMPAT_PROVE_ASSEMBLE_H

#include "prove/kit.h"

/* One boot, ready to be started: a directory with its files, and the words of the command. */
struct assembly {
	char *dir;
	char *nonce;
	char *outer_append; /* of the guest that starts the kernel; NULL: there is none */
	struct strings command;
};
void assembly_done(struct assembly *a);

struct assemble_options {
	const char *const *with; /* directories of packages, NULL-terminated; NULL: none */
	const char *runner;      /* command of the site; NULL: none */
	bool kvm;
};

/* Makes DIR and all that is in it. Adds command, append and files to the record. */
int assemble(const struct recipe *r, const struct kit *kit, const struct assemble_options *o, const char *dir, struct record *record,
	     struct assembly *ret, struct error *err);

/* Whether what the init is to write has arrived in the disk; also where nobody can know. */
bool assembly_disk_arrived(const struct assembly *a, const struct recipe *r);

#endif
