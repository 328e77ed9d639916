/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_CHECK_REPO_H
#define HVCOMPAT_CMD_CHECK_REPO_H

#include "cmd/options.h"

/* check --repo: each kernel of the repositories against the policy, a line for each. */
enum exit_status check_repos(struct options *o);

#endif
