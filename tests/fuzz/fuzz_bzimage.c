/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands before the payload: setup headers of x86, headers of zboot and of arm64's Image; fed byte by byte. */
#include "fuzz/fuzz.h"
#include "kernel/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct error err = { 0 };
	int r = 0;
	_cleanup_(image_freep) struct image *image = image_new(n & 1 ? IMAGE_WHOLE : IMAGE_TO_NOTES);
	const char *release;

	for (size_t at = 0; r == 0 && at < n; at += 97)
		r = image_feed(image, bytes + at, n - at < 97 ? n - at : 97, &err);
	if (r == 0)
		r = image_end(image, &err);
	must_tell(r, &err);
	release = image_release(image);
	must(!release || (release[0] >= '0' && release[0] <= '9'));
	if (r < 0) /* once no good, never any good */
		must(image_feed(image, bytes, n, &err) < 0 && image_end(image, &err) < 0);
	return 0;
}
