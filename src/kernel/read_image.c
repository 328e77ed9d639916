/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/read.h"

#include <ctype.h>
#include <errno.h>

/* Longer payloads of notes than this are not shown. */
#define NOTE_TEXT_MAX 256

/* What lies between a table of known size and the next symbol is alignment at most. */
#define ALIGNMENT_MAX 64

/* No more of a symbol's bytes than this are looked at: the longest table with the widest stride. */
#define SYMBOL_BYTES_MAX (1u << 20)

static bool is_symbol_want(const struct want *w)
{
	return w->kind == WANT_SYMBOL || w->kind == WANT_TABLE || w->kind == WANT_VALUE;
}

static char *note_text(const uint8_t *data, size_t n, bool big_endian)
{
	size_t text = n > 0 && data[n - 1] == '\0' ? n - 1 : n;
	bool printable = text > 0;
	struct buf b = { 0 };

	if (n == 0 || n > NOTE_TEXT_MAX)
		return NULL;
	for (size_t i = 0; i < text; i++)
		printable = printable && isprint(data[i]);
	if (printable)
		return xstrndup((const char *)data, text);
	if (n == 8)
		return xasprintf("%#llx", (unsigned long long)table_number(data, ELEMENT_U64, big_endian));
	for (size_t i = 0; n % 4 == 0 && i < n; i += 4)
		buf_addf(&b, "%s%#llx", i ? " " : "",
			 (unsigned long long)table_number(data + i, ELEMENT_U32, big_endian));
	return b.text;
}

/* An entry point of zero, or none at all, is no way in. */
static bool all_zero(const uint8_t *data, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (data[i] != 0)
			return false;
	return true;
}

static void answer_note(struct reading *r, size_t i)
{
	const struct want *w = &r->wants->wants[i];
	ssize_t size = 0;
	const uint8_t *data = image_note(r->image, w->name, w->type, &size);

	if (data && all_zero(data, (size_t)size))
		fact_unknown(r, i, "note %s/%u is there, but %s", w->name, w->type,
			     size > 0 ? "all its contents are zero" : "empty");
	else if (data)
		fact_found(r, i, &r->image_at, note_text(data, (size_t)size, image_big_endian(r->image)),
			   "note %s/%u", w->name, w->type);
	else if (size < 0)
		fact_unknown(r, i, "the ELF notes of this kernel image cannot be read");
	else
		fact_absent(r, i, &r->image_at, NULL, "note %s/%u", w->name, w->type);
}

static void answer_payload(struct reading *r, size_t i)
{
	const char *codec = image_codec(r->image);

	if (streq(codec, r->wants->wants[i].name))
		fact_found(r, i, &r->image_at, xstrdup(codec), "payload");
	else
		fact_absent(r, i, &r->image_at, xstrdup(codec), "payload");
}

static bool exports(const struct vdso_symbol *symbols, size_t n, const struct want *w)
{
	/* No name: the image itself is wanted. */
	if (w->name[0] == '\0')
		return true;
	for (size_t i = 0; i < n; i++)
		if (streq(symbols[i].name, w->name) &&
		    (!w->version || streq_null(symbols[i].version, w->version)))
			return true;
	return false;
}

/* Not yet decoded: a deeper reading has it, unless this was the deepest. */
static void answer_behind(struct reading *r, size_t i, const char *what)
{
	if (r->depth == DEPTH_VERIFY)
		fact_unknown(r, i, "%s lies outside of what the kernel image holds", what);
}

static void answer_vdso(struct reading *r, size_t i)
{
	const struct want *w = &r->wants->wants[i];
	struct vdso_symbol *symbols = NULL;
	struct error why = { 0 };
	size_t n = 0;
	int q = image_vdso(r->image, w->type, &symbols, &n, &why);

	if (q == -EAGAIN)
		answer_behind(r, i, "the vDSO");
	else if (q < 0 && q != -ENOENT)
		fact_unknown(r, i, "the vDSO for %u bits: %s", w->type, why.text);
	else if (q == 0 && exports(symbols, n, w))
		fact_found(r, i, &r->image_at, NULL, "vDSO%u %s%s%s", w->type, w->name, w->version ? "@" : "",
			   w->version ? w->version : "");
	else
		fact_absent(r, i, &r->image_at, NULL, "vDSO%u %s", w->type, w->name);
	if (q == 0)
		vdso_symbols_free(symbols, n);
}

/* Functions are always listed, data only with CONFIG_KALLSYMS_ALL. */
static void answer_symbol(struct reading *r, size_t i, const struct image_symbol *s)
{
	const struct want *w = &r->wants->wants[i];

	if (s->n > 0)
		fact_found(r, i, &r->image_at, NULL, "kallsyms %s", w->name);
	else if (w->object && !image_lists_data(r->image))
		fact_unknown(r, i, "%s is data, and the symbol table of this image lists functions only",
			     w->name);
	else
		fact_absent(r, i, &r->image_at, NULL, "kallsyms %s", w->name);
}

/*
 * What is known of where a table in the image ends. There are no sizes; but where the knowledge gives one,
 * the next symbol must stand behind it, and not further than alignment explains.
 */
static bool table_extent(const struct want *w, const struct image_symbol *s, size_t room,
			 struct table_bytes *b)
{
	uint64_t extent = s->next > s->address ? s->next - s->address : room;

	if (extent > SYMBOL_BYTES_MAX)
		extent = SYMBOL_BYTES_MAX;
	b->size = room < extent ? room : extent;
	b->open = true;
	if (w->kind != WANT_TABLE || w->layout.size == 0)
		return true;
	if (w->layout.size > b->size || (s->next && extent - w->layout.size >= ALIGNMENT_MAX))
		return false;
	b->size = w->layout.size;
	b->open = false;
	return true;
}

