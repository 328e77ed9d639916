/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_ELFIMAGE_H
#define HVCOMPAT_KERNEL_ELFIMAGE_H

#include "base/error.h"
#include "base/util.h"

#include <endian.h>

/*
 * Bytes of a file of which only a beginning may be there yet, and the program headers that say where they are
 * loaded (ELF gABI, chapter 5). libelf wants the whole file; this reads 32 and 64 bit, both byte orders, in
 * place.
 */
struct view {
	const uint8_t *bytes; /* borrowed */
	size_t size;
	bool big; /* most significant byte first */
};

/* The one range check that every read passes: `n` bytes at `offset`, or NULL when they are not all there. */
const uint8_t *view_at(const struct view *v, uint64_t offset, uint64_t n);

/* An unsigned number of `size` bytes (1, 2, 4, 8) in the view's byte order; false when it is not there. */
bool view_uint(const struct view *v, uint64_t offset, unsigned size, uint64_t *ret);

/* The same where the caller has checked that it is there. Inline: tables of 200,000 entries are read through
 * it. */
static inline uint64_t load_uint(const uint8_t *p, unsigned size, bool big)
{
	uint64_t value = 0;

	switch (size) {
	case 1:
		return *p;
	case 2:
		return big ? (uint64_t)p[0] << 8 | p[1] : (uint64_t)p[1] << 8 | p[0];
	case 4: {
		uint32_t four;

		memcpy(&four, p, 4);
		return big ? be32toh(four) : le32toh(four);
	}
	case 8:
		memcpy(&value, p, 8);
		return big ? be64toh(value) : le64toh(value);
	}
	return value;
}

/* How many program headers an image may have; a kernel has 3 to 6. */
#define ELF_SEGMENTS_MAX 64

struct elf_segment {
	uint32_t type;
	uint64_t offset;  /* in the file */
	uint64_t address; /* virtual */
	uint64_t filesz;
	uint64_t memsz;
	uint64_t align;
};

struct elfimage {
	struct view view;
	unsigned bits;	  /* 32 or 64 */
	unsigned type;	  /* ET_… */
	unsigned machine; /* EM_… */
	struct elf_segment segments[ELF_SEGMENTS_MAX];
	size_t n_segments;
	/*
	 * An arm64 Image is no ELF: it is memory as it stands, from `base` on. The file does not say where
	 * that is; until the symbol table did, `base_known` is false.
	 */
	bool flat;
	uint64_t base;
	bool base_known;
};

/* Whether these bytes begin an ELF file, or an arm64 Image (Documentation/arch/arm64/booting.rst: "ARM\x64"
 * at 0x38). */
bool elf_is(const uint8_t *bytes, size_t n);
bool arm64_image_is(const uint8_t *bytes, size_t n);
#define ARM64_HEADER_SIZE 64

/*
 * Reads the headers. Returns 0; -EAGAIN when they lie behind the `size` bytes that are there; -EBADMSG when
 * they make no sense. `bytes` stays borrowed; when more of it has come, only view.size need be set anew.
 */
int elfimage_read(const uint8_t *bytes, size_t size, struct elfimage *ret, struct error *err);

/* Where in the file the last segment of that type ends; 0 when there is none. */
uint64_t elfimage_end_of(const struct elfimage *e, uint32_t type);

/* The bytes at a virtual address; see image_memory() for the codes. */
const uint8_t *elfimage_at(const struct elfimage *e, uint64_t address, size_t *ret_room, int *ret_code);

/* The virtual address of a byte of the file; false when no segment loads it. */
bool elfimage_address(const struct elfimage *e, uint64_t offset, uint64_t *ret);

/* Whether an address is inside a loaded segment, or right behind one (as _end is). */
bool elfimage_holds(const struct elfimage *e, uint64_t address);

#endif
