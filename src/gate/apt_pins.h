/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_GATE_APT_PINS_H
#define HVCOMPAT_GATE_APT_PINS_H

#include "base/error.h"
#include "base/util.h"

/*
 * Finds the first file of an administrator's preferences (apt_preferences(5)) below `root` that pins one of these packages, be it
 * by a pattern: what apt installs of it, no forecast knows then. What hvcompat itself has written is passed over. *ret,
 * owned, is its path; NULL: there is none. Returns 0 or a negative errno.
 */
int apt_pins_find(const char *root, const struct strings *names, char **ret, struct error *err);

#endif
