/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the bytes of a package's file to the flat, decoded image: containers, payload, and when to stop. */
#include "kernel/image_internal.h"

#include <elf.h>
#include <errno.h>

/* Documentation/arch/x86/boot.rst: fields of the setup header */
#define SETUP_SECTS 0x1f1
#define SETUP_MAGIC 0x202 /* "HdrS" */
#define SETUP_VERSION 0x206
#define SETUP_KERNEL_VERSION 0x20e /* where the string is, less 0x200 */
#define SETUP_PAYLOAD_OFFSET 0x248 /* from the end of the setup sectors; since 2.08 */
#define SETUP_PAYLOAD_LENGTH 0x24c
#define SETUP_HEADER_END 0x270
#define PROTOCOL_WITH_PAYLOAD 0x208
#define SECTOR 512

/* drivers/firmware/efi/libstub/zboot-header.S */
#define ZBOOT_MAGIC 4 /* "zimg" */
#define ZBOOT_PAYLOAD_OFFSET 8
#define ZBOOT_PAYLOAD_SIZE 12
#define ZBOOT_HEADER_END 64

/* Program headers stand right at the front; a first look after this much, a last one after that. */
#define HEADERS_FIRST (64u << 10)
#define HEADERS_LAST (4u << 20)

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)load_uint(p, 4, false);
}

static int truncated(const struct image *im, struct error *err)
{
	if (im->stage <= STAGE_SKIP)
		return error_set(err, EBADMSG, "kernel image: ends before its payload begins");
	if (im->left != 0 && !im->open_ended)
		return error_set(err, EBADMSG,
				 "kernel image: truncated, %llu bytes of its payload are missing",
				 (unsigned long long)im->left);
	return error_set(err, EBADMSG, "kernel image: truncated, its unpacked part ends after %zu bytes",
			 im->flat.size);
}

/* Where a bzImage's setup part ends and the payload's offset counts from. */
static size_t setup_size(const uint8_t *head)
{
	size_t sectors = head[SETUP_SECTS] ? head[SETUP_SECTS] : 4;

	return (sectors + 1) * SECTOR;
}

static int open_bzimage(struct image *im, struct error *err)
{
	const uint8_t *h = im->head;
	size_t version_at = SETUP_MAGIC - 2 + load_uint(h + SETUP_KERNEL_VERSION, 2, false);
	uint64_t length = le32(h + SETUP_PAYLOAD_LENGTH);

	if (load_uint(h + SETUP_VERSION, 2, false) < PROTOCOL_WITH_PAYLOAD)
		return error_set(err, EBADMSG,
				 "bzImage: boot protocol 0x%04x does not say where the payload is, 0x0208 "
				 "or later does",
				 (unsigned)load_uint(h + SETUP_VERSION, 2, false));
	if (length <= SNIFF_SIZE || length > IMAGE_UNPACKED_MAX)
		return error_set(err, EBADMSG,
				 "bzImage: setup header at 0x%x: a payload of %llu bytes makes no sense",
				 SETUP_PAYLOAD_LENGTH, (unsigned long long)length);
	if (version_at > SETUP_MAGIC - 2 && version_at < im->head_n)
		im->setup_release = image_release_of(h + version_at, im->head_n - version_at);
	im->skip = setup_size(h) + (uint64_t)le32(h + SETUP_PAYLOAD_OFFSET);
	im->left = length - TAIL_SIZE;
	im->has_tail = true;
	return 0;
}

static int open_zboot(struct image *im, struct error *err)
{
	im->skip = le32(im->head + ZBOOT_PAYLOAD_OFFSET);
	im->left = le32(im->head + ZBOOT_PAYLOAD_SIZE);
	if (im->skip < ZBOOT_HEADER_END || im->left <= SNIFF_SIZE || im->left > IMAGE_UNPACKED_MAX)
		return error_set(err, EBADMSG,
				 "EFI zboot image: header at 0x8: a payload of %llu bytes at 0x%llx makes "
				 "no sense",
				 (unsigned long long)im->left, (unsigned long long)im->skip);
	return 0;
}

