/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/index_xml.h"

#include <errno.h>
#include <expat.h>

#define DEPTH_MAX 32
#define ATTRIBUTE_MAX ((size_t)1 << 20)
#define TEXT_MAX ((size_t)1 << 20)
#define PIECE_MAX ((size_t)1 << 30)

struct xml {
	XML_Parser parser;
	struct xml_reader reader;
	struct buf text;
	unsigned depth;
	struct error error; /* of the reader, or a bound */
};

static void stop(struct xml *x)
{
	XML_StopParser(x->parser, XML_FALSE);
}

static void refuse(struct xml *x, int code, const char *why)
{
	error_set(&x->error, code, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(x->parser), why);
	stop(x);
}

static void XMLCALL on_start(void *ctx, const char *name, const char **attributes)
{
	struct xml *x = ctx;

	if (x->error.code)
		return;
	if (++x->depth > DEPTH_MAX) {
		refuse(x, E2BIG, "elements inside of each other beyond all that repositories have");
		return;
	}
	for (size_t i = 0; attributes[i]; i++)
		if (strlen(attributes[i]) > ATTRIBUTE_MAX) {
			refuse(x, E2BIG, "an attribute of more than a megabyte");
			return;
		}
	x->text.len = 0;
	if (x->reader.start(x->reader.ctx, name, attributes, &x->error) < 0)
		stop(x);
}

static void XMLCALL on_end(void *ctx, const char *name)
{
	struct xml *x = ctx;

	x->depth--;
	if (x->error.code)
		return;
	buf_add(&x->text, "", 0);
	if (x->reader.end(x->reader.ctx, name, x->text.text, &x->error) < 0)
		stop(x);
	x->text.len = 0;
}

static void XMLCALL on_text(void *ctx, const char *text, int n)
{
	struct xml *x = ctx;

	if (x->error.code)
		return;
	if (x->text.len + (size_t)n > TEXT_MAX)
		refuse(x, E2BIG, "a text of more than a megabyte");
	else
		buf_add(&x->text, text, (size_t)n);
}

static void XMLCALL on_doctype(void *ctx, const char *name, const char *system, const char *public, int subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)subset;
	refuse(ctx, EBADMSG, "a document type, which no repository has: it could bring entities");
}

struct xml *xml_new(const struct xml_reader *reader)
{
	struct xml *x = xcalloc(1, sizeof(*x));

	x->parser = XML_ParserCreate("UTF-8");
	if (!x->parser)
		return xml_free(x);
	x->reader = *reader;
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
	return x;
}

struct xml *xml_free(struct xml *x)
{
	if (!x)
		return NULL;
	if (x->parser)
		XML_ParserFree(x->parser);
	buf_done(&x->text);
	free(x);
	return NULL;
}

int xml_feed(struct xml *x, const void *bytes, size_t n, bool last, struct error *err)
{
	if (n > PIECE_MAX)
		return error_set(err, E2BIG, "a piece of more than a gigabyte");
	if (XML_Parse(x->parser, bytes, (int)n, last) == XML_STATUS_OK)
		return 0;
	if (x->error.code)
		return error_set(err, x->error.code, "%s", x->error.text);
	return error_set(err, EBADMSG, "line %lu, column %lu: %s", (unsigned long)XML_GetCurrentLineNumber(x->parser),
			 (unsigned long)XML_GetCurrentColumnNumber(x->parser), XML_ErrorString(XML_GetErrorCode(x->parser)));
}

const char *xml_attribute(const char **attributes, const char *name)
{
	for (size_t i = 0; attributes[i]; i += 2)
		if (streq(attributes[i], name))
			return attributes[i + 1];
	return NULL;
}
