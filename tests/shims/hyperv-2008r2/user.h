/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef USER_H
#define USER_H

/* What the kernel's side of the program may ask of the C library's side; the types are those of both. */

/* printf; both sides are built without SSE, and the kernel's keeps its stack aligned to 8 bytes only. */
void user_printf(const char *format, ...);

/* Says why and ends the program: the case has failed. */
void user_fail(const char *format, ...) __attribute__((noreturn));

/* The machine's memory: `size` bytes, zeroed, whose pages user_remap() can show a second time. */
void *user_memory(unsigned long size);

/* Maps `n` pages of that memory, given by address, one behind the other; NULL: it cannot. */
void *user_remap(void *const *pages, unsigned long n);

/* The offset of the instruction that an ud2 stands in place of a report for: 1 for a warning, 0 for a bug. */
int kernel_warned(unsigned long address);

/* The kernel's side: all cases. */
int kernel_case(const char *name);
void kernel_list(void);

#endif