/* The format, by content, once all of the head is there; sets head_want when it must be longer. */
static int open_container(struct image *im, struct error *err)
{
	const uint8_t *h = im->head;
	size_t n = im->head_n;

	if (n >= SETUP_HEADER_END && memcmp(h + SETUP_MAGIC, "HdrS", 4) == 0) {
		if (n < setup_size(h)) {
			im->head_want = setup_size(h);
			return 0;
		}
		return open_bzimage(im, err);
	}
	if (n >= ZBOOT_HEADER_END && memcmp(h, "MZ", 2) == 0 && memcmp(h + ZBOOT_MAGIC, "zimg", 4) == 0)
		return open_zboot(im, err);
	im->open_ended = true;
	im->left = UINT64_MAX;
	if (elf_is(h, n) || arm64_image_is(h, n) || codec_detect(h, n) != CODEC_NONE)
		return 0;
	return error_set(err, EBADMSG,
			 "not a kernel image: neither a bzImage, an ELF file, an arm64 Image, an EFI zboot "
			 "image nor a packed one of these");
}

static int run(struct image *im, struct span *in, struct error *err);

/* Begins with the payload, for which all that was gathered so far is looked at again. */
static int leave_head(struct image *im, struct error *err)
{
	_cleanup_(freep) uint8_t *head = TAKE_PTR(im->head);
	struct span again = { .bytes = head, .n = im->head_n };

	im->stage = STAGE_SKIP;
	im->stop = HEADERS_FIRST;
	return run(im, &again, err);
}

static int take_head(struct image *im, struct span *in, struct error *err)
{
	size_t n = im->head_want - im->head_n < in->n ? im->head_want - im->head_n : in->n;
	int rc;

	im->head = xreallocarray(im->head, im->head_want, 1);
	memcpy(im->head + im->head_n, in->bytes, n);
	im->head_n += n;
	span_take(in, n);
	if (im->head_n < im->head_want)
		return 0;
	rc = open_container(im, err);
	if (rc < 0 || im->head_n < im->head_want)
		return rc;
	return leave_head(im, err);
}

static int take_skip(struct image *im, struct span *in)
{
	size_t n = im->skip < in->n ? (size_t)im->skip : in->n;

	span_take(in, n);
	im->skip -= n;
	if (im->skip == 0)
		im->stage = STAGE_SNIFF;
	return 0;
}

/* How much of the image is wanted. */
static size_t goal(const struct image *im)
{
	uint64_t notes = elfimage_end_of(&im->elf, PT_NOTE);

	return im->extent == IMAGE_TO_NOTES && notes ? (size_t)notes : SIZE_MAX;
}

/* Reads the headers of what has been decoded; sets im->stop to where to look again. */
static int look(struct image *im, struct error *err)
{
	int rc;

	if (im->headers_read)
		return 0;
	rc = elfimage_read(im->flat.bytes, im->flat.size, &im->elf, err);
	if (rc == -EAGAIN && im->stop < HEADERS_LAST) {
		im->stop *= 2;
		return 0;
	}
	if (rc == -EAGAIN)
		return error_set(err, EBADMSG, "kernel image: its ELF program headers are not where it says");
	if (rc < 0) {
		error_prefix(err, "kernel image, unpacked (%s)", codec_name(im->codec));
		return rc;
	}
	if (elfimage_end_of(&im->elf, PT_NOTE) > IMAGE_UNPACKED_MAX)
		return error_set(err, EBADMSG, "kernel image: its ELF notes end behind 512 MiB");
	if (elfimage_end_of(&im->elf, PT_INTERP) > 0)
		return error_set(err, EBADMSG, "not a kernel image: an ELF program that wants an interpreter");
	im->headers_read = true;
	im->stop = goal(im);
	return 0;
}

/* An arm64 Image has the sections of its PE header, which end where the file does (EFI stub kernels). */
static uint64_t flat_end(const struct elfimage *e)
{
	struct view v = { .bytes = e->view.bytes, .size = e->view.size };
	uint64_t pe, n, optional, size, at, end = 0;

	if (!view_uint(&v, 0x3c, 4, &pe) || !view_at(&v, pe, 24) || memcmp(v.bytes + pe, "PE\0\0", 4) != 0 ||
	    !view_uint(&v, pe + 6, 2, &n) || !view_uint(&v, pe + 20, 2, &optional))
		return 0;
	for (uint64_t i = 0; i < n && i < 16; i++) {
		uint64_t section = pe + 24 + optional + 40 * i;

		if (view_uint(&v, section + 16, 4, &size) && view_uint(&v, section + 20, 4, &at) &&
		    at + size > end)
			end = at + size;
	}
	return end;
}

