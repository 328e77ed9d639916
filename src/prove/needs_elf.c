/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the loader of a program would look for: System V ABI, "Dynamic Linking". */
#include "prove/needs.h"

#include <errno.h>
#include <gelf.h>
#include <libelf.h>

#define NEEDED_NAMES_MAX 256

static int add(struct strings *ret, const char *name, size_t room, struct error *err)
{
	size_t n = name ? strnlen(name, room) : 0;

	if (n == 0 || n == room || ret->n == NEEDED_NAMES_MAX)
		return error_set(err, EBADMSG, "its dynamic section is corrupt");
	strings_add(ret, xstrndup(name, n));
	return 0;
}

static int add_dynamic(Elf *elf, const GElf_Phdr *p, struct strings *ret, struct error *err)
{
	Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)p->p_offset, p->p_filesz, ELF_T_DYN);
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t strings = 0;
	GElf_Dyn entry;

	/* The names are in the string table that the section of this segment is linked to. */
	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_DYNAMIC)
			strings = header.sh_link;
	for (int i = 0; data && gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++)
		if (entry.d_tag == DT_NEEDED && add(ret, elf_strptr(elf, strings, entry.d_un.d_val), 128, err) < 0)
			return -EBADMSG;
	return data ? 0 : error_set(err, EBADMSG, "its dynamic section is not there");
}

static int add_all(Elf *elf, const uint8_t *bytes, size_t size, struct strings *ret, struct error *err)
{
	size_t n = 0;
	int r = 0;

	if (elf_getphdrnum(elf, &n) < 0)
		return error_set(err, EBADMSG, "its program headers are corrupt: %s", elf_errmsg(-1));
	for (size_t i = 0; i < n && r == 0; i++) {
		GElf_Phdr p;

		if (!gelf_getphdr(elf, (int)i, &p) || p.p_offset > size || p.p_filesz > size - p.p_offset)
			r = error_set(err, EBADMSG, "its program header %zu is corrupt", i);
		else if (p.p_type == PT_INTERP)
			r = add(ret, (const char *)bytes + p.p_offset, p.p_filesz, err);
		else if (p.p_type == PT_DYNAMIC)
			r = add_dynamic(elf, &p, ret, err);
	}
	return r;
}

int elf_needed(const uint8_t *bytes, size_t size, struct strings *ret, struct error *err)
{
	Elf *elf;
	int r;

	if (size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return 0;
	elf_version(EV_CURRENT);
	elf = elf_memory((char *)bytes, size);
	r = elf ? add_all(elf, bytes, size, ret, err) : error_set(err, EBADMSG, "it is no ELF file: %s", elf_errmsg(-1));
	elf_end(elf);
	return r;
}
