/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_MODULE_H
#define HVCOMPAT_KERNEL_MODULE_H

#include "base/error.h"
#include "base/util.h"

/* The largest module of a distribution, amdgpu.ko, unpacks to some 25 MiB. */
#define MODULE_MAX_BYTES ((size_t)64 << 20)

/* One loadable module (.ko), read by libelf from memory. */
struct module;

/*
 * Takes the bytes of a .ko, plain or compressed (xz, zstd, gzip; told by content), and keeps what it needs of
 * them: the caller may free them afterwards. -EBADMSG: not an ELF relocatable, truncated, corrupt; -E2BIG:
 * unpacks to more than `limit` bytes, or than MODULE_MAX_BYTES.
 */
int module_open(const uint8_t *bytes, size_t n, size_t limit, struct module **ret, struct error *err);
struct module *module_free(struct module *m);
DEFINE_CLEANUP(struct module *, module_free)

/* The bytes that it keeps in memory. */
size_t module_size(const struct module *m);

bool module_big_endian(const struct module *m);

/*
 * The bytes behind a symbol of .symtab that is defined in a section with contents; borrowed. Matches NAME and
 * NAME.digits. `size` and `file` (either may be 0/NULL: any) tell same-named local symbols apart: the
 * symbol's st_size, and the STT_FILE symbol before it. *ret_section borrows the section's name. Returns 0;
 * -ENOENT: no such symbol; -ENODATA: .symtab was stripped (or only the STT_FILE symbols, as in Debian's
 * modules, and `file` is given), namesakes remain that differ, or the bytes are subject to relocation;
 * a symbol in .bss is all zero: 0 with *ret NULL and its size.
 */
int module_symbol(const struct module *m, const char *name, size_t size, const char *file,
		  const uint8_t **ret, size_t *ret_size, const char **ret_section, struct error *err);

/*
 * Whether a symbol of that name (or NAME.digits) is defined in any section, code included: 1 and the
 * section's name, or 0. -ENODATA: .symtab was stripped.
 */
int module_has_symbol(const struct module *m, const char *name, const char **ret_section, struct error *err);

/* Whether the bytes of `text` occur in any allocated section with contents. */
bool module_has_string(const struct module *m, const char *text);

/*
 * Walks the values of a .modinfo key ("alias", "parm", "version"): NUL-terminated, borrowed; NULL when there are no
 * more. *at is 0 at first, and where the walk goes on afterwards.
 */
const char *module_modinfo(const struct module *m, const char *key, size_t *at);

#endif
