/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/common.h"
#include "cmd/host_machine.h"
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
	{ "policy", run_host_policy },
	{ "gate", run_host_gate },
	{ "learned", run_host_learned },
	{ "allow", run_host_allow },
};

/* What is no word is a kernel: one in the working directory with a word's name is written ./gate. */
enum exit_status run_host(struct options *o)
{
	for (size_t i = 0; o->n_args > 0 && i < ARRAY_SIZE(words); i++) {
		if (!streq(o->args[0], words[i].name))
			continue;
		o->args++;
		o->n_args--;
		return words[i].run(o);
	}
	return run_host_show(o);
}
