/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/module.h"
#include "kernel/module_unpack.h"

#include <ctype.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>

/* Bounds: the largest modules of distro kernels unpack to some 30 MB and have a few hundred sections. */

/* Symbols of one name that are compared with each other; modules that are met have up to four. */
#define MODULE_MAX_NAMESAKES 64
#define MODULE_MAX_SECTIONS 65279u /* SHN_LORESERVE - 1: no extended numbering in a module */

struct section {
	const char *name;
	GElf_Shdr header;
	const uint8_t *data; /* NULL: has none (.bss) */
};

struct module {
	uint8_t *bytes;
	size_t size;
	Elf *elf;
	bool big_endian;
	struct section *sections;
	size_t n_sections;
	ssize_t symtab;  /* section, or -1 */
	uint64_t covered; /* bytes of the file that the sections seen so far say they have */
	char *modinfo;   /* a copy, so that the last value ends in NUL */
	size_t modinfo_size;
};

struct module *module_free(struct module *m)
{
	if (!m)
		return NULL;
	if (m->elf)
		elf_end(m->elf);
	free(m->sections);
	free(m->modinfo);
	free(m->bytes);
	free(m);
	return NULL;
}

/* The one place where bytes of the file are reached: NULL unless all of them are there. */
static const uint8_t *file_at(const struct module *m, uint64_t offset, uint64_t size)
{
	return offset <= m->size && size <= m->size - offset ? m->bytes + offset : NULL;
}

static int load_header(struct module *m, struct error *err)
{
	GElf_Ehdr header;
	size_t count = 0;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return error_set(err, EOPNOTSUPP, "libelf is older than its header");
	m->elf = elf_memory((char *)m->bytes, m->size);
	if (!m->elf || elf_kind(m->elf) != ELF_K_ELF || !gelf_getehdr(m->elf, &header))
		return error_set(err, EBADMSG, "not an ELF file, though a kernel module must be one");
	if (header.e_type != ET_REL)
		return error_set(err, EBADMSG,
				 "an ELF file of type %u; a kernel module is relocatable (type 1)",
				 header.e_type);
	if (elf_getshdrnum(m->elf, &count) < 0 || count == 0 || count > MODULE_MAX_SECTIONS ||
	    !file_at(m, header.e_shoff, (uint64_t)header.e_shentsize * count))
		return error_set(err, EBADMSG, "truncated: the table of sections is not there");
	m->big_endian = header.e_ident[EI_DATA] == ELFDATA2MSB;
	m->n_sections = count;
	return 0;
}

static int load_section(struct module *m, size_t names, size_t i, struct error *err)
{
	struct section *s = &m->sections[i];
	Elf_Scn *scn = elf_getscn(m->elf, i);

	if (!scn || !gelf_getshdr(scn, &s->header))
		return error_set(err, EBADMSG, "section %zu has no header", i);
	s->name = elf_strptr(m->elf, names, s->header.sh_name);
	if (!s->name)
		return error_set(err, EBADMSG, "section %zu has no name", i);
	if (i == 0 || s->header.sh_type == SHT_NOBITS || s->header.sh_type == SHT_NULL)
		return 0;
	s->data = file_at(m, s->header.sh_offset, s->header.sh_size);
	if (!s->data)
		return error_set(err, EBADMSG, "truncated: section %s lies outside of the file", s->name);
	/* Sections share no bytes; many headers over the same ones would multiply all work and memory. */
	m->covered += s->header.sh_size;
	if (m->covered > m->size)
		return error_set(err, EBADMSG, "its sections overlap: together they are larger than the file");
	if (s->header.sh_type == SHT_SYMTAB)
		m->symtab = (ssize_t)i;
	return 0;
}

static void load_modinfo(struct module *m)
{
	for (size_t i = 0; i < m->n_sections; i++) {
		const struct section *s = &m->sections[i];

		if (!s->data || !streq(s->name, ".modinfo"))
			continue;
		m->modinfo_size = s->header.sh_size;
		m->modinfo = xcalloc(m->modinfo_size + 1, 1);
		memcpy(m->modinfo, s->data, m->modinfo_size);
		return;
	}
}

static int load(struct module *m, struct error *err)
{
	size_t names;
	int r = load_header(m, err);

	if (r < 0)
		return r;
	if (elf_getshdrstrndx(m->elf, &names) < 0)
		return error_set(err, EBADMSG, "the names of the sections are missing");
	m->sections = xcalloc(m->n_sections, sizeof(*m->sections));
	for (size_t i = 0; i < m->n_sections; i++) {
		r = load_section(m, names, i, err);
		if (r < 0)
			return r;
	}
	load_modinfo(m);
	return 0;
}

