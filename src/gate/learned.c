/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate/learned.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>

#include "base/fs.h"
#include "base/json.h"
#include "gate/feeds.h"
#include "report/json.h"
#include "report/text.h"

#define SCHEMA	     "hvcompat-learned/1"
#define LIST	     "var/lib/hvcompat/learned.json"
#define LEARNED_MAX  (8u << 20)
#define ENTRIES_MAX  10000
#define NAME_MAX_LEN 255

char *state_path(const char *root, const char *path)
{
	size_t n = strlen(root);

	while (n > 0 && root[n - 1] == '/')
		n--;
	return xasprintf("%.*s/%s", (int)n, root, path);
}

static bool all_of(const char *s, const char *more)
{
	size_t n = 0;

	for (; s[n]; n++)
		if (!((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= 'A' && s[n] <= 'Z') || (s[n] >= '0' && s[n] <= '9') ||
		      strchr(more, s[n])))
			return false;
	return n > 0 && n <= NAME_MAX_LEN;
}

bool learned_name_good(const char *name)
{
	return name && name[0] != '-' && name[0] != '.' && all_of(name, "+-._");
}

bool learned_version_good(const char *version)
{
	return version && all_of(version, "+-._:~^");
}

static char **fields(struct learned_entry *e, size_t i)
{
	char **list[] = { &e->package, &e->version, &e->arch,   &e->family, &e->kernel,
			  &e->finding, &e->lost,    &e->policy, &e->digest, &e->when };

	return i < ARRAY_SIZE(list) ? list[i] : NULL;
}
static const char *const names[] = { "package", "version", "arch",   "family", "kernel",
				     "finding", "lost",	   "policy", "digest", "when" };

static void entry_done(struct learned_entry *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		free(*fields(e, i));
}

void learned_done(struct learned *l)
{
	for (size_t i = 0; i < l->count; i++)
		entry_done(&l->entries[i]);
	free(l->entries);
	free(l->root);
	if (l->lock > 0)
		close(l->lock);
	*l = (struct learned){ 0 };
}

static void append(struct learned *l, const struct learned_entry *e)
{
	ARRAY_GROW(l->entries, l->count);
	l->entries[l->count++] = *e;
}

static bool entry_parse(struct json_object *o, struct learned_entry *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct json_object *v = NULL;

		if (!json_object_object_get_ex(o, names[i], &v) || !json_object_is_type(v, json_type_string))
			return false;
		*fields(e, i) = xstrdup(json_object_get_string(v));
	}
	return learned_name_good(e->package) && learned_version_good(e->version);
}

static bool list_parse(struct learned *l, struct json_object *o)
{
	struct json_object *schema = NULL, *list = NULL;

	if (!json_object_object_get_ex(o, "schema", &schema) || !streq_null(json_object_get_string(schema), SCHEMA) ||
	    !json_object_object_get_ex(o, "refused", &list) || !json_object_is_type(list, json_type_array) ||
	    json_object_array_length(list) > ENTRIES_MAX)
		return false;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct learned_entry e = { 0 };

		if (!entry_parse(json_object_array_get_idx(list, i), &e)) {
			entry_done(&e);
			return false;
		}
		append(l, &e);
	}
	return true;
}

static int take_lock(struct learned *l, struct error *err)
{
	_cleanup_(freep) char *dir = state_path(l->root, "var/lib/hvcompat");
	_cleanup_(freep) char *path = state_path(l->root, "var/lib/hvcompat/lock");
	int r = fs_make_dir(dir, err);

	if (r < 0)
		return r;
	l->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (l->lock < 0 || flock(l->lock, LOCK_EX) < 0)
		return error_set(err, errno, "%s: cannot be locked: %m", path);
	return 0;
}

int learned_load(const char *root, struct learned *ret, struct error *err)
{
	_cleanup_(freep) char *path = state_path(root, LIST), *text = NULL;
	struct json_object *o;
	bool good;
	int r;

	*ret = (struct learned){ .root = xstrdup(root) };
	r = take_lock(ret, err);
	/* Who cannot write the list can read it all the same: it is replaced as a whole. */
	if (r == -EACCES || r == -EPERM || r == -EROFS) {
		error_clear(err);
		r = 0;
	}
	if (r == 0)
		r = fs_read_if_there(path, LEARNED_MAX, &text, NULL, err);
	if (r < 0 || !text)
		return r;
	o = json_parse(text);
	good = o && list_parse(ret, o);
	json_object_put(o);
	if (good)
		return 0;
	learned_drop(ret, NULL, NULL);
	return error_set(err, EBADMSG, "%s: is damaged; what was refused is learned anew (hvcompat host learned clear)", path);
}

