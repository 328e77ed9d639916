/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/facts.h"

#include <ctype.h>
#include <errno.h>

/* Reads one part, digits up to 65535, and steps behind it. */
static int parse_part(const char **text, unsigned *ret)
{
	const char *s = *text;
	unsigned value = 0;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	for (; isdigit((unsigned char)*s); s++) {
		value = value * 10 + (unsigned)(*s - '0');
		if (value > UINT16_MAX)
			return -EINVAL;
	}
	*text = s;
	*ret = value;
	return 0;
}

int version_parse(const char *text, version_t *ret)
{
	version_t v = 0;
	unsigned parts = 0, part;

	for (;;) {
		/* A fifth part would be dropped silently, and two versions that differ in it would be one. */
		if (parts == 4 || parse_part(&text, &part) < 0)
			return -EINVAL;
		v |= (version_t)part << (48 - 16 * parts++);
		if (text[0] != '.' || !isdigit((unsigned char)text[1]))
			break;
		text++;
	}
	*ret = v;
	return 0;
}

const char *version_text(version_t v, unsigned parts, char into[32])
{
	int at = 0;

	if (parts < 1)
		parts = 1;
	for (unsigned i = 0; i < parts && i < 4; i++)
		at += snprintf(into + at, 32 - (size_t)at, "%s%u", i ? "." : "",
			       (unsigned)(v >> (48 - 16 * i) & UINT16_MAX));
	return into;
}