int module_open(const uint8_t *bytes, size_t n, size_t limit, struct module **ret, struct error *err)
{
	_cleanup_(module_freep) struct module *m = xcalloc(1, sizeof(*m));
	int r;

	m->symtab = -1;
	limit = limit < MODULE_MAX_BYTES ? limit : MODULE_MAX_BYTES;
	if (n > limit)
		return error_set(err, E2BIG, "a module of %zu bytes; at most %zu are read", n, limit);
	if (n == 0)
		return error_set(err, EBADMSG, "the module is empty");
	if (unpack_is_packed(bytes, n)) {
		r = unpack(bytes, n, limit, &m->bytes, &m->size, err);
		if (r < 0)
			return r;
	} else {
		m->bytes = xmalloc(n);
		m->size = n;
		memcpy(m->bytes, bytes, n);
	}
	r = load(m, err);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(m);
	return 0;
}

size_t module_size(const struct module *m)
{
	return m->size;
}

bool module_big_endian(const struct module *m)
{
	return m->big_endian;
}

/* NAME, or NAME.digits as compilers call static locals. */
static bool name_matches(const char *symbol, const char *name)
{
	const char *rest = startswith(symbol, name);

	if (!rest)
		return false;
	if (*rest == '\0')
		return true;
	if (*rest++ != '.' || *rest == '\0')
		return false;
	while (isdigit((unsigned char)*rest))
		rest++;
	return *rest == '\0';
}

/* A walk over .symtab. */
struct walk {
	const struct module *m;
	Elf_Data *data;
	size_t strings, next, count;
	const char *file; /* of the local symbols that follow it; NULL: unknown */
	/* the symbol that was reached */
	const char *name; /* NULL at the end */
	GElf_Sym symbol;
};

static int walk_begin(const struct module *m, struct walk *w, struct error *err)
{
	const GElf_Shdr *header;

	if (m->symtab < 0)
		return error_set(err, ENODATA, "its symbol table was stripped");
	header = &m->sections[m->symtab].header;
	*w = (struct walk){ .m = m, .data = elf_getdata(elf_getscn(m->elf, (size_t)m->symtab), NULL) };
	if (!w->data || header->sh_entsize != gelf_fsize(m->elf, ELF_T_SYM, 1, EV_CURRENT))
		return error_set(err, EBADMSG, "its symbol table cannot be read");
	w->count = header->sh_size / header->sh_entsize;
	w->strings = header->sh_link;
	return 0;
}

/* Steps to the next symbol that is defined in a section. False at the end. */
static bool walk_next(struct walk *w)
{
	while (w->next < w->count && gelf_getsym(w->data, (int)w->next++, &w->symbol)) {
		w->name = elf_strptr(w->m->elf, w->strings, w->symbol.st_name);
		if (!w->name)
			continue;
		if (GELF_ST_TYPE(w->symbol.st_info) == STT_FILE)
			w->file = w->name;
		else if (w->symbol.st_shndx != SHN_UNDEF && w->symbol.st_shndx < w->m->n_sections)
			return true;
	}
	w->name = NULL;
	return false;
}

/* Only local symbols stand behind the name of their file. */
static bool file_matches(const struct walk *w, const char *file)
{
	if (!file || GELF_ST_BIND(w->symbol.st_info) != STB_LOCAL)
		return true;
	return w->file && (streq(w->file, file) || streq(path_base(w->file), file));
}

static bool walk_find(struct walk *w, const char *name, size_t size, const char *file)
{
	while (walk_next(w))
		if (name_matches(w->name, name) && (size == 0 || w->symbol.st_size == size) &&
		    file_matches(w, file))
			return true;
	return false;
}

