/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

#include <errno.h>

/*
 * A distro's config names files that its packaging puts into the source: certificates, keys, an initramfs. The
 * kernel's make finds out late, and says little.
 */

static const char *value_of(const struct settings *s, const char *option)
{
	const struct setting *set = settings_find(s, option);

	return set && *set->value == '"' ? set->value : "\"\"";
}

/* One file of the source, or an absolute path. */
static int check_file(struct build *b, const char *option, const char *dir, const char *name, struct error *err)
{
	_cleanup_(freep) char *path = *name == '/' ? xstrdup(name) : xasprintf("%s/%s/%s", b->tree, dir, name);

	if (fs_exists(path))
		return 0;
	build_say(b, BUILD_FLAW,
		  "CONFIG_%s names %s%s%s, which the source does not have; add a fragment (--config …,FILE) that says CONFIG_%s=\"\", or give a source that has the file",
		  option, dir, *dir ? "/" : "", name, option);
	return error_set(err, ENOENT, "the config names files that are not there");
}

static int check_option(struct build *b, const struct settings *s, const char *option, const char *dir,
			struct error *err)
{
	const char *value = value_of(s, option);
	_cleanup_(freep) char *words = xstrndup(value + 1, strlen(value) - 2);
	char *save = NULL;
	int result = 0;

	for (char *name = strtok_r(words, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		int r = startswith(name, "pkcs11:") ? 0 : check_file(b, option, dir, name, err);

		result = result < 0 ? result : r;
	}
	return result;
}

static int check_key(struct build *b, const struct settings *s, struct error *err)
{
	/* The default one is made by the build, from random bytes. */
	if (!streq(value_of(s, "MODULE_SIG_KEY"), "\"certs/signing_key.pem\""))
		return check_option(b, s, "MODULE_SIG_KEY", "", err);
	if (settings_find(s, "MODULE_SIG_KEY"))
		build_say(b, BUILD_NOTE,
			  "the kernel will trust a key that this build makes (CONFIG_MODULE_SIG_KEY): two builds will differ");
	return 0;
}

int named_files_check(struct build *b, struct error *err)
{
	static const char *const options[] = { "SYSTEM_TRUSTED_KEYS", "SYSTEM_REVOCATION_KEYS",
					       "SYSTEM_BLACKLIST_HASH_LIST", "INITRAMFS_SOURCE" };
	_cleanup_(freep) char *file = xasprintf("%s/.config", b->tree), *dir = NULL;
	_cleanup_(settings_done) struct settings s = { 0 };
	const char *firmware;
	int r = settings_read(&s, file, err), one;

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		one = check_option(b, &s, options[i], "", err);
		r = r < 0 ? r : one;
	}
	firmware = value_of(&s, "EXTRA_FIRMWARE_DIR");
	dir = xstrndup(firmware + 1, strlen(firmware) - 2);
	if (*dir != '/') {
		one = check_option(b, &s, "EXTRA_FIRMWARE", dir, err);
		r = r < 0 ? r : one;
	}
	one = check_key(b, &s, err);
	return r < 0 ? r : one;
}
