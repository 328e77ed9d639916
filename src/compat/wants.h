/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_COMPAT_WANTS_H
#define HVCOMPAT_COMPAT_WANTS_H

#include "compat/knowledge.h"

/* Fills k->wants with every leaf of every rule, each once, and rule.want with its index. For flawless
 * knowledge. */
void wants_intern(struct knowledge *k);

#endif
