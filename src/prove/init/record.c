// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>

#include "record.h"

const char *record_prefix = "";

/* gcc may turn loops and initialisers into calls of these. */
void *memset(void *to, int value, unsigned long size)
{
	volatile char *p = to;

	while (size--)
		*p++ = (char)value;
	return to;
}

void *memcpy(void *to, const void *from, unsigned long size)
{
	volatile char *p = to;
	const char *q = from;

	while (size--)
		*p++ = *q++;
	return to;
}

struct line {
	char text[1024];
	unsigned length;
};

static void put(struct line *l, const char *text)
{
	for (; *text && l->length < sizeof(l->text) - 2; text++)
		l->text[l->length++] = *text >= ' ' && *text < 127 ? *text : '?';
}

static const char *uptime(void)
{
	static char text[24];
	struct moment t = now(CLOCK_BOOTTIME);
	const char *seconds = number((long)t.seconds);
	long ms = (long)t.nanoseconds / 1000000;
	unsigned i = 0;

	for (; seconds[i]; i++)
		text[i] = seconds[i];
	text[i++] = '.';
	text[i++] = '0' + ms / 100;
	text[i++] = '0' + ms / 10 % 10;
	text[i++] = '0' + ms % 10;
	text[i] = '\0';
	return text;
}

void record(const char *key, ...)
{
	struct line l = {.text = "\n", .length = 1}; /* whatever else was being printed ends here */
	const char *word;
	va_list words;

	put(&l, "HV ");
	put(&l, uptime());
	put(&l, " ");
	put(&l, record_prefix);
	put(&l, key);
	va_start(words, key);
	while ((word = va_arg(words, const char *))) {
		put(&l, " ");
		put(&l, word);
	}
	va_end(words);
	l.text[l.length++] = '\n';
	SYS(write, 1, l.text, l.length, 0, 0);
}

void record_joined(const char *key, const char *name, const char *a, const char *b)
{
	static char word[256];
	unsigned n = 0;

	while (*a && n < sizeof(word) - 1)
		word[n++] = *a++;
	while (*b && n < sizeof(word) - 1)
		word[n++] = *b++;
	word[n] = '\0';
	record(key, name, word, (char *)0);
}

const char *line_behind(char *text, const char *mark)
{
	for (; *text; text++) {
		const char *p = mark;
		char *rest = text;

		while (*p && *rest == *p) {
			rest++;
			p++;
		}
		if (*p)
			continue;
		for (text = rest; *text && *text != '\n';)
			text++;
		*text = '\0';
		return rest;
	}
	return (char *)0;
}

static char *digits(unsigned long value, unsigned base)
{
	static char texts[8][24];
	static unsigned turn;
	char *at = texts[turn++ % 8] + 23;

	*at = '\0';
	do
		*--at = "0123456789abcdef"[value % base];
	while (value /= base);
	return at;
}

const char *number(long value)
{
	char *at;

	if (value >= 0)
		return digits(value, 10);
	at = digits(-(unsigned long)value, 10);
	*--at = '-';
	return at;
}

const char *hex(unsigned long value)
{
	char *at = digits(value, 16);

	*--at = 'x';
	*--at = '0';
	return at;
}

const char *outcome(long result)
{
	static char text[24];
	const char *n = number(-result);
	unsigned i = 0;

	if (result >= 0)
		return "ok";
	for (const char *p = "errno "; *p; p++)
		text[i++] = *p;
	while (*n)
		text[i++] = *n++;
	text[i] = '\0';
	return text;
}

char *slurp(const char *path, char *buffer, unsigned long size)
{
	long fd = sys_open(path, 0), got;
	unsigned long length = 0;

	if (fd < 0)
		return (char *)0;
	while (length + 1 < size && (got = SYS(read, fd, buffer + length, size - 1 - length, 0, 0)) > 0)
		length += got;
	SYS(close, fd, 0, 0, 0, 0);
	buffer[length] = '\0';
	return buffer;
}

const char *first_line(const char *path)
{
	static char text[1024];

	if (!slurp(path, text, sizeof(text)))
		return (char *)0;
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = '\0';
	return text;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

int contains(const char *text, const char *part)
{
	for (; *text; text++) {
		unsigned i = 0;

		while (part[i] && lower(text[i]) == lower(part[i]))
			i++;
		if (!part[i])
			return 1;
	}
	return 0;
}

int same(const char *a, const char *b)
{
	for (; *a && *a == *b; a++)
		b++;
	return *a == *b;
}

const char *parameter(const char *line, const char *name)
{
	static char value[512];
	unsigned n = 0;

	for (; *line; line++) {
		const char *p = line, *q = name;

		while (*q && *p == *q) {
			p++;
			q++;
		}
		if (*q)
			continue;
		while (*p && *p != ' ' && *p != '\n' && n < sizeof(value) - 1)
			value[n++] = *p++;
		value[n] = '\0';
		return value;
	}
	return (char *)0;
}

struct moment now(int clock)
{
	struct moment t = {0, 0};

	SYS(clock_gettime, clock, &t, 0, 0, 0);
	return t;
}

long ms_between(struct moment a, struct moment b)
{
	return (long)(b.seconds - a.seconds) * 1000 + ((long)b.nanoseconds - (long)a.nanoseconds) / 1000000;
}

void sleep_ms(long ms)
{
	struct moment t = {ms / 1000, ms % 1000 * 1000000};

	SYS(clock_nanosleep, CLOCK_MONOTONIC, 0, &t, 0, 0);
}
