/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/common.h"
#include "cmd/host_words.h"
#include "cmd/verbs.h"

const struct option_def host_options[] = {
	HOST_WORD_OPTIONS,
	{ NULL },
};

static const struct {
	const char *name;
	enum exit_status (*run)(struct options *o);
} words[] = {
	{ "gate", run_host_gate },
	{ "learned", run_host_learned },
	{ "allow", run_host_allow },
};

enum exit_status run_host(struct options *o)
{
	if (o->n_args == 0)
		return usage_error(o, "host needs one of gate, learned, allow");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!streq(o->args[0], words[i].name))
			continue;
		o->args++;
		o->n_args--;
		return words[i].run(o);
	}
	return usage_error(o, "host cannot '%s': it is one of gate, learned, allow", o->args[0]);
}
