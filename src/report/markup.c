/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/markup.h"
#include "report/text.h"

#include <stdarg.h>

/* The whole character at `s`, which is valid UTF-8; `ret_bytes` is its length. */
static uint32_t character(const unsigned char *s, size_t *ret_bytes)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t c = n == 1 ? s[0] : s[0] & (0x7fu >> n);

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3f);
	*ret_bytes = n;
	return c;
}

/* What stands for a character that must not stand for itself; NULL: it may. `room` is for the answer. */
static const char *instead(uint32_t c, char room[16])
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
	case '\n':
	case '\r':
	case 0x2028:
	case 0x2029:
		snprintf(room, 16, "&#%u;", (unsigned)c);
		return room;
	}
	if (c < 0x20 || c == 0x7f || c == 0xfffe || c == 0xffff)
		return "\xef\xbf\xbd";
	return NULL;
}

void markup_put(FILE *out, const char *s)
{
	_cleanup_(freep) char *clean = s ? text_utf8(s) : NULL;
	const char *p = clean;

	while (p && *p) {
		char room[16];
		size_t n;
		const char *other = instead(character((const unsigned char *)p, &n), room);

		if (other)
			fputs(other, out);
		else
			fwrite(p, 1, n, out);
		p += n;
	}
}

void markup_putf(FILE *out, const char *fmt, ...)
{
	_cleanup_(freep) char *s = NULL;
	va_list args;

	va_start(args, fmt);
	s = xvasprintf(fmt, args);
	va_end(args);
	markup_put(out, s);
}

void markup_attr(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(out, " %s=\"", name);
	markup_put(out, value);
	fputc('"', out);
}
