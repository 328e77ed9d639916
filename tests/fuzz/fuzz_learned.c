/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The learned list as it lies on disk, and the feeds that are made of it. */
#include "fuzz/fuzz.h"
#include "gate/feeds.h"

#include <sys/stat.h>

static char root[] = "/tmp/hvcompat-fuzz-XXXXXX";

static void remove_root(void)
{
	_cleanup_(freep) char *command = xasprintf("rm -rf %s", root);

	if (system(command) != 0)
		perror(root);
}

static void make_root(void)
{
	static const char *const dirs[] = { "var", "var/lib", "var/lib/hvcompat", "etc", "etc/apt",
					    "etc/apt/preferences.d" };

	if (!mkdtemp(root))
		abort();
	atexit(remove_root);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		_cleanup_(freep) char *path = xasprintf("%s/%s", root, dirs[i]);

		if (mkdir(path, 0755) < 0)
			abort();
	}
}

static void put(const uint8_t *bytes, size_t n)
{
	_cleanup_(freep) char *path = xasprintf("%s/var/lib/hvcompat/learned.json", root);
	_cleanup_(fclosep) FILE *f = fopen(path, "we");

	if (!f || fwrite(bytes, 1, n, f) != n)
		abort();
}

/* Each line of the pins is one that apt takes: a malformed one would be void without a word. */
static void check_pins(void)
{
	_cleanup_(freep) char *path = xasprintf("%s/etc/apt/preferences.d/hvcompat.pref", root);
	_cleanup_(fclosep) FILE *f = fopen(path, "re");
	char line[8192];

	while (f && fgets(line, sizeof(line), f))
		if (line[0] != '\n' && line[0] != '#' && strncmp(line, "Package: ", 9) != 0 &&
		    strncmp(line, "Pin: version ", 13) != 0 && strncmp(line, "Pin-Priority: -", 15) != 0 &&
		    strncmp(line, "Explanation: ", 13) != 0) {
			fprintf(stderr, "a line that apt would not take: %s", line);
			abort();
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(learned_done) struct learned l = { 0 };
	struct error err = { 0 };
	int r;

	if (strstr(root, "XXXXXX"))
		make_root();
	put(bytes, n);
	r = learned_load(root, &l, &err);
	must_tell(r, &err);
	for (size_t i = 0; r == 0 && i < l.count; i++)
		if (!learned_name_good(l.entries[i].package) || !learned_version_good(l.entries[i].version))
			abort();
	if (r == 0 && feeds_write(&l, &err) == 0)
		check_pins();
	return 0;
}
