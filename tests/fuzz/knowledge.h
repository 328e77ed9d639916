/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TESTS_FUZZ_KNOWLEDGE_H
#define HVCOMPAT_TESTS_FUZZ_KNOWLEDGE_H

#include "compat/knowledge.h"
#include "tests/fuzz/fuzz.h"

/* The knowledge of this tree ($HVCOMPAT_POLICIES, else policies/), loaded once. */
const struct knowledge *fuzz_knowledge(void);

/* For readers of directories: one that is removed at the end. */
const char *fuzz_tree(void);
/* Puts a link BELOW/fuzz.yaml into it that leads to a file of fuzz_fd(). */
void fuzz_link(const char *below, unsigned slot);
/* Puts a file into it. */
void fuzz_put(const char *below, const char *text);

#endif
