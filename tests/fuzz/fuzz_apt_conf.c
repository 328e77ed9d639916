/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an administrator told apt of one key. */
#include "fuzz/fuzz.h"
#include "gate/apt_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(freep) char *text = xstrndup((const char *)bytes, n);
	bool one = true, other = false;

	/* What is said of the key counts, whatever it was before; where nothing is, it stays. */
	apt_conf_text(text, "APT::Install-Recommends", &one);
	apt_conf_text(text, "APT::Install-Recommends", &other);
	if (!one && other)
		abort();
	return 0;
}
