#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The gate of a host, its list of what was refused, and overrides, with each call made to fail in turn.
. "$(dirname "$0")/world.sh"
old=$(make_deb 5.1.0-1-fort 5.1-1 xz FORT_OLD FORT_NEW OLD_ABI)
new=$(make_deb 6.1.0-1-fort 6.1-1 gzip FORT_NEW OLD_ABI_OFF)
root=$world/root
mkdir -p "$root/etc/hvcompat" "$root/etc/apt/preferences.d" "$root/etc/zypp" "$root/run/hvcompat" "$root/var/lib/hvcompat"
printf 'type: package\nmatch_type: exact\ncase_sensitive: on\nsolvable_name: theirs\n' >"$root/etc/zypp/locks"
cp "$dir/data/keep.yaml" "$root/etc/hvcompat/"
ln -s keep.yaml "$root/etc/hvcompat/policy.yaml"
# What cannot be judged is refused and noted, too.
state="--log root/var/lib/hvcompat/lock --log root/var/lib/hvcompat/log --log root/var/lib/hvcompat/learned.json"
state="$state --log root/etc/apt/preferences.d/hvcompat.pref"

faults "an update that is allowed" $state -- host gate --root "$root" "$old"
faults "one that is refused is refused, noted or not" --expect 1 $state --may-lose -- host gate --root "$root" "$new"
"$HVCOMPAT" host gate --root "$root" "$new" 2>/dev/null
faults "one that is refused again" --expect 1 $state --may-lose -- host gate --root "$root" "$new"
faults "the list is shown" $state -- host learned --root "$root"
faults "the list is cleared" $state -- host learned clear --root "$root"
# One that is noted twice, as the first run was killed, is there twice.
faults "an override is noted" $state --log root/run/hvcompat/allow -- host allow --root "$root" fort:1
"$HVCOMPAT" host allow --root "$root" fort:1 >/dev/null
# Killed while it takes the override back, it has used it: the next run refuses, so these kinds are left out.
# An override that cannot be read is none.
faults "an override is used" $state --statuses 1,2 --kinds "$(plain_kinds)" -- host gate --root "$root" "$new"

# What this machine is and uses is told in full, or not at all: half of it would be another machine, with other needs.
machine=$world/machine
disk=$machine/sys/devices/pci0/virtio_blk-vda
mkdir -p "$disk/block/vda" "$machine/sys/drivers/virtio_blk" "$machine/sys/class/block" "$machine/sys/class/net" \
	"$machine/sys/class/dmi/id"
printf '1 0 0 80000000 0\n40000000 40000001 4b4d564b 564b4d56 4d\n' >"$machine/cpuid"
echo QEMU >"$machine/sys/class/dmi/id/sys_vendor"
ln -s ../../../drivers/virtio_blk "$disk/driver"
ln -s ../.. "$disk/block/vda/device"
ln -s ../../devices/pci0/virtio_blk-vda/block/vda "$machine/sys/class/block/vda"
HVCOMPAT_DATADIR=$top/policies faults "a machine is looked at" -- host --root "$machine"
HVCOMPAT_DATADIR=$top/policies "$HVCOMPAT" host --root "$machine" >"$out"
has "which is one that says something" "$out" 'virtio_blk'
done_testing
