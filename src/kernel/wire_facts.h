/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_WIRE_FACTS_H
#define HVCOMPAT_KERNEL_WIRE_FACTS_H

#include "base/wire.h"
#include "kernel/facts.h"

/* What the reader of a kernel and its master tell each other, as bytes. */
void wire_inputs(struct wire *w, struct input **inputs, size_t *n);
void wire_facts(struct wire *w, struct facts *f);
void wire_wants(struct wire *w, struct want_list *list);

#endif