/* All that was wanted is there: what is left of the input is not needed any more. */
static int finish(struct image *im, struct error *err)
{
	uint64_t need;

	im->stop = HEADERS_LAST;
	if (im->flat.size == 0)
		return truncated(im, err);
	if (!im->headers_read) {
		int rc = look(im, err);

		if (rc < 0)
			return rc;
	}
	im->payload = payload_free(im->payload);
	im->elf.view.size = im->flat.size;
	need = im->elf.flat ? flat_end(&im->elf) : elfimage_end_of(&im->elf, PT_NOTE);
	if (!im->elf.flat && im->extent == IMAGE_WHOLE && elfimage_end_of(&im->elf, PT_LOAD) > need)
		need = elfimage_end_of(&im->elf, PT_LOAD);
	if (need > im->flat.size)
		return error_set(err, EBADMSG,
				 "kernel image: truncated, its unpacked part has %zu bytes and says it has "
				 "%llu",
				 im->flat.size, (unsigned long long)need);
	im->stage = STAGE_DONE;
	return 0;
}

/* The compressed stream has ended. */
static int stream_ended(struct image *im, struct error *err)
{
	if (im->extent == IMAGE_WHOLE && !im->open_ended && im->left > 0)
		return error_set(err, EBADMSG,
				 "kernel image: %llu bytes of its payload lie behind the end of its %s "
				 "stream",
				 (unsigned long long)im->left, codec_name(im->codec));
	if (im->extent == IMAGE_WHOLE && im->has_tail) {
		im->stage = STAGE_TAIL;
		return 0;
	}
	return finish(im, err);
}

static int decode(struct image *im, struct span *in, struct error *err)
{
	int rc;

	for (;;) {
		size_t had = in->n;

		rc = payload_feed(im->payload, in, im->stop, err);
		im->left -= had - in->n;
		if (rc < 0 || im->flat.size < im->stop)
			break;
		if (im->headers_read)
			return finish(im, err);
		rc = look(im, err);
		if (rc < 0)
			break;
	}
	return rc > 0 ? stream_ended(im, err) : rc;
}

/* No more payload comes. */
static int payload_over(struct image *im, struct error *err)
{
	int rc = payload_end(im->payload, err);

	return rc < 0 ? rc : stream_ended(im, err);
}

/* How much is `left` may be unknown, as of a plain ELF file. */
static size_t unpacked_max(const struct image *im)
{
	const uint64_t room = (IMAGE_UNPACKED_MAX - IMAGE_RATIO_SLACK) / IMAGE_RATIO_MAX;

	if (im->codec == CODEC_NONE || im->left > room)
		return IMAGE_UNPACKED_MAX;
	return im->left * IMAGE_RATIO_MAX + IMAGE_RATIO_SLACK;
}

static int start_payload(struct image *im, struct error *err)
{
	struct span sniffed = { .bytes = im->sniff, .n = im->sniff_n };
	int rc;

	im->codec = codec_detect(im->sniff, im->sniff_n);
	if (im->codec == CODEC_NONE && !elf_is(im->sniff, im->sniff_n) &&
	    !arm64_image_is(im->sniff, im->sniff_n))
		return error_set(err, EBADMSG,
				 "kernel image: its payload begins with %02x %02x %02x %02x %02x %02x, which "
				 "is no known compression",
				 im->sniff[0], im->sniff[1], im->sniff[2], im->sniff[3], im->sniff[4],
				 im->sniff[5]);
	if (im->codec == CODEC_GZIP && im->has_tail) { /* its own last four bytes are the length */
		im->has_tail = false;
		im->left += TAIL_SIZE;
	}
	rc = flat_init(&im->flat, unpacked_max(im), err);
	if (rc == 0)
		rc = payload_new(im->codec, im->extent == IMAGE_WHOLE, &im->flat, &im->payload, err);
	if (rc < 0)
		return rc;
	im->stage = STAGE_PAYLOAD;
	return decode(im, &sniffed, err);
}

