/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_GATE_APT_CONF_H
#define HVCOMPAT_GATE_APT_CONF_H

#include "base/error.h"
#include "base/util.h"

/*
 * What apt.conf(5) below `root` says of one key that is true or false, "APT::Install-Recommends": etc/apt/apt.conf.d in the
 * order of names, then etc/apt/apt.conf; the last one counts. *ret stays as it was where none says anything; what was
 * cleared, or is no truth to apt, is false. What is included from elsewhere is not looked for: *ret_included names the
 * first file that does so, owned, or stays NULL.
 * Returns 0 or a negative errno: a file that is there and cannot be read, or is larger than any configuration.
 */
int apt_conf_bool(const char *root, const char *key, bool *ret, char **ret_included, struct error *err);

/* Of one text. Whether it includes another. Keys know no case. */
bool apt_conf_text(const char *text, const char *key, bool *ret);

#endif
