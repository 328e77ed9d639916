/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DIR/KEY.json: the digest of the line, a blank, the line. What is damaged is as if it were not there. */
#include "gate/ruling.h"

#include <errno.h>

#include "base/fs.h"

#define ENTRY_MAX ((size_t)4 << 20)

static char *entry_path(const char *dir, const char *key)
{
	return xasprintf("%s/%s.json", dir, key);
}

/* Over key and line: an entry that was moved to another key is none. */
static int entry_digest(const char *key, const char *line, char into[65], struct error *err)
{
	_cleanup_(freep) char *both = xasprintf("%s\n%s", key, line);

	return fs_digest(both, strlen(both), into, err);
}

int ruling_load(const char *dir, const char *key, struct ruling **ret, struct error *err)
{
	_cleanup_(freep) char *path = entry_path(dir, key), *text = NULL;
	struct error why = { 0 };
	char digest[65];
	char *line;

	if (fs_read_if_there(path, ENTRY_MAX, &text, NULL, &why) < 0)
		return error_set(err, ENOENT, "%s", why.text);
	if (!text)
		return -ENOENT;
	line = strchr(text, ' ');
	if (!line)
		return -ENOENT;
	*line++ = '\0';
	line[strcspn(line, "\n")] = '\0';
	return entry_digest(key, line, digest, &why) == 0 && streq(text, digest) && ruling_parse(line, ret, &why) == 0 ? 0 : -ENOENT;
}

int ruling_store(const char *dir, const char *key, const struct ruling *r, struct error *err)
{
	_cleanup_(freep) char *path = entry_path(dir, key), *line = ruling_print(r), *text = NULL;
	char digest[65];
	int q = fs_make_dir(dir, err);

	if (q == 0)
		q = entry_digest(key, line, digest, err);
	if (q < 0)
		return q;
	text = xasprintf("%s %s\n", digest, line);
	return fs_write(path, text, strlen(text), err);
}
