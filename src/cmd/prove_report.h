/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_PROVE_REPORT_H
#define HVCOMPAT_CMD_PROVE_REPORT_H

#include "cmd/common.h"
#include "prove/prove.h"

/* What `prove` has to tell. */

struct skipped { /* a recipe that was asked for and was not tried */
	const struct recipe *recipe;
	char *why; /* owned */
};

struct proof { /* of one kernel */
	const struct look *look;
	struct proven_list proven;
	struct skipped *skipped;
	size_t n_skipped;
};

struct proofs {
	struct proof *proofs;
	size_t count;
	enum exit_status exit;
};

void proofs_text(struct session *s, const struct proofs *p, FILE *out);
void proofs_json(struct session *s, const struct proofs *p, FILE *out);

/* What reading says of what a boot showed: the worst of its claims' agreements; a contradiction is worst. */
enum agreement proven_agrees(const struct proven *one, const struct support *support);

#endif
