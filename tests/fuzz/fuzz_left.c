/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that reads an index, and was taken over: the file that it leaves, as the process that asked takes it. The input is a
 * byte that tells whether it was dpkg's status, what the process said, a length, so many bytes of packages, and strings.
 */
#include "fuzz/fuzz.h"
#include "pkg/index_file.h"

#include <sys/mman.h>
#include <unistd.h>

/* Larger ones take time, and no other path. */
#define MOST 65536

/* The same file for each run, emptied. */
static int make_file(const uint8_t *bytes, size_t n, size_t entries)
{
	static int file = -1;

	if (file < 0)
		file = memfd_create("left", MFD_CLOEXEC);
	entries = entries < n ? entries : n;
	must(file >= 0 && ftruncate(file, 0) == 0 && ftruncate(file, (off_t)INDEX_FILE_SIZE) == 0);
	must(pwrite(file, bytes, entries, 0) == (ssize_t)entries);
	must(pwrite(file, bytes + entries, n - entries, (off_t)INDEX_STRINGS_AT) == (ssize_t)(n - entries));
	must(pwrite(file, bytes, n, (off_t)INDEX_TEXT_AT) == (ssize_t)n);
	return file;
}

/* Each text lies in the file and ends there: reading it all shows that to the sanitizer. */
static void check(const struct index *x, bool status)
{
	static volatile char seen;

	for (size_t i = 0; i < x->n_packages; i++) {
		const struct index_package *p = &x->packages[i];
		const char *const texts[] = { p->name, p->version, p->arch, p->source, p->source_version, p->location };

		for (size_t j = 0; j < ARRAY_SIZE(texts); j++)
			must(texts[j] >= x->strings && !strpbrk(texts[j], "\t\n\r\033\177"));
		for (size_t j = 0; j < 3; j++)
			must(*texts[j] && !strpbrk(texts[j], " $`'\"\\;&|<>(){}[]*?!#=/,"));
		must(strlen(p->sha256) == (status ? 0 : 64));
	}
	for (size_t i = 0; i < x->text_size; i++)
		seen = x->text[i];
	(void)seen;
	must(x->family == INDEX_DEB || x->family == INDEX_RPM);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(index_freep) struct index *x = xcalloc(1, sizeof(*x));
	bool status = n > 0 && (bytes[0] & 1);
	struct wire w = { .in = bytes + 1, .left = n > 0 ? n - 1 : 0 };
	struct index_said said = { 0 };
	uint64_t entries = 0;

	index_file_wire(&w, &said);
	wire_number(&w, &entries);
	if (w.bad || said.n_packages > MOST || said.n_strings > MOST || said.n_text > MOST)
		return 0;
	if (index_file_take(x, make_file(w.in, w.left, (size_t)entries), &said, status))
		check(x, status);
	return 0;
}
