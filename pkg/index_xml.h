/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_INDEX_XML_H
#define HVCOMPAT_PKG_INDEX_XML_H

#include "base/error.h"
#include "base/util.h"

/*
 * XML of repositories, through expat, with bounds: no document type (and so no entities), no depth, attribute or text
 * beyond what repositories have.
 */
struct xml_reader {
	/* A name with its prefix as it stands ("rpm:entry"), and its attributes: name, value … NULL. */
	int (*start)(void *ctx, const char *name, const char **attributes, struct error *err);
	/* The text between start and end, without what is inside of further elements. */
	int (*end)(void *ctx, const char *name, const char *text, struct error *err);
	void *ctx;
};

struct xml;
struct xml *xml_new(const struct xml_reader *reader);
struct xml *xml_free(struct xml *x);
DEFINE_CLEANUP(struct xml *, xml_free)

/* The next bytes; `last`: there are no more. -EBADMSG with line and column, -E2BIG, or what the reader returned. */
int xml_feed(struct xml *x, const void *bytes, size_t n, bool last, struct error *err);

/* The value of an attribute, or NULL. */
const char *xml_attribute(const char **attributes, const char *name);

#endif
