/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_IMAGE_INTERNAL_H
#define HVCOMPAT_KERNEL_IMAGE_INTERNAL_H

/* What the image*.c files share; nobody else includes this. */

#include "kernel/elfimage.h"
#include "kernel/image.h"
#include "kernel/kallsyms.h"
#include "kernel/payload.h"

/* No kernel is near this: the largest with everything built in unpacks to some 150 MiB. */
#define IMAGE_UNPACKED_MAX (512u << 20)

/* And so many times what it is packed, and a piece more: images unpack to 3 to 6 times their size. */
#define IMAGE_RATIO_MAX	  40u
#define IMAGE_RATIO_SLACK (64u << 20)

/* Symbols that say where things are in an image; looked up once, along with the first others if there are
 * any. */
enum landmark {
	LANDMARK_RODATA_START,
	LANDMARK_RODATA_END,
	LANDMARK_BTF_START,
	LANDMARK_BTF_END,
	LANDMARK_NOTES_START,
	LANDMARK_NOTES_END,
	LANDMARK_VDSO_IMAGE_64,
	LANDMARK_VDSO_IMAGE_X32,
	LANDMARK_VDSO_IMAGE_32,
	LANDMARK_VDSO64_IMAGE,
	LANDMARK_VDSOX32_IMAGE,
	LANDMARK_VDSO32_IMAGE,
	LANDMARK_VDSO_START,
	LANDMARK_VDSO_END,
	LANDMARK_VDSO32_START,
	LANDMARK_VDSO32_END,
	LANDMARK_COUNT,
};

/* What is looked for in the decoded bytes when it is first asked for. Not for several threads at a time. */
struct image_lazy {
	bool kallsyms_tried;
	int kallsyms_code;
	struct error kallsyms_error;
	struct kallsyms kallsyms;
	bool landmarks_known;
	struct image_symbol landmarks[LANDMARK_COUNT];
	bool release_tried;
	char *release;
};

enum image_stage {
	STAGE_HEAD,    /* gathers what tells the format */
	STAGE_SKIP,    /* passes over what lies before the payload */
	STAGE_SNIFF,   /* gathers what tells the payload's codec */
	STAGE_PAYLOAD, /* decodes */
	STAGE_TAIL,    /* the length that the build appends to most payloads */
	STAGE_DONE,
};

#define SNIFF_SIZE 64
#define TAIL_SIZE 4

struct image {
	enum image_extent extent;
	enum image_stage stage;
	int failed; /* what a former call failed with */
	struct flat flat;
	enum codec codec;
	struct payload *payload;
	/* The container's beginning: for a bzImage all of its setup part */
	uint8_t *head;
	size_t head_n, head_want;
	uint64_t skip;	 /* bytes to the payload */
	uint64_t left;	 /* bytes of payload still to come, without the appended length */
	bool open_ended; /* the payload goes to the end of the file */
	bool has_tail;	 /* TAIL_SIZE bytes follow the payload, unless it is gzip */
	uint8_t sniff[SNIFF_SIZE];
	size_t sniff_n;
	uint8_t tail[TAIL_SIZE];
	size_t tail_n;
	size_t stop; /* decode so far, then look again */
	bool headers_read;
	struct elfimage elf;
	char *setup_release;
	struct image_lazy *lazy;
};

/* The symbol table, found once; as image_symbols() fails. On success elf.base is known if it can be. */
int image_kallsyms(const struct image *im, const struct kallsyms **ret, struct error *err);

/* The landmark's address; false when the table does not list it, or there is none. */
bool image_landmark(const struct image *im, enum landmark which, uint64_t *ret);

/* A release as uname -r gives it, from the beginning of `text` to the first blank; owned. NULL when it is
 * none. */
char *image_release_of(const uint8_t *text, size_t n);

#endif
