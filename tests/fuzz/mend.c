/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/mutate.h"

#include <lzma.h>

#define TAR_BLOCK 512
#define TAR_SIZE 124
#define TAR_SUM 148

static bool all_zero(const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (b[i])
			return false;
	return true;
}

static void tar_checksum(uint8_t *b)
{
	unsigned sum = 0;
	char text[8];

	memset(b + TAR_SUM, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += b[i];
	snprintf(text, sizeof(text), "%06o", sum);
	memcpy(b + TAR_SUM, text, 7);
}

void mend_tar(uint8_t *bytes, size_t n)
{
	size_t at = 0;

	while (at + TAR_BLOCK <= n) {
		size_t size = 0;

		if (!all_zero(bytes + at, TAR_BLOCK)) {
			for (size_t i = 0; i < 11 && bytes[at + TAR_SIZE + i] >= '0' && bytes[at + TAR_SIZE + i] <= '7'; i++)
				size = size * 8 + bytes[at + TAR_SIZE + i] - '0';
			tar_checksum(bytes + at);
		}
		at += TAR_BLOCK;
		if (size <= n - at)
			at += (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	}
}

#define CPIO_HEADER 110
#define CPIO_NAME_SIZE 94
#define CPIO_SIZE 54

static size_t hex8(const uint8_t *at)
{
	char text[9] = { 0 };

	memcpy(text, at, 8);
	return strtoul(text, NULL, 16);
}

void mend_cpio(uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	size_t at = 0;

	while (at + CPIO_HEADER <= n) {
		size_t name, size;

		if (memcmp(bytes + at, "07070X", 6) == 0) {
			at += 16;
			continue;
		}
		memcpy(bytes + at, bytes[at + 5] == '2' ? "070702" : "070701", 6);
		for (size_t i = 6; i < CPIO_HEADER; i++)
			if (!memchr("0123456789abcdefABCDEF", bytes[at + i], 22))
				bytes[at + i] = (uint8_t)digits[bytes[at + i] % 16];
		name = hex8(bytes + at + CPIO_NAME_SIZE);
		size = hex8(bytes + at + CPIO_SIZE);
		if (name > n || size > n || (CPIO_HEADER + name + 3) / 4 * 4 > n - at)
			return;
		if (name > 0)
			bytes[at + CPIO_HEADER + name - 1] = '\0';
		at += (CPIO_HEADER + name + 3) / 4 * 4 + (size + 3) / 4 * 4;
	}
}

/* https://tukaani.org/xz/xz-file-format.txt */
#define XZ_HEADER 12
#define XZ_FOOTER 12

static void put32(uint8_t *at, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> 8 * i);
}

/* The blocks' headers, which stand where the index says. */
static void xz_blocks(uint8_t *bytes, size_t n, const uint8_t *index, size_t index_size)
{
	lzma_vli records = 0, unpadded, size;
	size_t in = 1, at = XZ_HEADER;

	if (lzma_vli_decode(&records, NULL, index, &in, index_size) != LZMA_OK)
		return;
	for (; records > 0 && at < n; records--) {
		size_t header = ((size_t)bytes[at] + 1) * 4;

		if (header <= n - at && bytes[at] > 0)
			put32(bytes + at + header - 4, lzma_crc32(bytes + at, header - 4, 0));
		if (lzma_vli_decode(&unpadded, NULL, index, &in, index_size) != LZMA_OK ||
		    lzma_vli_decode(&size, NULL, index, &in, index_size) != LZMA_OK || unpadded > n)
			return;
		at += (unpadded + 3) / 4 * 4;
	}
}

void mend_xz(uint8_t *bytes, size_t n)
{
	size_t back, end;
	uint8_t *footer;

	n &= ~(size_t)3;
	if (n < XZ_HEADER + XZ_FOOTER + 8)
		return;
	memcpy(bytes, "\xfd" "7zXZ", 6);
	put32(bytes + 8, lzma_crc32(bytes + 6, 2, 0));
	footer = bytes + n - XZ_FOOTER;
	memcpy(footer + 10, "YZ", 2);
	memcpy(footer + 8, bytes + 6, 2);
	back = ((size_t)footer[4] | (size_t)footer[5] << 8 | (size_t)footer[6] << 16 | (size_t)footer[7] << 24) * 4 + 4;
	end = n - XZ_FOOTER;
	if (back >= 8 && back <= end - XZ_HEADER) {
		bytes[end - back] = 0;
		put32(bytes + end - 4, lzma_crc32(bytes + end - back, back - 4, 0));
		xz_blocks(bytes, end - back, bytes + end - back, back);
	}
	put32(footer, lzma_crc32(footer + 4, 6, 0));
}
