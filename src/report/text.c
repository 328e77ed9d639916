/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/text.h"

#include <stdarg.h>

enum ink status_ink(enum status s)
{
	switch (s) {
	case STATUS_SUPPORTED:
		return INK_GOOD;
	case STATUS_UNSUPPORTED:
		return INK_BAD;
	default:
		return INK_WARN;
	}
}

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t text_width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += !continues(*s);
	return n;
}

/*
 * Bytes of the UTF-8 character at `s`, 0 when it is none. Overlong forms, surrogates and C1 controls are
 * none.
 */
static size_t utf8_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80                   ? 1
		   : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
		   : (s[0] & 0xf0) == 0xe0       ? 3
		   : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
						 : 0;

	for (size_t i = 1; i < n; i++)
		if (!continues((char)s[i]))
			return 0;
	if ((s[0] == 0xc2 && s[1] < 0xa0) || (s[0] == 0xe0 && s[1] < 0xa0) ||
	    (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90))
		return 0;
	return n;
}

/*
 * The directional formatting characters of the Unicode Bidirectional Algorithm (UAX #9, table 2, and the marks), which
 * make one name look like another: U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069. `s` holds `n` bytes.
 */
static bool turns_around(const unsigned char *s, size_t n)
{
	if (n == 2)
		return s[0] == 0xd8 && s[1] == 0x9c;
	if (n != 3 || s[0] != 0xe2)
		return false;
	return (s[1] == 0x80 && (s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xaa && s[2] <= 0xae))) ||
	       (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9);
}

/*
 * Copies `s`, with `instead` for each byte that is no part of a character, for characters that turn the text around,
 * and for controls unless they are kept.
 */
static char *replaced(const char *s, const char *instead, bool keep_controls)
{
	struct buf b = { 0 };

	buf_add(&b, "", 0);
	while (*s) {
		size_t n = utf8_length((const unsigned char *)s);
		bool control = (unsigned char)*s < 0x20 || *s == 0x7f;

		if (n == 0 || (control && !keep_controls) || turns_around((const unsigned char *)s, n))
			buf_add(&b, instead, strlen(instead));
		else
			buf_add(&b, s, n);
		s += n ? n : 1;
	}
	return b.text;
}

char *text_clean(const char *s)
{
	return replaced(s, "?", false);
}

char *text_utf8(const char *s)
{
	return replaced(s, "\xef\xbf\xbd", true);
}

static const char *const inks[] = {
	[INK_GOOD] = "\033[32m", [INK_WARN] = "\033[33m", [INK_BAD] = "\033[1;31m",
	[INK_DIM] = "\033[2m",   [INK_BOLD] = "\033[1m",
};

static void colored(const struct text *t, enum ink ink, const char *s, size_t n)
{
	bool color = t->color && ink != INK_PLAIN && n > 0;

	if (color)
		fputs(inks[ink], t->out);
	fwrite(s, 1, n, t->out);
	if (color)
		fputs("\033[0m", t->out);
}

void text_put(const struct text *t, enum ink ink, const char *s, size_t width)
{
	_cleanup_(freep) char *clean = text_clean(s);

	colored(t, ink, clean, strlen(clean));
	for (size_t i = text_width(clean); i < width; i++)
		fputc(' ', t->out);
}

size_t text_fitting(const char *s, size_t room)
{
	size_t width = 0, words = 0, slash = 0;

	for (size_t i = 0;; i++) {
		if (s[i] == ' ' || s[i] == '\0') {
			if (width > room)
				return words > 0 ? words : slash > 0 ? slash : i;
			words = i;
			if (s[i] == '\0')
				return i;
		}
		width += !continues(s[i]);
		if (s[i] == '/' && width <= room && words == 0)
			slash = i + 1;
	}
}

void text_wrap(const struct text *t, size_t at, size_t indent, enum ink ink, const char *s)
{
	_cleanup_(freep) char *clean = text_clean(s);
	const char *p = clean;

	for (;;) {
		size_t room = t->columns > at ? t->columns - at : 1;
		size_t n = text_fitting(p, room);

		colored(t, ink, p, n);
		fputc('\n', t->out);
		p += n;
		while (*p == ' ')
			p++;
		if (*p == '\0')
			return;
		fprintf(t->out, "%*s", (int)indent, "");
		at = indent;
	}
}

static void line_list(const struct text *t, size_t indent, const char *mark, enum ink ink, const char *fmt,
		      va_list args)
{
	_cleanup_(freep) char *s = NULL;
	size_t at = indent + strlen(mark);

	s = xvasprintf(fmt, args);
	fprintf(t->out, "%*s%s", (int)indent, "", mark);
	text_wrap(t, at, at, ink, s);
}

void text_line(const struct text *t, size_t indent, enum ink ink, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line_list(t, indent, "", ink, fmt, args);
	va_end(args);
}

void text_item(const struct text *t, size_t indent, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line_list(t, indent, "- ", INK_PLAIN, fmt, args);
	va_end(args);
}
