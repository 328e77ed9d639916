/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TESTS_FUZZ_PACKAGE_H
#define HVCOMPAT_TESTS_FUZZ_PACKAGE_H

#include "tests/fuzz/fuzz.h"

/* Opens a package, lists all of it, and, with `payload`, reads up to 32 members. The last bit asks for checksums. */
int fuzz_package(const uint8_t *bytes, size_t n, bool payload);

/* Mutators: of the archives inside of a .deb; of an rpm's header, or of its payload. */
size_t mutate_deb(uint8_t *bytes, size_t n, size_t max, unsigned seed);
size_t mutate_rpm_header(uint8_t *bytes, size_t n, size_t max, unsigned seed);
size_t mutate_rpm_payload(uint8_t *bytes, size_t n, size_t max, unsigned seed);

#endif
