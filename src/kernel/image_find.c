/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is looked for in the decoded image beside its symbols: texts, and the vDSO images. */
#include "kernel/image_internal.h"

#include "kernel/strings.h"
#include "kernel/vdso.h"

#include <elf.h>
#include <errno.h>

#define EXTENTS_MAX 8
#define PAGE 4096
#define VDSO_SIZE_MAX (1u << 20)

/* Parts of the decoded image, as offsets. */
struct parts {
	struct {
		size_t from, to;
	} part[EXTENTS_MAX];
	size_t n;
};

/* Takes [from, to) out of the parts. */
static void parts_remove(struct parts *p, size_t from, size_t to)
{
	size_t n = p->n;

	for (size_t i = 0; i < n; i++) {
		size_t end = p->part[i].to;

		if (to <= p->part[i].from || from >= end || from >= to)
			continue;
		if (from > p->part[i].from)
			p->part[i].to = from;
		else
			p->part[i].from = to < end ? to : end;
		if (from > p->part[i].from && to < end && p->n < EXTENTS_MAX) {
			p->part[p->n].from = to;
			p->part[p->n++].to = end;
		}
	}
}

/* Two landmarks as a range of the file, cut to what was decoded. */
static bool landmark_range(const struct image *im, enum landmark first, enum landmark last, size_t *ret_from,
			   size_t *ret_to)
{
	const uint8_t *bytes;
	uint64_t from, to;
	size_t room;
	int code;

	if (!image_landmark(im, first, &from) || !image_landmark(im, last, &to) || from >= to)
		return false;
	bytes = elfimage_at(&im->elf, from, &room, &code);
	if (!bytes)
		return false;
	*ret_from = (size_t)(bytes - im->elf.view.bytes);
	*ret_to = *ret_from + (to - from < room ? (size_t)(to - from) : room);
	return true;
}

/*
 * Where messages are: read-only data as the symbols delimit it, or all that was decoded where they do not;
 * without the tables in it that have no messages but are larger than the rest. The same part whatever the
 * extent of reading, so that an answer does not depend on it: nothing behind the notes. False: none of it was
 * decoded, which is no reason to call a text absent.
 */
static bool message_parts(const struct image *im, struct parts *p)
{
	uint64_t notes = elfimage_end_of(&im->elf, PT_NOTE), told;
	const struct kallsyms *k;
	size_t from, to;

	if (!image_landmark(im, LANDMARK_RODATA_START, &told) ||
	    !image_landmark(im, LANDMARK_RODATA_END, &told)) {
		from = 0;
		to = im->elf.view.size;
	} else if (!landmark_range(im, LANDMARK_RODATA_START, LANDMARK_RODATA_END, &from, &to)) {
		return false;
	}
	if (notes && notes < to)
		to = (size_t)notes;
	p->part[0].from = from;
	p->part[0].to = to;
	p->n = from < to;
	if (image_kallsyms(im, &k, NULL) == 0)
		parts_remove(p, k->begin, k->end);
	if (landmark_range(im, LANDMARK_BTF_START, LANDMARK_BTF_END, &from, &to))
		parts_remove(p, from, to);
	return p->n > 0;
}

int image_strings(const struct image *im, const char *const *texts, size_t n, bool *ret_found,
		  struct error *err)
{
	struct parts p = { .n = 0 };
	struct extent extents[EXTENTS_MAX];

	if (im->stage != STAGE_DONE)
		return error_set(err, ENODATA, "kernel image: was not read to its end");
	if (!message_parts(im, &p))
		return error_set(err, ENODATA,
				 "the read-only data of the kernel image lies behind the part that was decoded");
	for (size_t i = 0; i < p.n; i++) {
		extents[i].bytes = im->elf.view.bytes + p.part[i].from;
		extents[i].size = p.part[i].to - p.part[i].from;
	}
	strings_search(extents, p.n, texts, n, ret_found);
	return 0;
}

/* Where the symbols of a kind of vDSO lead: a struct of pointer and size, or the image's own two ends. */
static const struct {
	unsigned bits;
	enum landmark image[2];	  /* struct vdso_image of x86, under both its names */
	enum landmark start, end; /* arm64; LANDMARK_COUNT: it has none */
} kinds[] = {
	{ 64, { LANDMARK_VDSO_IMAGE_64, LANDMARK_VDSO64_IMAGE }, LANDMARK_VDSO_START, LANDMARK_VDSO_END },
	{ 32, { LANDMARK_VDSO_IMAGE_32, LANDMARK_VDSO32_IMAGE }, LANDMARK_VDSO32_START, LANDMARK_VDSO32_END },
	{ 3264, { LANDMARK_VDSO_IMAGE_X32, LANDMARK_VDSOX32_IMAGE }, LANDMARK_COUNT, LANDMARK_COUNT },
};

