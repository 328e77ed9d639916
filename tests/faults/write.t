#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What makes files: packages of policies, shims applied to a tree, rulings about a repository; with each call made to fail
# in turn.
. "$(dirname "$0")/world.sh"
mkdir -p "$dir/data/spec"
cp "$top"/spec/policy-package.* "$dir/data/spec/" 2>/dev/null
old=$(make_deb 5.1.0-1-fort 5.1-1 xz FORT_OLD FORT_NEW OLD_ABI)
new=$(make_deb 6.1.0-1-fort 6.1-1 gzip FORT_NEW OLD_ABI_OFF)

export SOURCE_DATE_EPOCH=1700000000
faults "policy package, .deb" --always-reset -- policy package -p keep -f deb --kernel linux-image-fort --out "$world/out" "$new"
[ "$FAULTS" = 0 ] || slow="--most 1" # rpmbuild takes its time
faults "policy package, .rpm" ${slow-} --always-reset -- policy package -p keep -f rpm --out "$world/out"
rm -rf "${world:?}"/*

# A shim of a patch and a new file, and a source of three files.
shim=$dir/data/compat-shims/fort-revival
mkdir -p "$shim/6.1/new/drivers/fort" "$world/tree/drivers"
echo "It is back." >"$shim/README.md"
echo 'obj-y += fort.o' >"$shim/6.1/new/drivers/fort/Makefile"
cat >"$shim/shim.yaml" <<-'END'
	shim: fort-revival
	about: The first disk. It is old.
	keeps: ["fort:1"]
	arch: [x86_64]
	config: [FORT_OLD=m]
	series:
	  - kernels: 6.1 .. 6.1.999
	    patches: [6.1/1.patch]
	    sources: 6.1/new
	    checks: [{file: drivers/Makefile, lacks: fort}]
	proof: [{interface: fort-old}]
	cost: none
	risk: none
	source: this test
END
printf 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 7\nEXTRAVERSION =\n' >"$world/tree/Makefile"
echo "mainmenu" >"$world/tree/Kconfig"
echo 'obj-y += wall.o' >"$world/tree/drivers/Makefile"
cat >"$shim/6.1/1.patch" <<-'END'
	--- a/drivers/Makefile
	+++ b/drivers/Makefile
	@@ -1 +1,2 @@
	 obj-y += wall.o
	+obj-y += fort/
END
faults "shim apply" --always-reset --again 'is applied already'  -- shim apply fort-revival "$world/tree"
rm -rf "${world:?}"/*

repo=$top/tests/lib/repo
"$repo" key "$dir/key" >/dev/null 2>&1
mkdir "$dir/pool"
"$repo" deb "$dir/key" "$dir/repo" stable main amd64 "$old" "$new" >/dev/null 2>&1
faults "check of a repository, rulings kept" --expect 1 --error-text "failed " --always-reset --may-lose -- check --policy keep --keyring "$dir/key/keyring.gpg" \
	--repo "$dir/repo stable main"
done_testing
