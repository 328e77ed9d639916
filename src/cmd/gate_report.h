/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_GATE_REPORT_H
#define HVCOMPAT_CMD_GATE_REPORT_H

#include "cmd/gate_hosts.h"

/* gate --repo: what it has found out, and how that is told. */
struct gate_repo {
	struct repo repo;
	struct gate_hosts hosts;
	struct forecast *forecasts; /* parallel to hosts.subjects */
	size_t n_forecasts;
	struct kernel_list olds;    /* those that are compared with */
	enum exit_status exit;
};

/* For repo_write(); `ctx` is a struct gate_repo. */
void gate_report_text(const void *ctx, const struct text *t);
struct json_object *gate_report_json(const void *ctx);
void gate_report_ruled(const void *ctx, struct ruled *r); /* gate_pipeline.c */

/* The lines that keep hosts from a kernel that the update would bring. */
void gate_report_keep(const struct gate_repo *g, const struct forecast *f, const struct forecast_kernel *k, struct strings *lines);

/* Whether nothing that the update would bring is refused. */
bool gate_report_all_allowed(const struct forecast *f);

#endif