static int take_sniff(struct image *im, struct span *in, struct error *err)
{
	size_t n = SNIFF_SIZE - im->sniff_n < in->n ? SNIFF_SIZE - im->sniff_n : in->n;

	memcpy(im->sniff + im->sniff_n, in->bytes, n);
	im->sniff_n += n;
	span_take(in, n);
	return im->sniff_n == SNIFF_SIZE ? start_payload(im, err) : 0;
}

static int take_payload(struct image *im, struct span *in, struct error *err)
{
	size_t n = im->left < in->n ? (size_t)im->left : in->n;
	struct span mine = { .bytes = in->bytes, .n = n };
	int rc = decode(im, &mine, err);

	span_take(in, n - mine.n);
	if (rc < 0 || im->stage != STAGE_PAYLOAD)
		return rc;
	return im->left == 0 ? payload_over(im, err) : 0;
}

static int take_tail(struct image *im, struct span *in, struct error *err)
{
	while (in->n > 0 && im->tail_n < TAIL_SIZE) {
		im->tail[im->tail_n++] = *in->bytes;
		span_take(in, 1);
	}
	if (im->tail_n < TAIL_SIZE)
		return 0;
	if (le32(im->tail) != (uint32_t)im->flat.size)
		return error_set(err, EBADMSG,
				 "kernel image: unpacks to %zu bytes, but the length behind its payload is "
				 "%u",
				 im->flat.size, le32(im->tail));
	return finish(im, err);
}

static int run(struct image *im, struct span *in, struct error *err)
{
	int rc = 0;

	while (in->n > 0 && rc == 0 && im->stage != STAGE_DONE) {
		switch (im->stage) {
		case STAGE_HEAD:
			rc = take_head(im, in, err);
			break;
		case STAGE_SKIP:
			rc = take_skip(im, in);
			break;
		case STAGE_SNIFF:
			rc = take_sniff(im, in, err);
			break;
		case STAGE_PAYLOAD:
			rc = take_payload(im, in, err);
			break;
		case STAGE_TAIL:
			rc = take_tail(im, in, err);
			break;
		case STAGE_DONE:
			break;
		}
	}
	return rc;
}

int image_feed(void *image, const uint8_t *bytes, size_t n, struct error *err)
{
	struct image *im = image;
	struct span in = { .bytes = bytes, .n = n };
	int rc;

	if (im->failed)
		return error_set(err, im->failed, "kernel image: was found to be no good before");
	if (im->head_want == 0)
		im->head_want = SETUP_HEADER_END;
	rc = run(im, &in, err);
	if (rc < 0) {
		im->failed = rc;
		im->payload = payload_free(im->payload);
		return rc;
	}
	return im->stage == STAGE_DONE && im->extent == IMAGE_TO_NOTES;
}

/* A file that is shorter than a setup header may still be something. */
static int short_file(struct image *im, struct error *err)
{
	int rc = im->head ? open_container(im, err) : truncated(im, err);

	if (rc == 0 && im->head_n < im->head_want && im->head_want > SETUP_HEADER_END)
		return truncated(im, err);
	return rc < 0 ? rc : leave_head(im, err);
}

static int end(struct image *im, struct error *err)
{
	int rc = im->stage == STAGE_HEAD ? short_file(im, err) : 0;

	if (rc < 0 || im->stage == STAGE_DONE)
		return rc;
	if (im->stage != STAGE_PAYLOAD || !im->open_ended)
		return truncated(im, err);
	rc = payload_over(im, err);
	return rc < 0 ? rc : 0;
}

int image_end(void *image, struct error *err)
{
	struct image *im = image;
	int rc;

	if (im->failed)
		return error_set(err, im->failed, "kernel image: was found to be no good before");
	rc = end(im, err);
	if (rc < 0) {
		im->failed = rc;
		im->payload = payload_free(im->payload);
	}
	return rc;
}