/* Reads "void *data; unsigned long size" (arch/x86/include/asm/vdso.h). */
static int pointer_and_size(const struct image *im, uint64_t address, uint64_t *ret_data, uint64_t *ret_size)
{
	unsigned word = im->elf.bits / 8;
	size_t room;
	int code;
	const uint8_t *p = elfimage_at(&im->elf, address, &room, &code);

	if (!p)
		return code;
	if (room < 2 * word)
		return -ENOENT;
	*ret_data = load_uint(p, word, im->elf.view.big);
	*ret_size = load_uint(p + word, word, im->elf.view.big);
	return 0;
}

/* 0 with address and size of the vDSO, -ENOENT when no symbol tells, -EAGAIN when what tells was not decoded.
 */
static int locate(const struct image *im, size_t kind, uint64_t *ret_data, uint64_t *ret_size)
{
	uint64_t at, end;

	for (size_t i = 0; i < ARRAY_SIZE(kinds[kind].image); i++)
		if (image_landmark(im, kinds[kind].image[i], &at))
			return pointer_and_size(im, at, ret_data, ret_size);
	if (kinds[kind].start == LANDMARK_COUNT || !image_landmark(im, kinds[kind].start, &at) ||
	    !image_landmark(im, kinds[kind].end, &end) || end < at)
		return -ENOENT;
	*ret_data = at;
	*ret_size = end - at;
	return 0;
}

/* Where the symbols do not list data: the first page that begins with a shared object of that kind. */
static const uint8_t *scan(const struct image *im, unsigned bits, size_t *ret_size)
{
	const struct view *v = &im->elf.view;

	for (size_t at = PAGE; at < v->size; at += PAGE)
		if (vdso_begins(v->bytes + at, v->size - at, bits)) {
			*ret_size = v->size - at < VDSO_SIZE_MAX ? v->size - at : VDSO_SIZE_MAX;
			return v->bytes + at;
		}
	return NULL;
}

/* Whether that is known: a 32-bit kernel, for one, has none but its own. */
static int no_vdso(const struct image *im, unsigned bits, struct error *err)
{
	const struct kallsyms *k;

	if (im->elf.bits < bits || im->extent == IMAGE_WHOLE || im->elf.flat || (image_kallsyms(im, &k, NULL) == 0 && k->lists_data))
		return error_set(err, ENOENT, "no such vDSO in the kernel image");
	return error_set(err, EAGAIN, "no such vDSO in the part of the kernel image that was decoded");
}

static int vdso_bytes(const struct image *im, size_t kind, const uint8_t **ret, size_t *ret_size,
		      struct error *err)
{
	uint64_t address = 0, size = 0;
	size_t room = 0;
	int rc = locate(im, kind, &address, &size);

	if (rc == -ENOENT) {
		*ret = scan(im, kinds[kind].bits, ret_size);
		return *ret ? 0 : no_vdso(im, kinds[kind].bits, err);
	}
	if (rc == 0)
		*ret = elfimage_at(&im->elf, address, &room, &rc);
	if (rc == -EAGAIN)
		return error_set(err, EAGAIN,
				 "the vDSO lies behind the part of the kernel image that was decoded");
	if (rc < 0 || size > room || size > VDSO_SIZE_MAX || !vdso_begins(*ret, size, kinds[kind].bits))
		return error_set(err, ENODATA,
				 "the symbols of the vDSO in the kernel image lead to no shared object");
	*ret_size = size;
	return 0;
}

int image_vdso(const struct image *im, unsigned bits, struct vdso_symbol **ret, size_t *ret_n,
	       struct error *err)
{
	const uint8_t *bytes = NULL;
	size_t kind = 0, size = 0;
	int rc;

	while (kind < ARRAY_SIZE(kinds) && kinds[kind].bits != bits)
		kind++;
	if (im->stage != STAGE_DONE || kind == ARRAY_SIZE(kinds))
		return error_set(err, ENODATA,
				 "kernel image: was not read to its end, or has no vDSO of %u bits", bits);
	rc = vdso_bytes(im, kind, &bytes, &size, err);
	if (rc < 0)
		return rc;
	rc = vdso_read(bytes, size, ret, ret_n, err);
	return rc < 0 ? -ENODATA : 0;
}
