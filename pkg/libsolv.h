/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_LIBSOLV_H
#define HVCOMPAT_PKG_LIBSOLV_H

/* libsolv and libsolvext (0.7), loaded when they are needed: `solv.NAME()` after update_library(). Distributions build it with the
 * formats that they use: `solv_deb` and `solv_rpm` are there only for the family that it was called for. */

#include <solv/evr.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/repo_deb.h>
#include <solv/repo_rpmdb.h>
#include <solv/repo_rpmmd.h>
#include <solv/solv_xfopen.h>
#include <solv/solver.h>
#include <solv/transaction.h>

#include "base/library.h"

#define SOLV_FUNCTIONS(F)                                                                                              \
	F(pool_create) F(pool_free) F(pool_setdisttype) F(pool_setarch) F(pool_set_installed) F(pool_set_rootdir) F(pool_errstr)    \
	F(pool_str2id) F(pool_rel2id) F(pool_id2str) F(pool_createwhatprovides) F(pool_addfileprovides)                \
	F(pool_addrelproviders) F(pool_evrcmp) F(repo_create) F(repo_add_solvable) F(repo_addid_dep)                   \
	F(solver_create) F(solver_free)                                                                                \
	F(solver_set_flag) F(solver_solve) F(solver_create_transaction) F(solver_problem_count) F(solver_problem2str)  \
	F(transaction_free) F(transaction_type) F(transaction_obs_pkg) F(queue_init) F(queue_free) F(queue_insertn)    \
	F(solver_findallproblemrules) F(solver_ruleinfo) F(solver_problemruleinfo2str) F(solv_fmemopen)

#define SOLV_DEB_FUNCTIONS(F) F(repo_add_debpackages)
#define SOLV_RPM_FUNCTIONS(F) F(repo_add_rpmmd) F(repo_add_rpmdb)

extern struct solv_deb { LIBRARY_SLOTS(SOLV_DEB_FUNCTIONS) } solv_deb;
extern struct solv_rpm { LIBRARY_SLOTS(SOLV_RPM_FUNCTIONS) } solv_rpm;
extern struct solv { LIBRARY_SLOTS(SOLV_FUNCTIONS) } solv;

#endif
