/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_VERBS_H
#define HVCOMPAT_CMD_VERBS_H

#include "cmd/options.h"

/* One file a verb. */
enum exit_status run_query(struct options *o);
enum exit_status run_check(struct options *o);
enum exit_status run_diff(struct options *o);
enum exit_status run_gate(struct options *o);
enum exit_status run_explain(struct options *o);
enum exit_status run_policy(struct options *o);
enum exit_status run_build(struct options *o);
enum exit_status run_shim(struct options *o);
enum exit_status run_host(struct options *o);
enum exit_status run_prove(struct options *o);

enum exit_status run_policy_package(struct options *o); /* policy package */

extern const struct option_def query_options[], policy_package_options[], build_options[], shim_options[], host_options[], check_options[], diff_options[], gate_options[], prove_options[];

#endif
