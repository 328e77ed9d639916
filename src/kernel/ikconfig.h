/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_IKCONFIG_H
#define HVCOMPAT_KERNEL_IKCONFIG_H

#include "kernel/elfimage.h"

/*
 * The gzip'ed config between "IKCFG_ST" and "IKCFG_ED" (linux, kernel/configs.c), unpacked and NUL-terminated
 * (the NUL not counted); malloc'ed. -ENODATA: there is none; -EBADMSG: there is one that cannot be unpacked.
 */
int ikconfig_read(const struct view *v, char **ret_text, size_t *ret_size, struct error *err);

#endif
