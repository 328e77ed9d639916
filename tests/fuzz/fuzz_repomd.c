/* SPDX-License-Identifier: GPL-2.0-or-later */
/* repomd.xml, and what a process that was taken over says that it read there (a first byte that is odd). */
#include "fuzz/fuzz.h"
#include "pkg/index_private.h"

static int take(const uint8_t *bytes, size_t n, bool said, struct repomd *ret, struct error *err)
{
	struct wire w = { .in = bytes, .left = n };

	if (!said)
		return repomd_read((const char *)bytes, n, ret, err);
	repomd_wire(&w, ret);
	return w.bad ? error_set(err, 1, "nonsense") : 0;
}

static void check(const struct repomd *m)
{
	const char *s = m->location;

	if (!s)
		abort();
	must(*s && *s != '/' && m->size > 0 && strlen(m->checksum) < 65 && strlen(m->open_checksum) < 65);
	must(!startswith(s, "../") && !strstr(s, "/../") && !endswith(s, "/..") && !streq(s, ".."));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct repomd m = { 0 };
	struct error err = { 0 };
	int r;

	if (n == 0)
		return 0;
	r = take(bytes + 1, n - 1, bytes[0] & 1, &m, &err);
	must_tell(r, &err);
	if (r == 0) {
		r = repomd_check(&m, &err);
		must_tell(r, &err);
		if (r == 0)
			check(&m);
	}
	free(m.location);
	return 0;
}