static void remove_at(struct learned *l, size_t i)
{
	entry_done(&l->entries[i]);
	l->count--;
	memmove(&l->entries[i], &l->entries[i + 1], (l->count - i) * sizeof(*l->entries));
}

bool learned_has(const struct learned *l, const char *package, const char *version)
{
	for (size_t i = 0; i < l->count; i++)
		if (streq(l->entries[i].package, package) && streq(l->entries[i].version, version))
			return true;
	return false;
}

bool learned_any(const char *root)
{
	_cleanup_(freep) char *path = state_path(root, LIST);

	return fs_exists(path);
}

static void say_time(char into[32], time_t when)
{
	struct tm tm;

	strftime(into, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&when, &tm));
}

void learned_add(struct learned *l, const struct learned_entry *entry)
{
	struct learned_entry copy = { 0 }, from = *entry;
	char now[32];

	for (size_t i = l->count; i-- > 0;)
		if (streq(l->entries[i].package, entry->package) && streq(l->entries[i].version, entry->version) &&
		    streq(l->entries[i].arch, entry->arch))
			remove_at(l, i);
	say_time(now, time(NULL));
	from.when = now;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		*fields(&copy, i) = text_clean(*fields(&from, i) ? *fields(&from, i) : "");
	append(l, &copy);
}

size_t learned_drop_stale(struct learned *l, const char *digest)
{
	size_t before = l->count;
	char oldest[32];

	/* Times of this form are in the order of their letters. */
	say_time(oldest, time(NULL) - (time_t)LEARNED_UNJUDGED_DAYS * 24 * 60 * 60);
	for (size_t i = l->count; i-- > 0;)
		if (!streq(l->entries[i].digest, digest) ||
		    (streq(l->entries[i].lost, LEARNED_KERNEL) && strcmp(l->entries[i].when, oldest) < 0))
			remove_at(l, i);
	return before - l->count;
}

size_t learned_drop(struct learned *l, const char *package, const char *version)
{
	size_t before = l->count;

	for (size_t i = l->count; i-- > 0;)
		if ((!package || streq(l->entries[i].package, package)) &&
		    (!version || streq(l->entries[i].version, version)))
			remove_at(l, i);
	return before - l->count;
}

int learned_store(struct learned *l, struct error *err)
{
	_cleanup_(freep) char *path = state_path(l->root, LIST);
	struct json_object *o = json_new_object(), *list = json_new_array();
	const char *text;
	int r;

	json_put(o, "schema", SCHEMA);
	for (size_t i = 0; i < l->count; i++) {
		struct json_object *e = json_new_object();

		for (size_t j = 0; j < ARRAY_SIZE(names); j++)
			json_put(e, names[j], *fields(&l->entries[i], j));
		json_append(list, e);
	}
	json_add(o, "refused", list);
	text = json_pretty(o);
	r = fs_write(path, text, strlen(text), err);
	json_object_put(o);
	return r < 0 ? r : feeds_write(l, err);
}

void state_log(const char *root, const char *fmt, ...)
{
	_cleanup_(freep) char *path = state_path(root, "var/lib/hvcompat/log"), *text = NULL, *clean = NULL, *line = NULL;
	_cleanup_(closep) int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	bool bad = false;
	char when[32];
	va_list args;

	va_start(args, fmt);
	text = xvasprintf(fmt, args);
	va_end(args);
	say_time(when, time(NULL));
	clean = text_clean(text);
	line = xasprintf("%s %s\n", when, clean);
	/* A line in one piece, as others write to it, too; what is left of one that was cut comes behind. */
	for (size_t n = strlen(line), at = 0; fd >= 0 && at < n;) {
		ssize_t done = write(fd, line + at, n - at);

		at = done > 0 ? at + (size_t)done : n;
		bad |= done <= 0;
	}
	if (bad)
		syslog(LOG_AUTHPRIV | LOG_WARNING, "%s: cannot be written", path);
	/* What happens below another root is none of this system's business. */
	if (!streq(root, "/"))
		return;
	openlog("hvcompat", LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_NOTICE, "%s", clean);
}
