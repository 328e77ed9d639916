/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/options.h"

#include <errno.h>

int apply_root(struct options *o, const char *arg)
{
	o->root = arg;
	return *arg ? 0 : -EINVAL;
}

int apply_from(struct options *o, const char *arg)
{
	static const char *const known[] = { "apt", "dpkg", "rpm", "zypp" };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (streq(arg, known[i]))
			o->from = known[i];
	return o->from ? 0 : -EINVAL;
}

int apply_allow(struct options *o, const char *arg)
{
	o->allow = arg;
	return 0;
}

/* A number from 1 to `most`; 0: it is none. */
static unsigned number(const char *arg, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	return *arg >= '0' && *arg <= '9' && !*end && n <= most ? (unsigned)n : 0;
}

int apply_caller(struct options *o, const char *arg)
{
	o->caller = (pid_t)number(arg, 1u << 30);
	return o->caller ? 0 : -EINVAL;
}

int apply_minutes(struct options *o, const char *arg)
{
	o->minutes = number(arg, 7 * 24 * 60);
	return o->minutes ? 0 : -EINVAL;
}
