/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate/transaction.h"

#include <ctype.h>
#include <errno.h>

#include "base/scratch.h"

#define PACKAGES_MAX 65536 /* a whole distribution has less */

void transaction_package_done(struct transaction_package *p)
{
	free(p->path);
	free(p->name);
	free(p->version);
	free(p->arch);
	strings_done(&p->requires);
	free(p->release);
	free(p->link);
	*p = (struct transaction_package){ 0 };
}

void transaction_done(struct transaction *t)
{
	for (size_t i = 0; i < t->count; i++)
		transaction_package_done(&t->packages[i]);
	free(t->packages);
	free(t->allow);
	free(t->command);
	scratch_remove(t->dir);
	*t = (struct transaction){ 0 };
}

void transaction_add(struct transaction *t, const char *path)
{
	ARRAY_GROW(t->packages, t->count);
	t->packages[t->count++] = (struct transaction_package){ .path = xstrdup(path) };
}

/* The next line without its newline; NULL at the end. */
static char *next_line(FILE *in, char **line, size_t *room)
{
	ssize_t n = getline(line, room, in);

	if (n < 0)
		return NULL;
	if (n > 0 && (*line)[n - 1] == '\n')
		(*line)[n - 1] = '\0';
	return *line;
}

/* A line for which there is no memory looks like the end, but for this. */
static int end_of(FILE *in, struct error *err)
{
	return feof(in) && !ferror(in) ? 0 : error_set(err, EIO, "standard input: cannot be read");
}

static int too_many(struct error *err)
{
	return error_set(err, E2BIG, "standard input: more than %d packages, which is no transaction", PACKAGES_MAX);
}

int transaction_read_paths(struct transaction *t, FILE *in, struct error *err)
{
	_cleanup_(freep) char *line = NULL;
	size_t room = 0;

	while (next_line(in, &line, &room)) {
		if (t->count == PACKAGES_MAX)
			return too_many(err);
		if (*line)
			transaction_add(t, line);
	}
	return end_of(in, err);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What apt encodes in values of the configuration, in place. */
static void decode(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '%' && hex_digit(s[1]) >= 0 && hex_digit(s[2]) >= 0) {
			*to++ = (char)(hex_digit(s[1]) << 4 | hex_digit(s[2]));
			s += 2;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/* Keys of apt's configuration know no case. */
static void take_setting(struct transaction *t, char *line)
{
	char *value = strchr(line, '=');
	char **into;

	if (!value)
		return;
	*value++ = '\0';
	into = strcasecmp(line, "HvCompat::Allow") == 0		 ? &t->allow
	       : strcasecmp(line, "CommandLine::AsString") == 0 ? &t->command
								 : NULL;
	if (!into)
		return;
	decode(value);
	free(*into);
	*into = *value ? xstrdup(value) : NULL;
}

/* Eight fields, then the action, which may hold blanks: a path as it stands, or a word in stars. */
static int take_package(struct transaction *t, const char *line, struct error *err)
{
	const char *p = line;

	for (int i = 0; i < 8; i++) {
		const char *blank = strchr(p, ' ');

		if (!blank || blank == p)
			return error_set(err, EBADMSG,
					 "standard input: a package line of %d fields, where protocol 3 of apt has nine; is "
					 "the hook configured as it was installed?", i + 1);
		p = blank + 1;
	}
	if (*p == '/')
		transaction_add(t, p);
	else if (!startswith(p, "**"))
		return error_set(err, EBADMSG, "standard input: a package line that ends in neither a path nor a step");
	return streq(p, "**ERROR**") ? error_set(err, EBADMSG, "standard input: apt does not say where a package is") : 0;
}

int transaction_read_apt(struct transaction *t, FILE *in, struct error *err)
{
	_cleanup_(freep) char *line = NULL;
	size_t room = 0;
	bool settings = true;
	int r = 0;

	if (!next_line(in, &line, &room) || !streq(line, "VERSION 3"))
		return error_set(err, EBADMSG,
				 "standard input: apt does not speak protocol 3 to its hook: is "
				 "DPkg::Tools::Options::…::Version \"3\" set for the command as it is called?");
	while (r == 0 && next_line(in, &line, &room)) {
		if (settings && *line)
			take_setting(t, line);
		else if (settings)
			settings = false;
		else if (t->count == PACKAGES_MAX)
			r = too_many(err);
		else
			r = take_package(t, line, err);
	}
	if (r == 0 && settings)
		r = error_set(err, EBADMSG, "standard input: ends within the configuration: apt was cut off");
	return r < 0 ? r : end_of(in, err);
}
