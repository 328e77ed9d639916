/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/path.h"

/* One component of a path: its first byte and its length; moves `path` behind it. False at the end. */
static bool path_next(const char **path, const char *end, const char **ret, size_t *ret_n)
{
	const char *p = *path, *e;

	while (p < end && *p == '/')
		p++;
	if (p == end)
		return false;
	e = memchr(p, '/', (size_t)(end - p));
	e = e ? e : end;
	*ret = p;
	*ret_n = (size_t)(e - p);
	*path = e;
	return true;
}

static bool is_dot(const char *c, size_t n)
{
	return n == 1 && c[0] == '.';
}

static bool is_dot_dot(const char *c, size_t n)
{
	return n == 2 && c[0] == '.' && c[1] == '.';
}

static bool path_append(char *path, size_t *len, const char *c, size_t n)
{
	size_t slash = *len > 0;

	if (n + slash > PKG_PATH_MAX - *len)
		return false;
	if (slash)
		path[(*len)++] = '/';
	memcpy(path + *len, c, n);
	*len += n;
	path[*len] = '\0';
	return true;
}

bool path_clean(const char *path, size_t n, char ret[PKG_PATH_MAX + 1])
{
	const char *end = path + n, *c;
	size_t len = 0, m;

	ret[0] = '\0';
	if (memchr(path, '\0', n))
		return false;
	while (path_next(&path, end, &c, &m)) {
		if (is_dot(c, m))
			continue;
		if (is_dot_dot(c, m) || !path_append(ret, &len, c, m))
			return false;
	}
	return true;
}

int path_order(const char *a, const char *b)
{
	unsigned char x, y;

	while (*a && *a == *b)
		a++, b++;
	x = *a == '/' ? 1 : (unsigned char)*a;
	y = *b == '/' ? 1 : (unsigned char)*b;
	return x < y ? -1 : x > y;
}

static void path_pop(char *path, size_t *len)
{
	char *slash = strrchr(path, '/');

	*len = slash ? (size_t)(slash - path) : 0;
	path[*len] = '\0';
}

static bool path_walk(const char *from, size_t n, char *ret, size_t *len)
{
	const char *end = from + n, *c;
	size_t m;

	while (path_next(&from, end, &c, &m)) {
		if (is_dot(c, m))
			continue;
		if (is_dot_dot(c, m))
			path_pop(ret, len);
		else if (!path_append(ret, len, c, m))
			return false;
	}
	return true;
}

bool path_join(const char *link, const char *target, char ret[PKG_PATH_MAX + 1])
{
	const char *slash = strrchr(link, '/');
	size_t len = 0;

	ret[0] = '\0';
	if (target[0] != '/' && slash && !path_walk(link, (size_t)(slash - link), ret, &len))
		return false;
	return path_walk(target, strlen(target), ret, &len);
}
