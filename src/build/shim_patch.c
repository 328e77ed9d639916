/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fs.h"
#include "build/shim_parts.h"

#include <errno.h>

/* A patch file, line by line. */
struct reader {
	const char *file;
	const char *next; /* the line behind the current one; NULL: there is none */
	unsigned line;    /* number of the current one */
	struct patch *patch;
	struct error *err;
};

static int flaw(const struct reader *r, const char *what)
{
	return error_set(r->err, EINVAL, "%s:%u: %s", r->file, r->line, what);
}

static const char *next_line(struct reader *r)
{
	const char *line = r->next, *end;

	if (!line || *line == '\0')
		return NULL;
	end = strchr(line, '\n');
	r->next = end ? end + 1 : NULL;
	r->line++;
	return line;
}

/* The name of "--- NAME" or "+++ NAME", without a time stamp. Owned. */
static char *header_name(const char *rest)
{
	return xstrndup(rest, strcspn(rest, "\t\r\n"));
}

/* Without the first part, as -p1 has it; NULL when that is not a safe name. */
static const char *stripped(const char *name)
{
	const char *slash = strchr(name, '/');

	return slash && slash != name && path_is_below(slash + 1) ? slash + 1 : NULL;
}

static int add_file(struct reader *r, const char *before, const char *after)
{
	bool creates = streq(before, "/dev/null"), deletes = streq(after, "/dev/null");
	const char *old_path = creates ? NULL : stripped(before), *new_path = deletes ? NULL : stripped(after);
	const char *path = new_path ? new_path : old_path;

	if ((!creates && !old_path) || (!deletes && !new_path) || !path)
		return flaw(r, "names a file outside of the tree; expected a/PATH and b/PATH, for patch -p1");
	if (old_path && new_path && !streq(old_path, new_path))
		return flaw(r, "names two different files; a rename is written as one deleted and one new file");
	ARRAY_GROW(r->patch->files, r->patch->n);
	r->patch->files[r->patch->n++] = (struct patched){ .path = xstrdup(path), .creates = creates };
	return 0;
}

static int read_header(struct reader *r, const char *rest)
{
	_cleanup_(freep) char *before = header_name(rest), *after = NULL;
	const char *line = next_line(r), *name = line ? startswith(line, "+++ ") : NULL;

	if (!name)
		return flaw(r, "expected a line '+++ b/PATH' behind '--- a/PATH'");
	after = header_name(name);
	return add_file(r, before, after);
}

/* "-12,7" or "-12". */
static bool read_extent(const char **p, char sign, unsigned *ret_count)
{
	char *end;

	if (*(*p)++ != sign)
		return false;
	strtoul(*p, &end, 10);
	if (end == *p)
		return false;
	*ret_count = 1;
	if (*end == ',') {
		*p = end + 1;
		*ret_count = (unsigned)strtoul(*p, &end, 10);
		if (end == *p)
			return false;
	}
	*p = end;
	return true;
}

static int read_hunk(struct reader *r, const char *rest)
{
	unsigned before, after, begins = r->line;

	if (!read_extent(&rest, '-', &before) || *rest++ != ' ' || !read_extent(&rest, '+', &after) ||
	    !startswith(rest, " @@"))
		return flaw(r, "expected '@@ -LINE,COUNT +LINE,COUNT @@'");
	if (r->patch->n == 0)
		return flaw(r, "a hunk before any '--- a/PATH' and '+++ b/PATH'");
	while (before > 0 || after > 0) {
		const char *line = next_line(r);
		char c = line ? *line : '\0';
		bool blank = c == ' ' || c == '\n' || c == '\t';

		if (c == '\\')
			continue;
		if (!(blank || c == '-' || c == '+') || ((blank || c == '-') && before == 0) ||
		    ((blank || c == '+') && after == 0)) {
			r->line = begins;
			return flaw(r, "this hunk has more or fewer lines than its head says");
		}
		before -= blank || c == '-';
		after -= blank || c == '+';
	}
	return 0;
}

static int read_line(struct reader *r, const char *line, unsigned *hunks)
{
	const char *rest;

	if ((rest = startswith(line, "--- ")) && startswith(r->next ? r->next : "", "+++ "))
		return read_header(r, rest);
	if ((rest = startswith(line, "@@ "))) {
		(*hunks)++;
		return read_hunk(r, rest);
	}
	if (startswith(line, "rename from ") || startswith(line, "copy from ") ||
	    startswith(line, "GIT binary patch"))
		return flaw(r, "renames, copies and binary files are not for patch(1); make it with "
			       "--no-renames and --text");
	return 0;
}

int patch_read(const char *file, struct patch *ret, struct error *err)
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_(patch_done) struct patch patch = { 0 };
	struct reader reader = { .file = file, .patch = &patch, .err = err };
	const char *line;
	unsigned hunks = 0;
	int r = fs_read(file, SHIM_FILE_MAX, &text, NULL, err);

	reader.next = text;
	while (r == 0 && (line = next_line(&reader)))
		r = read_line(&reader, line, &hunks);
	if (r == 0 && hunks == 0)
		r = error_set(err, EINVAL, "%s: is no patch: expected unified format, and found no hunk", file);
	if (r < 0)
		return r;
	*ret = patch;
	patch = (struct patch){ 0 };
	return 0;
}

void patch_done(struct patch *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->files[i].path);
	free(p->files);
	*p = (struct patch){ 0 };
}
