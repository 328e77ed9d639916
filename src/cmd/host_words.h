/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_HOST_WORDS_H
#define HVCOMPAT_CMD_HOST_WORDS_H

#include "cmd/options.h"

/* The words of the verb host that keep it from being stranded; o->args begin behind the word. */
enum exit_status run_host_gate(struct options *o);
enum exit_status run_host_learned(struct options *o);
enum exit_status run_host_allow(struct options *o);

#endif
