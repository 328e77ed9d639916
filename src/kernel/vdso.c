/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/vdso.h"

#include <elf.h>
#include <errno.h>

/* The largest vDSO so far exports 17. */
#define SYMBOLS_MAX 1024
#define NAME_LENGTH_MAX 256
#define VERSIONS_MAX 64

/* What the dynamic segment points to, as offsets in the file; 0: not there. */
struct dynamic {
	struct elfimage elf;
	uint64_t symbols;
	uint64_t strings;
	uint64_t strings_size;
	uint64_t hash;
	uint64_t gnu_hash;
	uint64_t versions;
	uint64_t definitions;
	uint64_t n_definitions;
};

bool vdso_begins(const uint8_t *bytes, size_t n, unsigned bits)
{
	struct elfimage e;

	if (n < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0 || elfimage_read(bytes, n, &e, NULL) != 0 ||
	    e.type != ET_DYN)
		return false;
	if (bits == 3264)
		return e.bits == 32 && e.machine == EM_X86_64;
	return e.bits == bits && !(bits == 32 && e.machine == EM_X86_64);
}

/* Offset in the file of a virtual address; 0 when it is not in it. */
static uint64_t file_offset(const struct elfimage *e, uint64_t address)
{
	size_t room;
	int code;
	const uint8_t *p = elfimage_at(e, address, &room, &code);

	return p ? (uint64_t)(p - e->view.bytes) : 0;
}

static void take_tag(struct dynamic *d, uint64_t tag, uint64_t value)
{
	switch (tag) {
	case DT_SYMTAB:
		d->symbols = file_offset(&d->elf, value);
		break;
	case DT_STRTAB:
		d->strings = file_offset(&d->elf, value);
		break;
	case DT_STRSZ:
		d->strings_size = value;
		break;
	case DT_HASH:
		d->hash = file_offset(&d->elf, value);
		break;
	case DT_GNU_HASH:
		d->gnu_hash = file_offset(&d->elf, value);
		break;
	case DT_VERSYM:
		d->versions = file_offset(&d->elf, value);
		break;
	case DT_VERDEF:
		d->definitions = file_offset(&d->elf, value);
		break;
	case DT_VERDEFNUM:
		d->n_definitions = value;
		break;
	}
}

static bool read_dynamic(struct dynamic *d)
{
	unsigned word = d->elf.bits / 8;

	for (size_t i = 0; i < d->elf.n_segments; i++) {
		const struct elf_segment *s = &d->elf.segments[i];

		if (s->type != PT_DYNAMIC)
			continue;
		for (uint64_t at = 0; at + 2 * word <= s->filesz; at += 2 * word) {
			uint64_t tag, value;

			if (!view_uint(&d->elf.view, s->offset + at, word, &tag) ||
			    !view_uint(&d->elf.view, s->offset + at + word, word, &value))
				return false;
			if (tag == DT_NULL)
				break;
			take_tag(d, tag, value);
		}
		return d->symbols && d->strings && view_at(&d->elf.view, d->strings, d->strings_size);
	}
	return false;
}

/* A name of the string table, NUL-terminated inside it; NULL when it is not. */
static const char *string(const struct dynamic *d, uint64_t offset)
{
	const char *s;
	uint64_t room;

	if (offset >= d->strings_size)
		return NULL;
	s = (const char *)d->elf.view.bytes + d->strings + offset;
	room = d->strings_size - offset;
	return memchr(s, 0, room < NAME_LENGTH_MAX ? room : NAME_LENGTH_MAX) ? s : NULL;
}

/* The GNU hash table has no count: the last symbol is the end of the chain of the highest bucket. */
static bool count_by_gnu_hash(const struct dynamic *d, uint64_t *ret)
{
	const struct view *v = &d->elf.view;
	uint64_t n_buckets, first, n_bloom, buckets, highest = 0, value;

	if (!view_uint(v, d->gnu_hash, 4, &n_buckets) || !view_uint(v, d->gnu_hash + 4, 4, &first) ||
	    !view_uint(v, d->gnu_hash + 8, 4, &n_bloom) || n_buckets > SYMBOLS_MAX)
		return false;
	buckets = d->gnu_hash + 16 + n_bloom * (d->elf.bits / 8);
	for (uint64_t i = 0; i < n_buckets; i++) {
		if (!view_uint(v, buckets + 4 * i, 4, &value))
			return false;
		highest = value > highest ? value : highest;
	}
	for (*ret = first; highest >= first && highest < SYMBOLS_MAX; *ret = highest) {
		if (!view_uint(v, buckets + 4 * n_buckets + 4 * (highest - first), 4, &value))
			return false;
		highest++;
		if (value & 1) {
			*ret = highest;
			break;
		}
	}
	return true;
}

