/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_IMAGE_H
#define HVCOMPAT_KERNEL_IMAGE_H

#include "base/error.h"
#include "base/util.h"

/*
 * A kernel image as it is booted: x86 bzImage (Documentation/arch/x86/boot.rst), bare vmlinux ELF, or arm64
 * Image (Documentation/arch/arm64/booting.rst), itself perhaps gzip'ed or an EFI zboot. Bytes are fed as they
 * come out of the package, and the payload is decoded on the way into one flat buffer; as soon as all of the
 * ELF up to the end of PT_NOTE is there (kallsyms lies before it), image_feed() says "enough".
 */
struct image;

enum image_extent {
	IMAGE_TO_NOTES, /* stop behind the last PT_NOTE; an arm64 Image, which has none, is read whole */
	IMAGE_WHOLE,    /* all of the payload, its own checksum checked */
};

struct image *image_new(enum image_extent extent);
struct image *image_free(struct image *image);
DEFINE_CLEANUP(struct image *, image_free)

/* Matches member_sink.take/.end, so that an image can be plugged into package_read(). -EBADMSG: not a kernel image,
 * truncated, or its payload is corrupt; -E2BIG: claims to unpack to more than the bound (512 MiB). */
int image_feed(void *image, const uint8_t *bytes, size_t n, struct error *err);
int image_end(void *image, struct error *err);

/* All that was decoded: with IMAGE_WHOLE the file that was packed; borrowed. */
const uint8_t *image_unpacked(const struct image *image, size_t *ret_size);

/* "gzip", "bzip2", "lzma", "xz", "lzo", "lz4", "zstd", or "none" (never NULL once fed). */
const char *image_codec(const struct image *image);

/* The release: setup header's kernel_version up to the first blank, or "Linux version …" in the image. NULL: unknown. */
const char *image_release(const struct image *image);

/* uname -m: "x86_64", "i686", "aarch64"; NULL: unknown. */
const char *image_arch(const struct image *image);

unsigned image_bits(const struct image *image); /* 32 or 64 */

/*
 * Bytes of the ELF note of that owner and type; borrowed. NULL: none. -1 in *ret_size when notes were not
 * readable: malformed, or those of an arm64 Image whose symbol table does not list data (__start_notes).
 */
const uint8_t *image_note(const struct image *image, const char *owner, unsigned type, ssize_t *ret_size);

/* What kallsyms says. */
struct image_symbol {
	const char *name; /* in: what to look for; matches NAME and NAME.suffix (not .cold) */
	size_t n;         /* out: how many symbols bear it */
	uint64_t address; /* out: of the first; see image_memory() for arm64 */
	uint64_t next;    /* out: lowest address above it that has a symbol; 0: none */
	char type;        /* out: nm letter of the first */
};

/*
 * Looks all of them up in one pass. Returns 0; -ENODATA when the image holds no kallsyms that could be found
 * (`err` says why); -EBADMSG when what was found is inconsistent.
 */
int image_symbols(const struct image *image, struct image_symbol *symbols, size_t n, struct error *err);

/* Whether kallsyms lists data symbols too (CONFIG_KALLSYMS_ALL); only after image_symbols() returned 0. */
bool image_lists_data(const struct image *image);

/* Number of symbols, and layout (1 to 4) and encoding ('A' to 'D') as kallsyms.h names them, for reports; only after
 * image_symbols() returned 0. */
size_t image_symbol_count(const struct image *image);
void image_symbol_form(const struct image *image, unsigned *ret_layout, char *ret_encoding);

/*
 * Memory of the kernel at a virtual address, as the file has it; borrowed. NULL with *ret_code: -ENOENT where
 * no segment holds it (or it is in .bss), -EAGAIN where it lies behind the part that was decoded (IMAGE_WHOLE
 * has it). *ret_room: bytes that can be read there. An arm64 Image does not say where it is loaded; that
 * comes from its symbol table, and where that stores distances only (kernels from 7.0), all addresses count
 * from the first byte of the image. Where nothing tells: -ENOENT.
 */
const uint8_t *image_memory(const struct image *image, uint64_t address, size_t *ret_room, int *ret_code);

/*
 * For each text: whether its bytes occur in the read-only data of the image, as its symbols delimit them, up
 * to the notes and without the tables of symbols and types; in all that was decoded up to there, where no
 * symbol tells. One pass for all. Returns 0, or -ENODATA when the image could not be read.
 */
int image_strings(const struct image *image, const char *const *texts, size_t n, bool *ret_found, struct error *err);

/* The config that CONFIG_IKCONFIG keeps in the image, unpacked; malloc'ed. -ENODATA: there is none. */
int image_ikconfig(const struct image *image, char **ret_text, size_t *ret_size, struct error *err);

/* One symbol that a vDSO exports. */
struct vdso_symbol {
	char *name;
	char *version; /* "LINUX_2.6"; NULL: none */
};
/*
 * The exported symbols of the vDSO for `bits` (64, 32, or 3264 for x32). Returns 0 with an owned array (free
 * with vdso_symbols_free()), -ENOENT when the image has no such vDSO, -EAGAIN when it lies behind the decoded
 * part, -ENODATA when that could not be told.
 */
int image_vdso(const struct image *image, unsigned bits, struct vdso_symbol **ret, size_t *ret_n, struct error *err);
void vdso_symbols_free(struct vdso_symbol *symbols, size_t n);

/* Big endian? The readers of tables need it. */
bool image_big_endian(const struct image *image);

#endif
