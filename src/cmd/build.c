/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/common.h"
#include "cmd/verbs.h"

const struct option_def build_options[] = { { NULL } };

enum exit_status run_build(struct options *o)
{
	return usage_error(o, "not there yet");
}
