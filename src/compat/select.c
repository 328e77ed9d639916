/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/select.h"

#include <ctype.h>
#include <errno.h>

void selection_done(struct selection *s)
{
	free(s->versions);
	free(s->modes);
	*s = (struct selection){ 0 };
}

static char *trimmed(const char *s, size_t n)
{
	while (n > 0 && isspace((unsigned char)s[0]))
		s++, n--;
	while (n > 0 && isspace((unsigned char)s[n - 1]))
		n--;
	return xstrndup(s, n);
}

static void list_word(struct buf *b, const char *word)
{
	buf_addf(b, "%s%s", b->len ? ", " : "", word);
}

static int no_host(const struct knowledge *k, const char *name, struct error *err)
{
	_cleanup_(buf_done) struct buf list = { 0 };

	for (size_t i = 0; i < k->n_hosts; i++)
		list_word(&list, k->hosts[i]->name);
	return error_set(err, ENOENT, "there is no host '%s'; there are %s", name,
			 list.text ? list.text : "none");
}

static int no_version(const struct host *h, const char *id, struct error *err)
{
	_cleanup_(buf_done) struct buf list = { 0 };

	for (unsigned i = 0; i < h->versions_count; i++)
		list_word(&list, h->versions[i].id);
	return error_set(err, ENOENT, "%s has no version %s; it has %s", h->name, id, list.text);
}

static int no_mode(const struct host *h, const char *id, struct error *err)
{
	_cleanup_(buf_done) struct buf list = { 0 };

	for (unsigned i = 0; i < h->modes_count; i++)
		if (h->modes[i].id[0])
			list_word(&list, h->modes[i].id);
	if (!list.text)
		return error_set(err, ENOENT, "%s has no mode %s; it has no modes at all", h->name, id);
	return error_set(err, ENOENT, "%s has no mode %s; it has %s", h->name, id, list.text);
}

static int no_loader(const struct host *h, const char *loader, struct error *err)
{
	return error_set(err, ENOENT, "%s has no such mode with loader %s", h->name, loader);
}

static int find_version(const struct host *h, const char *text, size_t n, int *ret, struct error *err)
{
	_cleanup_(freep) char *id = trimmed(text, n);

	if (id[0] == '\0')
		return error_set(err, EINVAL, "%s: a version is missing; write e.g. '>= %s'", h->name,
				 h->versions[0].id);
	*ret = host_version_index(h, id);
	return *ret < 0 ? no_version(h, id, err) : 0;
}

/* One of "all", "ID", ">= ID", "<= ID", "ID .. ID". */
static int mark_range(struct selection *s, const char *text, struct error *err)
{
	const struct host *h = s->host;
	const char *dots = strstr(text, ".."), *rest;
	int first = 0, last = (int)h->versions_count - 1, r = 0;

	if (dots) {
		r = find_version(h, text, (size_t)(dots - text), &first, err);
		if (r == 0)
			r = find_version(h, dots + 2, strlen(dots + 2), &last, err);
	} else if ((rest = startswith(text, ">=")) != NULL) {
		r = find_version(h, rest, strlen(rest), &first, err);
	} else if ((rest = startswith(text, "<=")) != NULL) {
		r = find_version(h, rest, strlen(rest), &last, err);
	} else if (!streq(text, "all")) {
		r = find_version(h, text, strlen(text), &first, err);
		last = first;
	}
	if (r < 0)
		return r;
	if (first > last)
		return error_set(err, EINVAL, "%s: '%s' is empty: the older version comes first", h->name,
				 text);
	for (int i = first; i <= last; i++)
		s->versions[i] = true;
	return 0;
}

/* Calls `take` for each of the words between commas. */
static int each_word(struct selection *s, const char *list,
		     int (*take)(struct selection *s, const char *word, struct error *err), struct error *err)
{
	for (const char *at = list;;) {
		size_t n = strcspn(at, ",");
		_cleanup_(freep) char *word = trimmed(at, n);
		int r = take(s, word, err);

		if (r < 0)
			return r;
		if (at[n] == '\0')
			return 0;
		at += n + 1;
	}
}

static int mark_mode(struct selection *s, const char *id, struct error *err)
{
	int i = id[0] ? host_mode_index(s->host, id) : -1;

	if (i < 0)
		return no_mode(s->host, id[0] ? id : "''", err);
	s->modes[i] = true;
	return 0;
}

static void mark_all(bool *marks, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		marks[i] = true;
}

static int start(const struct knowledge *k, const char *name, struct selection *s, struct error *err)
{
	s->host = knowledge_host(k, name);
	if (!s->host)
		return no_host(k, name, err);
	s->versions = xcalloc(s->host->versions_count, sizeof(*s->versions));
	s->modes = xcalloc(s->host->modes_count, sizeof(*s->modes));
	return 0;
}

static int mark_versions(struct selection *s, const char *versions, struct error *err)
{
	if (versions)
		return each_word(s, versions, mark_range, err);
	mark_all(s->versions, s->host->versions_count);
	return 0;
}

int selection_parse(const struct knowledge *k, const char *text, struct selection *ret, struct error *err)
{
	_cleanup_(selection_done) struct selection s = { 0 };
	const char *rest = text + strcspn(text, ":/"), *slash = strchr(rest, '/');
	_cleanup_(freep) char *name = trimmed(text, (size_t)(rest - text));
	_cleanup_(freep) char *versions = NULL;
	int r = start(k, name, &s, err);

	if (r < 0)
		return r;
	if (*rest == ':')
		versions = xstrndup(rest + 1, strcspn(rest + 1, "/"));
	r = mark_versions(&s, versions, err);
	if (r < 0)
		return r;
	if (slash)
		r = each_word(&s, slash + 1, mark_mode, err);
	else
		mark_all(s.modes, s.host->modes_count);
	if (r < 0)
		return r;
	*ret = s;
	s = (struct selection){ 0 };
	return 0;
}

/* Leaves only modes of that loader. */
static int keep_loader(struct selection *s, const char *loader, struct error *err)
{
	bool any = false;

	for (unsigned i = 0; i < s->host->modes_count; i++) {
		s->modes[i] &= streq_null(s->host->modes[i].loader, loader);
		any |= s->modes[i];
	}
	return any ? 0 : no_loader(s->host, loader, err);
}

int selection_make(const struct knowledge *k, const char *host, const char *versions, char *const *modes,
		   unsigned n_modes, const char *loader, struct selection *ret, struct error *err)
{
	_cleanup_(selection_done) struct selection s = { 0 };
	int r = start(k, host, &s, err);

	if (r == 0)
		r = mark_versions(&s, versions, err);
	for (unsigned i = 0; i < n_modes && r == 0; i++)
		r = mark_mode(&s, modes[i], err);
	if (r == 0 && n_modes == 0)
		mark_all(s.modes, s.host->modes_count);
	if (r == 0 && loader)
		r = keep_loader(&s, loader, err);
	if (r < 0)
		return r;
	*ret = s;
	s = (struct selection){ 0 };
	return 0;
}