static void answer_at(struct reading *r, size_t i, const struct image_symbol *s)
{
	const struct want *w = &r->wants->wants[i];
	struct table_bytes b = { .big_endian = image_big_endian(r->image) };
	_cleanup_(freep) char *place = xasprintf("kallsyms %s", w->name);
	size_t room = 0;
	int code = 0;

	b.data = image_memory(r->image, s->address, &room, &code);
	if (!b.data && code == -EAGAIN) {
		answer_behind(r, i, w->name);
		return;
	}
	if (!b.data)
		fact_unknown(r, i, "%s has no contents in the kernel image (it lies in .bss)", w->name);
	else if (!table_extent(w, s, room, &b))
		fact_unknown(r, i, "%s does not have the %u bytes of the layout that is known", w->name,
			     w->layout.size);
	else
		answer_bytes(r, i, &b, &r->image_at, place);
}

static void answer_array(struct reading *r, size_t i, const struct image_symbol *s)
{
	const struct want *w = &r->wants->wants[i];

	if (s->n == 1)
		answer_at(r, i, s);
	else if (s->n > 1)
		fact_unknown(r, i,
			     "%zu symbols of the kernel image are called %s, and nothing tells them apart",
			     s->n, w->name);
	else if (!image_lists_data(r->image))
		fact_unknown(r, i, "%s is data, and the symbol table of this image lists functions only",
			     w->name);
	else if (w->of)
		fact_unknown(r, i, "%s is built in, but the kernel image has no symbol %s", w->of, w->name);
	else
		fact_absent(r, i, &r->image_at, NULL, "kallsyms %s", w->name);
}

static void answer_from_symbols(struct reading *r, const size_t *wants, size_t n,
				const struct image_symbol *symbols)
{
	for (size_t i = 0; i < n; i++) {
		const struct want *w = &r->wants->wants[wants[i]];

		if (!is_symbol_want(w))
			continue;
		if (w->kind == WANT_SYMBOL)
			answer_symbol(r, wants[i], symbols);
		else
			answer_array(r, wants[i], symbols);
		symbols++;
	}
}

/* A symbol table that cannot be read, or not made sense of, may just be of a kernel newer than we are. */
static void answer_symbols(struct reading *r, const size_t *wants, size_t n)
{
	_cleanup_(freep) struct image_symbol *symbols = xcalloc(n, sizeof(*symbols));
	struct error why = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (is_symbol_want(&r->wants->wants[wants[i]]))
			symbols[count++].name = r->wants->wants[wants[i]].name;
	if (count == 0)
		return;
	if (image_symbols(r->image, symbols, count, &why) == 0) {
		answer_from_symbols(r, wants, n, symbols);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (is_symbol_want(&r->wants->wants[wants[i]]))
			fact_unknown(r, wants[i], "the symbol table of the kernel image cannot be read: %s",
				     why.text);
}

static void answer_strings(struct reading *r, const size_t *wants, size_t n)
{
	_cleanup_(freep) const char **texts = xcalloc(n, sizeof(*texts));
	_cleanup_(freep) size_t *which = xcalloc(n, sizeof(*which));
	_cleanup_(freep) bool *found = xcalloc(n, sizeof(*found));
	struct error why = { 0 };
	size_t count = 0;
	int q;

	for (size_t i = 0; i < n; i++) {
		if (r->wants->wants[wants[i]].kind != WANT_STRING)
			continue;
		texts[count] = r->wants->wants[wants[i]].name;
		which[count++] = wants[i];
	}
	if (count == 0)
		return;
	q = image_strings(r->image, texts, count, found, &why);
	for (size_t i = 0; i < count; i++) {
		if (q < 0)
			fact_unknown(r, which[i], "the strings of the kernel image cannot be read: %s",
				     why.text);
		else if (found[i])
			fact_found(r, which[i], &r->image_at, xstrdup(texts[i]), "string");
		else
			fact_absent(r, which[i], &r->image_at, NULL, "string");
	}
}

static void no_image(struct reading *r, size_t i)
{
	_cleanup_(freep) char *missing = NULL;
	const struct member *members;

	if (r->image_state == IMAGE_SKIPPED || r->image_state == IMAGE_HEADER)
		return;
	missing = missing_package(r->kernel);
	if (r->image_state == IMAGE_MISSING) {
		fact_unknown(r, i,
			     "no kernel image in the given packages; add the one that holds vmlinuz%s%s",
			     *missing ? ", perhaps " : "", missing);
		return;
	}
	package_members(r->image_at.part->origin->package, &members);
	fact_unknown(r, i, "cannot read /%s: run as root", members[r->image_at.member].path);
}

void answer_image(struct reading *r, const size_t *wants, size_t n)
{
	/* Symbols first: one pass through them finds what is asked and the landmarks that the others need. */
	if (r->image_state == IMAGE_READ) {
		answer_symbols(r, wants, n);
		answer_strings(r, wants, n);
	}
	for (size_t i = 0; i < n; i++) {
		if (r->image_state != IMAGE_READ)
			no_image(r, wants[i]);
		else if (r->wants->wants[wants[i]].kind == WANT_NOTE)
			answer_note(r, wants[i]);
		else if (r->wants->wants[wants[i]].kind == WANT_PAYLOAD)
			answer_payload(r, wants[i]);
		else if (r->wants->wants[wants[i]].kind == WANT_VDSO)
			answer_vdso(r, wants[i]);
	}
}
