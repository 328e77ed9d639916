/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/image_internal.h"

#include "kernel/elfnotes.h"
#include "kernel/ikconfig.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>

#define RELEASE_MAX 64 /* __NEW_UTS_LEN */
#define BANNER "Linux version "

struct image *image_new(enum image_extent extent)
{
	struct image *im = xcalloc(1, sizeof(*im));

	im->extent = extent;
	im->lazy = xcalloc(1, sizeof(*im->lazy));
	return im;
}

struct image *image_free(struct image *im)
{
	if (!im)
		return NULL;
	payload_free(im->payload);
	flat_done(&im->flat);
	free(im->head);
	free(im->setup_release);
	free(im->lazy->release);
	free(im->lazy);
	free(im);
	return NULL;
}

const uint8_t *image_unpacked(const struct image *image, size_t *ret_size)
{
	*ret_size = image->flat.size;
	return image->flat.bytes;
}

const char *image_codec(const struct image *im)
{
	return codec_name(im->codec);
}

char *image_release_of(const uint8_t *text, size_t n)
{
	size_t length = 0;

	while (length < n && length <= RELEASE_MAX && isgraph(text[length]))
		length++;
	if (length == 0 || length > RELEASE_MAX || length == n || !isdigit(text[0]))
		return NULL;
	return xstrndup((const char *)text, length);
}

/* The banner that the kernel prints first. */
static char *release_of_banner(const struct view *v)
{
	const uint8_t *at = v->bytes, *end = v->bytes + v->size;
	char *release = NULL;

	while (!release && at && (at = memmem(at, (size_t)(end - at), BANNER, sizeof(BANNER) - 1))) {
		at += sizeof(BANNER) - 1;
		release = image_release_of(at, (size_t)(end - at));
	}
	return release;
}

const char *image_release(const struct image *im)
{
	struct image_lazy *lazy = im->lazy;

	if (im->setup_release)
		return im->setup_release;
	if (!lazy->release_tried && im->stage == STAGE_DONE) {
		lazy->release = release_of_banner(&im->elf.view);
		lazy->release_tried = true;
	}
	return lazy->release;
}

const char *image_arch(const struct image *im)
{
	switch (im->elf.machine) {
	case EM_X86_64:
		return im->elf.bits == 64 ? "x86_64" : NULL;
	case EM_386:
		return "i686";
	case EM_AARCH64:
		return "aarch64";
	}
	return NULL;
}

unsigned image_bits(const struct image *im)
{
	return im->elf.bits;
}

bool image_big_endian(const struct image *im)
{
	return im->elf.view.big;
}

static const char *const landmarks[LANDMARK_COUNT] = {
	[LANDMARK_RODATA_START] = "__start_rodata", [LANDMARK_RODATA_END] = "__end_rodata",
	[LANDMARK_BTF_START] = "__start_BTF",	    [LANDMARK_BTF_END] = "__stop_BTF",
	[LANDMARK_NOTES_START] = "__start_notes",   [LANDMARK_NOTES_END] = "__stop_notes",
	[LANDMARK_VDSO_IMAGE_64] = "vdso_image_64", [LANDMARK_VDSO_IMAGE_X32] = "vdso_image_x32",
	[LANDMARK_VDSO_IMAGE_32] = "vdso_image_32", [LANDMARK_VDSO64_IMAGE] = "vdso64_image",
	[LANDMARK_VDSOX32_IMAGE] = "vdsox32_image", [LANDMARK_VDSO32_IMAGE] = "vdso32_image",
	[LANDMARK_VDSO_START] = "vdso_start",	    [LANDMARK_VDSO_END] = "vdso_end",
	[LANDMARK_VDSO32_START] = "vdso32_start",   [LANDMARK_VDSO32_END] = "vdso32_end",
};

static void find_kallsyms(struct image *im)
{
	struct image_lazy *lazy = im->lazy;

	lazy->kallsyms_tried = true;
	lazy->kallsyms_code = kallsyms_find(&im->elf, &lazy->kallsyms, &lazy->kallsyms_error);
	if (lazy->kallsyms_code < 0)
		return;
	if (im->elf.flat) {
		im->elf.base = lazy->kallsyms.base;
		im->elf.base_known = lazy->kallsyms.base_known;
	}
}

int image_kallsyms(const struct image *im, const struct kallsyms **ret, struct error *err)
{
	if (im->stage != STAGE_DONE)
		return error_set(err, ENODATA, "kernel image: was not read to its end");
	/* An image that is const to its reader still remembers what it was asked for. */
	if (!im->lazy->kallsyms_tried)
		find_kallsyms((struct image *)im);
	if (im->lazy->kallsyms_code < 0)
		return error_set(err, im->lazy->kallsyms_code, "%s", im->lazy->kallsyms_error.text);
	*ret = &im->lazy->kallsyms;
	return 0;
}

