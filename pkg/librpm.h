/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_LIBRPM_H
#define HVCOMPAT_PKG_LIBRPM_H

#include "base/library.h"

#include <rpm/header.h>
#include <rpm/rpmds.h>
#include <rpm/rpmfiles.h>
#include <rpm/rpmpgp.h>
#include <rpm/rpmtag.h>

/* librpm, loaded when the first .rpm is opened: it brings sqlite, lua and others along. */
#define LIBRPM_FUNCTIONS(F)                                                                       \
	F(headerFree) F(headerGet) F(headerGetAsString) F(headerGetString) F(headerImport)        \
	F(headerIsSource) F(rpmfilesDigestAlgo) F(rpmfilesFC) F(rpmfilesFDigest) F(rpmfilesFFlags) \
	F(rpmfilesFLink) F(rpmfilesFLinks) F(rpmfilesFMode) F(rpmfilesFN) F(rpmfilesFSize)        \
	F(rpmfilesFree) F(rpmfilesNew) F(rpmtdCount) F(rpmtdFreeData) F(rpmtdGetUint32)           \
	F(rpmtdGetUint64) F(rpmtdNextString) F(rpmtdNextUint32) F(rpmtdType)

extern struct librpm {
	LIBRARY_SLOTS(LIBRPM_FUNCTIONS)
} librpm;

/* Before any of them is called. */
int librpm_load(struct error *err);

#endif
