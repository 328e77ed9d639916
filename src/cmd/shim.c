/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/common.h"
#include "cmd/verbs.h"

const struct option_def shim_options[] = { { NULL } };

enum exit_status run_shim(struct options *o)
{
	return usage_error(o, "not there yet");
}