/* One pass for both the landmarks, unless they are known, and what the caller asks for. */
static void look_up(struct image_lazy *lazy, struct image_symbol *symbols, size_t n)
{
	_cleanup_(freep) struct image_symbol *both = NULL;

	if (lazy->landmarks_known) {
		kallsyms_lookup(&lazy->kallsyms, symbols, n);
		return;
	}
	both = xcalloc(n + LANDMARK_COUNT, sizeof(*both));
	for (size_t i = 0; i < LANDMARK_COUNT; i++)
		both[i].name = landmarks[i];
	for (size_t i = 0; i < n; i++)
		both[LANDMARK_COUNT + i].name = symbols[i].name;
	kallsyms_lookup(&lazy->kallsyms, both, n + LANDMARK_COUNT);
	memcpy(lazy->landmarks, both, sizeof(lazy->landmarks));
	lazy->landmarks_known = true;
	for (size_t i = 0; i < n; i++)
		symbols[i] = both[LANDMARK_COUNT + i];
}

bool image_landmark(const struct image *im, enum landmark which, uint64_t *ret)
{
	const struct kallsyms *k;

	if (image_kallsyms(im, &k, NULL) < 0)
		return false;
	if (!im->lazy->landmarks_known)
		look_up(im->lazy, NULL, 0);
	if (im->lazy->landmarks[which].n == 0)
		return false;
	*ret = im->lazy->landmarks[which].address;
	return true;
}

int image_symbols(const struct image *im, struct image_symbol *symbols, size_t n, struct error *err)
{
	const struct kallsyms *k;
	int rc = image_kallsyms(im, &k, err);

	if (rc == 0)
		look_up(im->lazy, symbols, n);
	return rc;
}

bool image_lists_data(const struct image *im)
{
	return im->lazy->kallsyms.lists_data;
}

size_t image_symbol_count(const struct image *im)
{
	return im->lazy->kallsyms.count;
}

void image_symbol_form(const struct image *im, unsigned *ret_layout, char *ret_encoding)
{
	*ret_layout = im->lazy->kallsyms.layout;
	*ret_encoding = (char)im->lazy->kallsyms.encoding;
}

const uint8_t *image_memory(const struct image *im, uint64_t address, size_t *ret_room, int *ret_code)
{
	const struct kallsyms *k;

	*ret_code = -ENOENT;
	if (im->stage != STAGE_DONE)
		return NULL;
	if (im->elf.flat) /* it says where an arm64 Image is loaded */
		(void)image_kallsyms(im, &k, NULL);
	return elfimage_at(&im->elf, address, ret_room, ret_code);
}

/* The notes of an arm64 Image, which has no segments, are between two symbols. */
static int flat_note(const struct image *im, const char *owner, unsigned type, const uint8_t **ret,
		     size_t *ret_size)
{
	const uint8_t *notes = NULL;
	uint64_t start, stop;
	size_t room;
	int code;

	if (!image_landmark(im, LANDMARK_NOTES_START, &start) ||
	    !image_landmark(im, LANDMARK_NOTES_END, &stop))
		return -EBADMSG;
	notes = elfimage_at(&im->elf, start, &room, &code);
	if (!notes || stop < start || stop - start > room)
		return -EBADMSG;
	return elfnotes_find(&im->elf.view, (uint64_t)(notes - im->elf.view.bytes), stop - start, 4, owner,
			     type, ret, ret_size);
}

static int elf_note(const struct image *im, const char *owner, unsigned type, const uint8_t **ret,
		    size_t *ret_size)
{
	for (size_t i = 0; i < im->elf.n_segments; i++) {
		const struct elf_segment *s = &im->elf.segments[i];
		int rc;

		if (s->type != PT_NOTE)
			continue;
		rc = elfnotes_find(&im->elf.view, s->offset, s->filesz, s->align == 8 ? 8 : 4, owner, type,
				   ret, ret_size);
		if (rc != -ENOENT)
			return rc;
	}
	return -ENOENT;
}

const uint8_t *image_note(const struct image *im, const char *owner, unsigned type, ssize_t *ret_size)
{
	const uint8_t *bytes = NULL;
	size_t size = 0;
	int rc = -EBADMSG;

	if (im->stage == STAGE_DONE)
		rc = im->elf.flat ? flat_note(im, owner, type, &bytes, &size)
				  : elf_note(im, owner, type, &bytes, &size);
	*ret_size = rc == 0 ? (ssize_t)size : rc == -ENOENT ? 0 : -1;
	return bytes;
}

int image_ikconfig(const struct image *im, char **ret_text, size_t *ret_size, struct error *err)
{
	if (im->stage != STAGE_DONE)
		return error_set(err, ENODATA, "kernel image: was not read to its end");
	return ikconfig_read(&im->elf.view, ret_text, ret_size, err);
}
