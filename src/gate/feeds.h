/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_GATE_FEEDS_H
#define HVCOMPAT_GATE_FEEDS_H

#include "gate/learned.h"

/*
 * What solvers understand, made of the learned list: pins for apt (etc/apt/preferences.d/hvcompat.pref) and locks for
 * zypper (our own entries in etc/zypp/locks), where these directories are below the root. dnf asks for
 * `hvcompat host learned exclude`.
 */
int feeds_write(const struct learned *l, struct error *err);

/* Lines for plugins: "NAME=VERSION" of a .deb, NAME-[EPOCH:]VERSION-RELEASE.ARCH of an .rpm. */
void feeds_print_exclude(const struct learned *l, FILE *out);

#endif