/* Whether any relocation writes into [from, from + size) of a section. -EBADMSG when that cannot be told. */
static int is_relocated(const struct module *m, size_t section, uint64_t from, uint64_t size)
{
	for (size_t i = 0; i < m->n_sections; i++) {
		const GElf_Shdr *h = &m->sections[i].header;
		Elf_Data *data;
		GElf_Rela rela;
		GElf_Rel rel;

		if ((h->sh_type != SHT_RELA && h->sh_type != SHT_REL) || h->sh_info != section)
			continue;
		data = elf_getdata(elf_getscn(m->elf, i), NULL);
		if (!data || h->sh_entsize == 0)
			return -EBADMSG;
		for (size_t n = 0; n < h->sh_size / h->sh_entsize; n++) {
			uint64_t at;

			if (h->sh_type == SHT_RELA ? !gelf_getrela(data, (int)n, &rela) :
						     !gelf_getrel(data, (int)n, &rel))
				return -EBADMSG;
			at = h->sh_type == SHT_RELA ? rela.r_offset : rel.r_offset;
			if (at >= from && at - from < size)
				return 1;
		}
	}
	return 0;
}

/* The bytes of the symbol that the walk has reached: NULL with 0 in .bss. */
static int symbol_bytes(const struct walk *w, const uint8_t **ret, struct error *err)
{
	const struct section *s = &w->m->sections[w->symbol.st_shndx];
	uint64_t from = w->symbol.st_value, size = w->symbol.st_size;
	int r;

	if (from > s->header.sh_size || size > s->header.sh_size - from)
		return error_set(err, EBADMSG, "symbol %s lies outside of section %s", w->name, s->name);
	if (s->header.sh_flags & SHF_COMPRESSED)
		return error_set(err, ENODATA, "symbol %s lies in a compressed section", w->name);
	r = is_relocated(w->m, w->symbol.st_shndx, from, size);
	if (r < 0)
		return error_set(err, EBADMSG, "the relocations of section %s cannot be read", s->name);
	if (r > 0)
		return error_set(err, ENODATA, "the bytes of %s are only known after relocation", w->name);
	*ret = s->data ? s->data + from : NULL;
	return 0;
}

static bool same_bytes(const uint8_t *a, size_t n, const uint8_t *b, size_t m)
{
	return n == m && (a == b || (a && b && memcmp(a, b, n) == 0));
}

int module_symbol(const struct module *m, const char *name, size_t size, const char *file,
		  const uint8_t **ret, size_t *ret_size, const char **ret_section, struct error *err)
{
	const uint8_t *first, *other;
	GElf_Sym found;
	unsigned namesakes = 0;
	struct walk w;
	int r = walk_begin(m, &w, err);

	if (r < 0)
		return r;
	if (!walk_find(&w, name, size, file) && file && !w.file)
		return error_set(err, ENODATA,
				 "the names of source files were stripped, so that %s in %s cannot be "
				 "told from namesakes",
				 name, file);
	if (!w.name)
		return error_set(err, ENOENT, "no symbol %s%s%s", name, file ? " in " : "", file ? file : "");
	r = symbol_bytes(&w, &first, err);
	if (r < 0)
		return r;
	found = w.symbol;
	/* Namesakes are no matter as long as they say the same. */
	while (walk_find(&w, name, size, file)) {
		if (++namesakes > MODULE_MAX_NAMESAKES)
			return error_set(err, ENODATA, "more than %u symbols %s", MODULE_MAX_NAMESAKES, name);
		r = symbol_bytes(&w, &other, err);
		if (r < 0)
			return r;
		if (!same_bytes(first, found.st_size, other, w.symbol.st_size))
			return error_set(err, ENODATA, "more than one symbol %s, and they differ; "
					 "its size or file must tell them apart", name);
	}
	*ret = first;
	*ret_size = found.st_size;
	*ret_section = m->sections[found.st_shndx].name;
	return 0;
}

int module_has_symbol(const struct module *m, const char *name, const char **ret_section, struct error *err)
{
	struct walk w;
	int r = walk_begin(m, &w, err);

	if (r < 0)
		return r;
	if (!walk_find(&w, name, 0, NULL))
		return 0;
	*ret_section = m->sections[w.symbol.st_shndx].name;
	return 1;
}

bool module_has_string(const struct module *m, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; n > 0 && i < m->n_sections; i++) {
		const struct section *s = &m->sections[i];

		if (s->data && (s->header.sh_flags & SHF_ALLOC) &&
		    memmem(s->data, s->header.sh_size, text, n))
			return true;
	}
	return false;
}

const char *module_modinfo(const struct module *m, const char *key, size_t *at)
{
	size_t n = strlen(key);

	while (*at < m->modinfo_size) {
		const char *line = m->modinfo + *at;

		*at += strlen(line) + 1;
		if (strncmp(line, key, n) == 0 && line[n] == '=')
			return line + n + 1;
	}
	return NULL;
}
