/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BASE_ERROR_H
#define HVCOMPAT_BASE_ERROR_H

/*
 * How every function of ours reports failure: it returns a negative errno and leaves one sentence for the
 * user in a struct error that the caller owns. The sentence names the file, the place in it, what was
 * expected, and what to do. Library code neither prints nor exits.
 */
struct error {
	int code;       /* negative errno of the failure; 0 while nothing failed */
	char text[512]; /* the sentence, without a trailing newline; cut when longer */
};

/*
 * Records a failure and returns it, so that `return error_set(err, EINVAL, …)` reads as one step.
 * `code` is an errno of either sign. A failure already recorded is kept: the first one is the cause.
 * `err` may be NULL, when the caller wants the code only.
 */
int error_set(struct error *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "PREFIX: " before the recorded sentence, once the caller knows which file it was about. */
void error_prefix(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Forgets a recorded failure that the caller has dealt with. */
void error_clear(struct error *err);

#endif
