/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/ikconfig.h"

#include <errno.h>
#include <zlib.h>

#define START "IKCFG_ST\x1f\x8b" /* the mark alone also occurs in scripts and strings */
#define START_MARK 8
#define END "IKCFG_ED"
/* A config of everything is some 300 KB. */
#define CONFIG_MAX (4u << 20)
#define PACKED_MAX (1u << 20)

static int unpack(const uint8_t *bytes, size_t n, char **ret_text, size_t *ret_size, struct error *err)
{
	_cleanup_(freep) char *text = xmalloc(CONFIG_MAX + 1);
	z_stream z = {
		.next_in = (Bytef *)bytes,
		.avail_in = (uInt)n,
		.next_out = (Bytef *)text,
		.avail_out = CONFIG_MAX,
	};
	int rc;

	if (inflateInit2(&z, MAX_WBITS + 16) != Z_OK)
		return error_set(err, ENOMEM, "no memory to unpack the kernel's own config");
	rc = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	if (rc != Z_STREAM_END)
		return error_set(err, EBADMSG,
				 "the config in the kernel image (IKCFG_ST) cannot be unpacked: %s",
				 z.msg ? z.msg : "it is cut off, or larger than 4 MiB");
	text[z.total_out] = '\0';
	*ret_size = z.total_out;
	*ret_text = xreallocarray(TAKE_PTR(text), z.total_out + 1, 1);
	return 0;
}

int ikconfig_read(const struct view *v, char **ret_text, size_t *ret_size, struct error *err)
{
	const uint8_t *start = memmem(v->bytes, v->size, START, sizeof(START) - 1), *end;
	size_t room;

	if (!start)
		return error_set(err, ENODATA,
				 "no config in the kernel image (CONFIG_IKCONFIG=n, or a module)");
	start += START_MARK;
	room = (size_t)(v->bytes + v->size - start);
	end = memmem(start, room < PACKED_MAX ? room : PACKED_MAX, END, sizeof(END) - 1);
	if (!end)
		return error_set(err, EBADMSG,
				 "the config in the kernel image begins (IKCFG_ST) but does not end");
	return unpack(start, (size_t)(end - start), ret_text, ret_size, err);
}
