/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_GATE_REPO_H
#define HVCOMPAT_CMD_GATE_REPO_H

#include "cmd/options.h"

/* gate --repo: which kernels an update from the repositories would install on a host, and whether it may. */
enum exit_status gate_repos(struct options *o);

#endif
