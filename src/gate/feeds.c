/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate/feeds.h"

#include <errno.h>

#include "base/fs.h"

#define LOCKS_MAX (4u << 20)

static bool feedable(const struct learned_entry *e)
{
	return learned_name_good(e->package) && learned_version_good(e->version);
}

/* What apt cannot make sense of in such a file it leaves out with a warning: so nothing but plain words goes in. */
static int write_pins(const struct learned *l, struct error *err)
{
	_cleanup_(freep) char *dir = state_path(l->root, "etc/apt/preferences.d");
	_cleanup_(freep) char *path = state_path(l->root, "etc/apt/preferences.d/hvcompat.pref");
	_cleanup_(buf_done) struct buf b = { 0 };
	size_t n = 0;

	if (!fs_is_dir(dir))
		return 0;
	buf_addf(&b, "# Written by hvcompat, and overwritten: see \"hvcompat host learned\".\n");
	for (size_t i = 0; i < l->count; i++) {
		const struct learned_entry *e = &l->entries[i];

		if (!streq(e->family, "deb") || !feedable(e))
			continue;
		buf_addf(&b, "\nExplanation: refused by hvcompat for %s\nPackage: %s\nPin: version %s\nPin-Priority: -1\n",
			 learned_version_good(e->kernel) ? e->kernel : "a kernel", e->package, e->version);
		n++;
	}
	return n > 0 ? fs_write(path, b.text, b.len, err) : fs_remove(path, err);
}

/* --- zypper ----------------------------------------------------------------------------------- */

/* How an entry of ours looks; libzypp keeps no comments, so it is told by these words and by our own list of them. */
static char *lock_text(const struct learned_entry *e)
{
	return xasprintf("type: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: %s\nversion: = %s\n",
			 e->package, e->version);
}

/* The entries of `text` that are not in `ours`, which has one a paragraph. */
static void keep_foreign(char *text, const char *ours, struct buf *into)
{
	for (char *p = text, *end; p && *p; p = end) {
		_cleanup_(freep) char *entry = NULL;
		char *stop = strstr(p, "\n\n");

		end = stop ? stop + 2 : p + strlen(p);
		entry = stop ? xstrndup(p, (size_t)(stop + 1 - p)) : xstrdup(p);
		while (*end == '\n')
			end++;
		if (*entry && (!ours || !strstr(ours, entry)))
			buf_addf(into, "%s%s", into->len ? "\n" : "", entry);
	}
}

static int write_locks(const struct learned *l, struct error *err)
{
	_cleanup_(freep) char *dir = state_path(l->root, "etc/zypp"), *path = state_path(l->root, "etc/zypp/locks");
	_cleanup_(freep) char *own = state_path(l->root, "var/lib/hvcompat/zypp-locks"), *text = NULL, *before = NULL;
	_cleanup_(buf_done) struct buf ours = { 0 }, all = { 0 };
	int r;

	if (!fs_is_dir(dir))
		return 0;
	r = fs_read_if_there(own, LOCKS_MAX, &before, NULL, err);
	if (r == 0)
		r = fs_read_if_there(path, LOCKS_MAX, &text, NULL, err);
	if (r < 0)
		return r;
	keep_foreign(text, before, &all);
	for (size_t i = 0; i < l->count; i++) {
		_cleanup_(freep) char *lock = NULL;

		if (!streq(l->entries[i].family, "rpm") || !feedable(&l->entries[i]))
			continue;
		lock = lock_text(&l->entries[i]);
		buf_addf(&ours, "%s%s", ours.len ? "\n" : "", lock);
		buf_addf(&all, "%s%s", all.len ? "\n" : "", lock);
	}
	if (!before && ours.len == 0)
		return 0;
	/* Our own note first: an entry that is in it, and not in the file, does no harm. */
	r = ours.len ? fs_write(own, ours.text, ours.len, err) : 0;
	/* A file of no locks is as good as none, and there may have been none. */
	if (r == 0 && all.len)
		r = fs_write(path, all.text, all.len, err);
	else if (r == 0 && text)
		r = fs_remove(path, err);
	if (r == 0 && ours.len == 0)
		r = fs_remove(own, err);
	return r;
}

int feeds_write(const struct learned *l, struct error *err)
{
	int r = write_pins(l, err), s = write_locks(l, err);

	return r < 0 ? r : s;
}

void feeds_print_exclude(const struct learned *l, FILE *out)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct learned_entry *e = &l->entries[i];

		if (!feedable(e))
			continue;
		if (streq(e->family, "rpm"))
			fprintf(out, "%s-%s.%s\n", e->package, e->version, e->arch);
		else
			fprintf(out, "%s=%s\n", e->package, e->version);
	}
}
