/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

#include <errno.h>

void checked_done(struct build_checked *c)
{
	decision_free(c->decision);
	support_free(c->support);
	facts_free(c->facts);
	kernel_list_done(&c->list);
	*c = (struct build_checked){ 0 };
}

int judge(const struct build *b, const char *kernel, enum depth depth, bool with_policy, struct build_checked *ret,
	  struct error *err)
{
	const struct build_request *q = b->request;
	struct build_checked c = { 0 };
	struct kernel_options options = { .threads = q->jobs < 4 ? q->jobs : 4, .verify = depth == DEPTH_VERIFY };
	int r = kernel_open(kernel, &options, &c.list, err);

	if (r == 0 && c.list.count != 1)
		r = error_set(err, EBADMSG, "%s: holds %zu kernels, expected one", kernel, c.list.count);
	if (r == 0)
		r = kernel_read(c.list.kernels[0], &q->knowledge->wants, depth, &c.facts, err);
	if (r < 0) {
		checked_done(&c);
		return r;
	}
	c.support = support_judge(q->knowledge, c.facts);
	if (with_policy && q->policy)
		c.decision = decide(NULL, c.support, q->policy, q->today);
	*ret = c;
	return 0;
}
