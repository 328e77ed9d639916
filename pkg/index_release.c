/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Release files: who signed them, until when they hold, and the digests that they list. */
#include "pkg/index_private.h"

#include <errno.h>
#include <strings.h>
#include <time.h>

#include "base/fs.h"
#include "pkg/limits.h"

void release_done(struct release *r)
{
	index_vouched_done(&r->vouched);
	free(r->suite);
	free(r->codename);
	free(r->components);
	free(r->architectures);
	*r = (struct release){ 0 };
}

/* The value of a field that takes one line, owned; NULL: it is not there. */
static char *field(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		const char *value = line + n + 1;

		if (strncmp(line, name, n) != 0 || line[n] != ':')
			continue;
		value += strspn(value, " \t");
		return xstrndup(value, strcspn(value, "\n"));
	}
	return NULL;
}

/* "Sat, 25 Nov 2026 08:00:00 UTC" as 2026-11-25; false: it is none. */
static bool day_of(const char *date, char into[32])
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char month[4];
	const char *at;
	int day, year;

	if (sscanf(date, "%*3s, %d %3s %d", &day, month, &year) != 3 || !(at = strstr(months, month)) || strlen(month) != 3 ||
	    (at - months) % 3 || day < 1 || day > 31 || year < 1970 || year > 9999)
		return false;
	snprintf(into, 32, "%04d-%02d-%02d", year, (int)(at - months) / 3 + 1, day);
	return true;
}

static int check_until(const struct release *r, const char *dir, const struct index_options *o, struct error *err)
{
	_cleanup_(freep) char *until = field(r->vouched.text, "Valid-Until");
	char day[32];

	if (!until || !o->today)
		return 0;
	if (!day_of(until, day))
		return error_set(err, EBADMSG, "%s: its Release file is valid until \"%s\", which is no date", dir, until);
	if (strcmp(o->today, day) > 0)
		return error_set(err, ESTALE, "%s: its Release file was valid until %s: fetch it again; an old one could hide "
				 "updates", dir, day);
	return 0;
}

/* A word for yes, as apt knows them (strutl.cc, StringToBool()). */
static bool says_yes(const char *text, const char *name)
{
	static const char *const words[] = { "yes", "true", "with", "on", "enable", "1" };
	_cleanup_(freep) char *value = field(text, name);

	for (size_t i = 0; value && i < ARRAY_SIZE(words); i++)
		if (strncasecmp(value, words[i], strlen(words[i])) == 0 && strspn(value + strlen(words[i]), " \t\r") ==
									    strlen(value + strlen(words[i])))
			return true;
	return false;
}

/* apt_preferences(5), "APT's Default Priority Assignments". */
static unsigned priority_of(const char *text)
{
	if (!says_yes(text, "NotAutomatic"))
		return INDEX_PRIORITY;
	return says_yes(text, "ButAutomaticUpgrades") ? INDEX_PRIORITY_UPGRADES : INDEX_PRIORITY_NOT_AUTOMATIC;
}

int release_open(const char *dir, const struct index_options *o, struct release *ret, struct error *err)
{
	struct release r = { 0 };
	int q = index_vouch(dir, "InRelease", "Release", "Release.gpg", o, &r.vouched, err);

	if (q == 0)
		q = check_until(&r, dir, o, err);
	if (q < 0) {
		release_done(&r);
		return q;
	}
	r.suite = field(r.vouched.text, "Suite");
	r.codename = field(r.vouched.text, "Codename");
	r.components = field(r.vouched.text, "Components");
	r.architectures = field(r.vouched.text, "Architectures");
	r.priority = priority_of(r.vouched.text);
	*ret = r;
	return 0;
}

#define HEX "0123456789abcdef"
#define DIGITS 64

static const char *blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* A line " DIGEST SIZE PATH". By hand: sscanf() measures all that follows, for each line of a file of megabytes. */
static bool line_lists(const char *line, const char *path, uint64_t *ret_size, char ret_sha256[65])
{
	const char *digest = blanks(line), *size, *name;
	char *end;

	if (strspn(digest, HEX) != DIGITS)
		return false;
	size = blanks(digest + DIGITS);
	if (size == digest + DIGITS || *size < '0' || *size > '9')
		return false;
	*ret_size = strtoull(size, &end, 10);
	name = blanks(end);
	if (name == end || strncmp(name, path, strlen(path)) != 0 || !strchr(" \t\n", name[strlen(path)]))
		return false;
	memcpy(ret_sha256, digest, DIGITS);
	ret_sha256[DIGITS] = '\0';
	return true;
}

/* Below the line "SHA256:". */
bool release_find(const struct release *r, const char *path, uint64_t *ret_size, char ret_sha256[65])
{
	const char *text = r->vouched.text, *line = NULL;
	char digest[DIGITS + 1];
	uint64_t size;

	if (text)
		line = startswith(text, "SHA256:") ? text : strstr(text, "\nSHA256:");
	line = line ? strchr(line + 1, '\n') : NULL;
	for (; line && (line[1] == ' ' || line[1] == '\t'); line = strchr(line + 1, '\n'))
		if (line_lists(line + 1, path, &size, digest)) {
			*ret_size = size;
			memcpy(ret_sha256, digest, sizeof(digest));
			return true;
		}
	return false;
}
