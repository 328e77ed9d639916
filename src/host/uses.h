/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_HOST_USES_H
#define HVCOMPAT_HOST_USES_H

#include "host/look.h"
#include "host/machine.h"

/* Fills m->uses and m->devices_unknown: the disks and network interfaces below `l`, and the drivers they hang on. */
void uses_read(const struct look_at *l, const struct knowledge *k, struct machine *m);

/* How many there may be; what is beyond is left out, and the last one says so. */
#define USES_MAX 512

#endif
