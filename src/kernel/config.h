/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_CONFIG_H
#define HVCOMPAT_KERNEL_CONFIG_H

#include "base/error.h"
#include "base/util.h"

/*
 * A kernel's .config: lines "CONFIG_X=value" and "# CONFIG_X is not set", blank lines, and comments
 * (Documentation/kbuild/kconfig.rst, scripts/kconfig/confdata.c). Symbols are named without "CONFIG_".
 */
struct config;

#define CONFIG_MAX_BYTES (16u << 20)
#define CONFIG_MAX_SYMBOLS 200000u

/*
 * Parses the text, plain or gzip'ed (/proc/config.gz), which may be freed afterwards. -EBADMSG with the line
 * for what kconfig would not have written, and for a text without a single symbol; -E2BIG beyond the bounds
 * above. A symbol that is set twice has its last value, as for kconfig.
 */
int config_parse(const void *text, size_t size, struct config **ret, struct error *err);
struct config *config_free(struct config *c);
DEFINE_CLEANUP(struct config *, config_free)

/*
 * The value of a symbol, strings without their quotes and escapes; "n" for "is not set"; NULL when the symbol
 * does not occur. Borrowed.
 */
const char *config_get(const struct config *c, const char *symbol);

/* "y" or "m". */
bool config_is_set(const struct config *c, const char *symbol);

/* Whether these first bytes of a file are those of a config rather than of an image; they may be gzip'ed. */
bool config_looks_like(const uint8_t *bytes, size_t n);

#endif
