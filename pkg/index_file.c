/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/index_file.h"

#include <sys/mman.h>

struct index_map {
	char *strings, *text;
	size_t n_strings, n_text;
};

struct index_map *index_map_free(struct index_map *m)
{
	if (!m)
		return NULL;
	if (m->strings)
		munmap(m->strings, m->n_strings);
	if (m->text)
		munmap(m->text, m->n_text);
	free(m);
	return NULL;
}

/* --- what the process leaves --- */

void index_file_wire(struct wire *w, struct index_said *s)
{
	wire_chars(w, s->sha256, sizeof(s->sha256));
	wire_enum(w, &s->family, INDEX_RPM);
	wire_number(w, &s->n_packages);
	wire_number(w, &s->n_strings);
	wire_number(w, &s->n_text);
}

void index_file_put(struct index_entry *into, const struct index *x, struct index_said *ret)
{
	uint64_t end = 0;

	for (size_t i = 0; i < x->n_packages; i++) {
		const struct index_package *p = &x->packages[i];
		const char *const strings[] = { p->name, p->version, p->arch, p->source, p->source_version, p->location };
		struct index_entry *e = &into[i];

		for (size_t j = 0; j < INDEX_STRINGS; j++) {
			uint64_t stop;

			e->strings[j] = (uint64_t)(strings[j] - x->strings);
			stop = e->strings[j] + strlen(strings[j]) + 1;
			end = stop > end ? stop : end;
		}
		e->size = p->size;
		memcpy(e->sha256, p->sha256, sizeof(e->sha256));
		e->held = p->held;
	}
	ret->family = x->family;
	ret->n_packages = x->n_packages;
	ret->n_strings = end;
	ret->n_text = x->text_size;
}

/* --- taking it --- */

/* NULL where there is nothing: an empty file cannot be mapped. */
static char *mapped(int file, uint64_t at, size_t n)
{
	void *p = n > 0 ? mmap(NULL, n, PROT_READ, MAP_PRIVATE, file, (off_t)at) : NULL;

	return p == MAP_FAILED ? NULL : p;
}

/* Text that is harmless to print, with a NUL at the end of each string and of all. */
static bool strings_good(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((uint8_t)s[i] < 0x20 && s[i]) || s[i] == 0x7f)
			return false;
	return n == 0 || s[n - 1] == '\0';
}

/* Goes into lines that people copy into a shell. The longest that dpkg and rpm know of are far from it. */
#define WORD_MAX 1024

static bool word_good(const char *s)
{
	size_t n = 0;

	while (n < WORD_MAX && s[n] &&
	       ((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= 'A' && s[n] <= 'Z') || (s[n] >= '0' && s[n] <= '9') ||
		strchr("+-._~^:", s[n])))
		n++;
	return n > 0 && s[n] == '\0';
}

static bool entry_good(const struct index_entry *e, const char *strings, uint64_t n_strings, bool status)
{
	static const enum index_string words[] = { INDEX_NAME, INDEX_VERSION, INDEX_ARCH };

	for (size_t j = 0; j < INDEX_STRINGS; j++)
		if (e->strings[j] >= n_strings)
			return false;
	for (size_t j = 0; j < ARRAY_SIZE(words); j++)
		if (!word_good(strings + e->strings[words[j]]))
			return false;
	if (memchr(e->sha256, '\0', sizeof(e->sha256)) != e->sha256 + (status ? 0 : 64))
		return false;
	return strspn(e->sha256, "0123456789abcdef") == strlen(e->sha256);
}

static bool take_entries(struct index *x, int file, const struct index_said *said, bool status)
{
	size_t n = (size_t)said->n_packages, size = n * sizeof(struct index_entry);
	const struct index_entry *entries = (const struct index_entry *)mapped(file, 0, size);
	bool good = n == 0 || entries;

	x->packages = xcalloc(n + 1, sizeof(*x->packages));
	for (size_t i = 0; good && i < n; i++) {
		const struct index_entry *e = &entries[i];
		const char *s = x->map->strings;
		const uint64_t *at = e->strings;

		good = entry_good(e, s, said->n_strings, status);
		if (!good)
			break;
		x->packages[i] = (struct index_package){ s + at[INDEX_NAME], s + at[INDEX_VERSION], s + at[INDEX_ARCH],
							 s + at[INDEX_SOURCE], s + at[INDEX_SOURCE_VERSION],
							 s + at[INDEX_LOCATION], e->size, "", e->held != 0 };
		memcpy(x->packages[i].sha256, e->sha256, sizeof(e->sha256));
	}
	x->n_packages = good ? n : 0;
	if (entries)
		munmap((void *)entries, size);
	return good;
}

bool index_file_take(struct index *x, int file, const struct index_said *said, bool status)
{
	struct index_map *m = xcalloc(1, sizeof(*m));

	x->map = m;
	if (said->n_packages > PKG_INDEX_PACKAGES_MAX || said->n_strings > INDEX_ROOM || said->n_text > INDEX_ROOM)
		return false;
	m->n_strings = (size_t)said->n_strings;
	/* With the NUL behind it. */
	m->n_text = said->n_text > 0 ? (size_t)said->n_text + 1 : 0;
	m->strings = mapped(file, INDEX_STRINGS_AT, m->n_strings);
	m->text = mapped(file, INDEX_TEXT_AT, m->n_text);
	if ((m->n_strings > 0 && !m->strings) || (m->n_text > 0 && !m->text) || !strings_good(m->strings, m->n_strings))
		return false;
	x->strings = m->strings;
	x->text = m->text;
	x->text_size = (size_t)said->n_text;
	x->family = (enum index_family)said->family;
	return take_entries(x, file, said, status);
}
