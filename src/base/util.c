/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/util.h"
#include "base/status.h"


bool endswith(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

void out_of_memory(void)
{
	fputs("hvcompat: out of memory\n", stderr);
	exit(EXIT_FAILED);
}

static void *checked(void *p)
{
	if (!p)
		out_of_memory();
	return p;
}

void *xmalloc(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *xreallocarray(void *p, size_t count, size_t size)
{
	return checked(reallocarray(p, count ? count : 1, size ? size : 1));
}

char *xstrdup(const char *s)
{
	return checked(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return checked(strndup(s, n));
}

char *xvasprintf(const char *fmt, va_list args)
{
	char *s;

	return checked(vasprintf(&s, fmt, args) < 0 ? NULL : s);
}

char *xasprintf(const char *fmt, ...)
{
	va_list args;
	char *s;

	va_start(args, fmt);
	s = xvasprintf(fmt, args);
	va_end(args);
	return s;
}

void buf_add(struct buf *b, const char *bytes, size_t n)
{
	size_t want = b->len + n + 1;

	if (want > b->room) {
		b->room = want < 2 * b->room ? 2 * b->room : want + 64;
		b->text = xreallocarray(b->text, b->room, 1);
	}
	if (n > 0) /* nothing may be NULL */
		memcpy(b->text + b->len, bytes, n);
	b->len += n;
	b->text[b->len] = '\0';
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list args;
	char *s;

	va_start(args, fmt);
	s = xvasprintf(fmt, args);
	va_end(args);
	buf_add(b, s, strlen(s));
	free(s);
}

void buf_done(struct buf *b)
{
	free(b->text);
	*b = (struct buf){ 0 };
}

void strings_add(struct strings *list, char *item)
{
	list->items = xreallocarray(list->items, list->n + 2, sizeof(*list->items));
	list->items[list->n++] = item;
	list->items[list->n] = NULL;
}

bool strings_have(const struct strings *list, const char *item)
{
	for (size_t i = 0; i < list->n; i++)
		if (streq(list->items[i], item))
			return true;
	return false;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strings_sort(struct strings *list)
{
	if (list->n > 0)
		qsort(list->items, list->n, sizeof(list->items[0]), compare_strings);
}

void strings_done(struct strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct strings){ 0 };
}

char *strings_text(char *const *items, size_t n)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i == 0 ? "" : i + 1 == n ? " and " : ", ", items[i]);
	return b.text ? b.text : xstrdup("nothing");
}

char *strings_join(char *const *items, size_t n, const char *between)
{
	struct buf b = { 0 };

	buf_add(&b, "", 0);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i ? between : "", items[i]);
	return b.text;
}

void texts_free(char **texts)
{
	for (size_t i = 0; texts && texts[i]; i++)
		free(texts[i]);
	free(texts);
}
