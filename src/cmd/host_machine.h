/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_HOST_MACHINE_H
#define HVCOMPAT_CMD_HOST_MACHINE_H

#include "cmd/common.h"
#include "host/machine.h"

/*
 * The machine below `root`, and the policy that keeps it running. The session's knowledge must be there. `yaml` is
 * NULL, and `note` says why, where there is nothing to protect. EXIT_FAILED was said.
 */
enum exit_status machine_look(struct session *s, const char *root, struct machine **ret, char **yaml, char **note);

/*
 * The same as a policy that is loaded; `policy` may become NULL. Its text is added to `seen`. `drivers` are those of needed
 * devices that no interface serves (struct machine); none of bare metal, where there is nothing to protect.
 */
enum exit_status machine_guard(struct session *s, const char *root, struct buf *seen, struct policy **policy,
			       struct strings *drivers, char **note);

/* Whether nothing being there to protect is certain: it is bare metal, and no hypervisor that nobody knows. */
bool machine_is_bare(const struct machine *m);

/* host_show.c: the machine as text or JSON, as the options say. */
enum exit_status machine_show(struct session *s, const struct machine *m, const char *yaml, const char *note, FILE *out);

/* The words `host` and `host policy`. */
enum exit_status run_host_show(struct options *o);
enum exit_status run_host_policy(struct options *o);

#endif
