/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * package-show PACKAGE [MEMBER...]: what pkg/ reads of a package, to be held against what others read: lines "name N",
 * "version V", "arch A", "requires NAMES", "member PATH" each, and "digest SHA256 PATH" of those that are named.
 */
#include "base/hash.h"
#include "pkg/package.h"

/* More than any member that the tests ask for. */
#define MEMBER_BYTES_MAX ((size_t)64 << 20)

static void show_field(const char *key, const char *value)
{
	if (value)
		printf("%s %s\n", key, value);
}

static void show_list(const struct package *p)
{
	const struct package_info *info = package_info(p);
	const struct member *members;
	size_t n = package_members(p, &members);

	show_field("name", info->name);
	show_field("version", info->version);
	show_field("arch", info->arch);
	printf("requires ");
	for (char **name = info->requires; *name; name++)
		printf("%s ", *name);
	printf("\n");
	for (size_t i = 0; i < n; i++)
		printf("member %s\n", members[i].path);
}

static int show_member(struct package *p, const char *path, struct error *err)
{
	struct member_bytes bytes = { .limit = MEMBER_BYTES_MAX };
	ssize_t member = package_find(p, path);
	struct member_read read = { .member = (size_t)member, .sink = member_bytes_sink(&bytes) };
	_cleanup_(hash_freep) struct hash *hash = NULL;
	char hex[HASH_TEXT_MAX];
	int r = member < 0 ? error_set(err, 2, "%s: no such member", path) : package_read(p, &read, 1, err);

	if (r == 0)
		r = hash_new(HASH_SHA256, &hash, err);
	if (r == 0) {
		hash_add(hash, bytes.data, bytes.size);
		hash_hex(hash, hex);
		printf("digest %s %s\n", hex, path);
	}
	free(bytes.data);
	return r;
}

int main(int argc, char **argv)
{
	struct package_options options = { .verify = true };
	_cleanup_(package_freep) struct package *p = NULL;
	struct error err = { 0 };
	int r;

	if (argc < 2) {
		fprintf(stderr, "usage: package-show PACKAGE [MEMBER...]\n");
		return 64;
	}
	r = package_open(argv[1], &options, &p, &err);
	if (r == 0)
		r = package_list_all(p, &err);
	if (r == 0)
		show_list(p);
	for (int i = 2; i < argc && r == 0; i++)
		r = show_member(p, argv[i], &err);
	if (r < 0)
		fprintf(stderr, "package-show: %s\n", err.text);
	return r < 0 ? 2 : 0;
}
