/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/elfimage.h"

#include <elf.h>
#include <errno.h>

/* Program headers follow the ELF header at once in every kernel; this is generous. */
#define ELF_HEADERS_END_MAX (1u << 20)
/* How much memory an arm64 Image may span, its .bss included. */
#define FLAT_SPAN_MAX (1u << 30)

const uint8_t *view_at(const struct view *v, uint64_t offset, uint64_t n)
{
	if (offset > v->size || n > v->size - offset)
		return NULL;
	return v->bytes + offset;
}

bool view_uint(const struct view *v, uint64_t offset, unsigned size, uint64_t *ret)
{
	const uint8_t *p = view_at(v, offset, size);

	if (!p)
		return false;
	*ret = load_uint(p, size, v->big);
	return true;
}

bool elf_is(const uint8_t *bytes, size_t n)
{
	return n >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

bool arm64_image_is(const uint8_t *bytes, size_t n)
{
	return n >= ARM64_HEADER_SIZE && memcmp(bytes + 0x38, "ARM\x64", 4) == 0;
}

static void read_flat(struct elfimage *e)
{
	uint64_t flags = load_uint(e->view.bytes + 24, 8, false);

	e->flat = true;
	e->bits = 64;
	e->machine = EM_AARCH64;
	e->view.big =
		flags & 1; /* bit 0: byte order of the kernel; the header itself is always little endian */
}

/* A field of the program header `at`, whose place differs between the classes. */
static uint64_t field(const struct elfimage *e, const uint8_t *at, unsigned in32, unsigned in64)
{
	return e->bits == 64 ? load_uint(at + in64, 8, e->view.big) : load_uint(at + in32, 4, e->view.big);
}

static struct elf_segment read_segment(const struct elfimage *e, const uint8_t *at)
{
	return (struct elf_segment){
		.type = (uint32_t)load_uint(at, 4, e->view.big),
		.offset = field(e, at, offsetof(Elf32_Phdr, p_offset), offsetof(Elf64_Phdr, p_offset)),
		.address = field(e, at, offsetof(Elf32_Phdr, p_vaddr), offsetof(Elf64_Phdr, p_vaddr)),
		.filesz = field(e, at, offsetof(Elf32_Phdr, p_filesz), offsetof(Elf64_Phdr, p_filesz)),
		.memsz = field(e, at, offsetof(Elf32_Phdr, p_memsz), offsetof(Elf64_Phdr, p_memsz)),
		.align = field(e, at, offsetof(Elf32_Phdr, p_align), offsetof(Elf64_Phdr, p_align)),
	};
}

/* No sum of a segment's numbers may overflow, so that nobody behind this need check again. */
static bool segment_sane(const struct elf_segment *s)
{
	uint64_t end;

	return !__builtin_add_overflow(s->offset, s->filesz, &end) &&
	       !__builtin_add_overflow(s->address, s->memsz, &end) &&
	       !__builtin_add_overflow(s->address, s->filesz, &end) &&
	       (s->type != PT_LOAD || s->filesz <= s->memsz);
}

static int read_segments(struct elfimage *e, struct error *err)
{
	bool wide = e->bits == 64;
	const uint8_t *h = e->view.bytes;
	uint64_t at = wide ? load_uint(h + 32, 8, e->view.big) : load_uint(h + 28, 4, e->view.big);
	uint64_t size = load_uint(h + (wide ? 54 : 42), 2, e->view.big);
	uint64_t n = load_uint(h + (wide ? 56 : 44), 2, e->view.big);

	if (n == 0 || n > ELF_SEGMENTS_MAX)
		return error_set(err, EBADMSG, "ELF header: %llu program headers, expected 1 to %d",
				 (unsigned long long)n, ELF_SEGMENTS_MAX);
	if (size != (wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) || at > ELF_HEADERS_END_MAX)
		return error_set(err, EBADMSG,
				 "ELF header: program headers of %llu bytes at 0x%llx make no sense",
				 (unsigned long long)size, (unsigned long long)at);
	if (!view_at(&e->view, at, n * size))
		return -EAGAIN;
	for (size_t i = 0; i < n; i++) {
		e->segments[i] = read_segment(e, h + at + i * size);
		if (!segment_sane(&e->segments[i]))
			return error_set(err, EBADMSG, "ELF program header %zu: its sizes make no sense", i);
	}
	e->n_segments = n;
	return 0;
}

int elfimage_read(const uint8_t *bytes, size_t size, struct elfimage *ret, struct error *err)
{
	struct elfimage e = { .view = { .bytes = bytes, .size = size } };
	int rc;

	if (size < sizeof(Elf64_Ehdr))
		return -EAGAIN;
	if (arm64_image_is(bytes, size)) {
		read_flat(&e);
		*ret = e;
		return 0;
	}
	if (!elf_is(bytes, size) || (bytes[EI_CLASS] != ELFCLASS32 && bytes[EI_CLASS] != ELFCLASS64) ||
	    (bytes[EI_DATA] != ELFDATA2LSB && bytes[EI_DATA] != ELFDATA2MSB))
		return error_set(err, EBADMSG, "neither an ELF file nor an arm64 Image");
	e.bits = bytes[EI_CLASS] == ELFCLASS64 ? 64 : 32;
	e.view.big = bytes[EI_DATA] == ELFDATA2MSB;
	e.type = (unsigned)load_uint(bytes + 16, 2, e.view.big);
	e.machine = (unsigned)load_uint(bytes + 18, 2, e.view.big);
	rc = read_segments(&e, err);
	if (rc == 0)
		*ret = e;
	return rc;
}

uint64_t elfimage_end_of(const struct elfimage *e, uint32_t type)
{
	uint64_t end = 0;

	for (size_t i = 0; i < e->n_segments; i++) {
		const struct elf_segment *s = &e->segments[i];

		if (s->type == type && s->filesz > 0 && s->offset + s->filesz > end)
			end = s->offset + s->filesz;
	}
	return end;
}

/* The view's bytes from `offset` on, at most up to `end`. */
static const uint8_t *decoded(const struct elfimage *e, uint64_t offset, uint64_t end, size_t *ret_room,
			      int *ret_code)
{
	if (offset >= e->view.size) {
		*ret_code = -EAGAIN;
		return NULL;
	}
	*ret_room = (size_t)((end < e->view.size ? end : e->view.size) - offset);
	*ret_code = 0;
	return e->view.bytes + offset;
}

static const uint8_t *flat_at(const struct elfimage *e, uint64_t address, size_t *ret_room, int *ret_code)
{
	uint64_t offset = address - e->base;

	*ret_code = -ENOENT;
	if (!e->base_known || address < e->base || offset >= e->view.size)
		return NULL;
	return decoded(e, offset, e->view.size, ret_room, ret_code);
}

const uint8_t *elfimage_at(const struct elfimage *e, uint64_t address, size_t *ret_room, int *ret_code)
{
	if (e->flat)
		return flat_at(e, address, ret_room, ret_code);
	for (size_t i = 0; i < e->n_segments; i++) {
		const struct elf_segment *s = &e->segments[i];

		if (s->type == PT_LOAD && address >= s->address && address - s->address < s->filesz)
			return decoded(e, s->offset + (address - s->address), s->offset + s->filesz, ret_room,
				       ret_code);
	}
	*ret_code = -ENOENT;
	return NULL;
}

bool elfimage_address(const struct elfimage *e, uint64_t offset, uint64_t *ret)
{
	if (e->flat) {
		*ret = e->base + offset;
		return true;
	}
	for (size_t i = 0; i < e->n_segments; i++) {
		const struct elf_segment *s = &e->segments[i];

		if (s->type == PT_LOAD && offset >= s->offset && offset - s->offset < s->filesz) {
			*ret = s->address + (offset - s->offset);
			return true;
		}
	}
	return false;
}

bool elfimage_holds(const struct elfimage *e, uint64_t address)
{
	if (e->flat)
		return address >= e->base && address - e->base <= FLAT_SPAN_MAX;
	for (size_t i = 0; i < e->n_segments; i++) {
		const struct elf_segment *s = &e->segments[i];

		if (s->type == PT_LOAD && address >= s->address && address - s->address <= s->memsz)
			return true;
	}
	return false;
}
