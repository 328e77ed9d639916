/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TESTS_FUZZ_KNOWLEDGE_H
#define HVCOMPAT_TESTS_FUZZ_KNOWLEDGE_H

#include "compat/knowledge.h"
#include "tests/fuzz/fuzz.h"

/* The knowledge of this tree ($HVCOMPAT_POLICIES, else policies/), loaded once. */
const struct knowledge *fuzz_knowledge(void);

/* For readers of directories: one that is removed at the end. */
const char *fuzz_tree(void);
/* Puts a link into it, with its directories, that leads to a file of fuzz_fd(). */
void fuzz_link(const char *file, unsigned slot);
/* Puts a file into it, with its directories. */
void fuzz_put(const char *file, const char *text);

#endif