static bool count_symbols(const struct dynamic *d, uint64_t *ret)
{
	bool counted;

	if (d->hash)
		counted = view_uint(&d->elf.view, d->hash + 4, 4, ret);
	else
		counted = d->gnu_hash && count_by_gnu_hash(d, ret);
	return counted && *ret <= SYMBOLS_MAX;
}

/* The name of version `index`, out of the chain of Verdef (same layout in both classes); NULL: none. */
static const char *version_name(const struct dynamic *d, uint64_t index)
{
	const struct view *v = &d->elf.view;
	uint64_t at = d->definitions, flags, number, aux, next, name;

	for (unsigned i = 0; at && i < d->n_definitions && i < VERSIONS_MAX; i++) {
		if (!view_uint(v, at + 2, 2, &flags) || !view_uint(v, at + 4, 2, &number) ||
		    !view_uint(v, at + 12, 4, &aux) || !view_uint(v, at + 16, 4, &next))
			return NULL;
		if (number == index && !(flags & VER_FLG_BASE))
			return view_uint(v, at + aux, 4, &name) ? string(d, name) : NULL;
		if (next == 0)
			return NULL;
		at += next;
	}
	return NULL;
}

/* Symbol `i`, when it is one that the object exports: defined, visible, and not the name of a version. */
static int read_symbol(const struct dynamic *d, uint64_t i, struct vdso_symbol *ret)
{
	bool wide = d->elf.bits == 64;
	uint64_t at = d->symbols + i * (wide ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym)), name, info, section,
		 version;
	const char *text, *v;

	if (!view_uint(&d->elf.view, at, 4, &name) ||
	    !view_uint(&d->elf.view, at + (wide ? 4 : 12), 1, &info) ||
	    !view_uint(&d->elf.view, at + (wide ? 6 : 14), 2, &section))
		return -EBADMSG;
	if (section == SHN_UNDEF || section == SHN_ABS ||
	    (ELF64_ST_BIND(info) != STB_GLOBAL && ELF64_ST_BIND(info) != STB_WEAK))
		return 0;
	text = string(d, name);
	if (!text || (d->versions && !view_uint(&d->elf.view, d->versions + 2 * i, 2, &version)))
		return -EBADMSG;
	v = d->versions ? version_name(d, version & 0x7fff) : NULL;
	*ret = (struct vdso_symbol){ .name = xstrdup(text), .version = v ? xstrdup(v) : NULL };
	return 1;
}

void vdso_symbols_free(struct vdso_symbol *symbols, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(symbols[i].name);
		free(symbols[i].version);
	}
	free(symbols);
}

int vdso_read(const uint8_t *bytes, size_t n, struct vdso_symbol **ret, size_t *ret_n, struct error *err)
{
	struct dynamic d = { 0 };
	struct vdso_symbol *symbols;
	uint64_t count;
	size_t exported = 0;

	if (elfimage_read(bytes, n, &d.elf, NULL) != 0 || d.elf.flat || !read_dynamic(&d) ||
	    !count_symbols(&d, &count))
		return error_set(err, EBADMSG, "vDSO: not a shared object with a dynamic symbol table");
	symbols = xcalloc(count, sizeof(*symbols));
	for (uint64_t i = 1; i < count; i++) {
		int rc = read_symbol(&d, i, &symbols[exported]);

		if (rc < 0) {
			vdso_symbols_free(symbols, exported);
			return error_set(err, EBADMSG, "vDSO: dynamic symbol %llu lies outside of it",
					 (unsigned long long)i);
		}
		exported += (size_t)rc;
	}
	*ret = symbols;
	*ret_n = exported;
	return 0;
}
