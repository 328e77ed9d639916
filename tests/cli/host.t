#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hvcompat host and host policy on machines made of files: ROOT/cpuid, ROOT/sys, ROOT/proc.
. "$(dirname "$0")/tap.sh"
export HVCOMPAT_DATADIR=$top/policies

put() { # PATH TEXT
	mkdir -p "$root/$(dirname "$1")"
	printf '%s\n' "$2" >"$root/$1"
}
machine() { # NAME [ARCH]: a new one, with a processor that says no hypervisor
	root=$dir/$1
	mkdir -p "$root/sys/devices/pci0" "$root/sys/class/block" "$root/sys/class/net" "$root/sys/dev/block"
	put proc/sys/kernel/arch "${2:-x86_64}"
	echo "1 0 0 0 0" >"$root/cpuid"
}
signature() { # BLOCK TEXT: a hypervisor's leaves
	local hex
	hex=$(printf '%s' "$2" | od -An -tx4 -w12 -v --endian=little | head -n 1)
	printf '4000%s00 4000%s01%s\n' "$1" "$1" "$hex" >>"$root/cpuid"
	sed -i 's/^1 0 0 0 0$/1 0 0 80000000 0/' "$root/cpuid"
}
leaf() { echo "$*" >>"$root/cpuid"; }
dmi() { put "sys/class/dmi/id/$1" "$2"; }
device() { # CLASS NAME DRIVER [MODULE]
	local d=$root/sys/devices/pci0/$3-$2
	mkdir -p "$d/$1/$2" "$root/sys/drivers/$3"
	ln -s "../../drivers/$3" "$d/driver"
	[ -z "${4-}" ] || ln -s "../../module/$4" "$root/sys/drivers/$3/module"
	ln -s "../.." "$d/$1/$2/device"
	ln -s "../../devices/pci0/$3-$2/$1/$2" "$root/sys/class/$1/$2"
}
here() { run host --root "$root" "$@"; }
says() { # WHAT KEY VALUE
	here
	is "$1: $2" "$(sed -n "s/^$2 *//p" "$out" | head -n 1)" "$3"
}
policy_is() { # WHAT LINE...: it has these lines, and lint takes it
	local what=$1 line
	shift
	here policy
	is "$what: policy" "$status" 0
	cp "$out" "$dir/this-machine.yaml"
	for line; do
		ok "$what: $line" grep -qF -- "$line" "$dir/this-machine.yaml"
	done
	run policy lint "$dir/this-machine.yaml"
	is "$what: lint" "$status" 0
}

machine metal
says metal hypervisor "none: bare metal, as far as can be seen"
says metal detect-virt none
here policy
is "metal: nothing to protect" "$status" 3
ok "metal: it says so" grep -q 'no guest of a hypervisor' "$err"
here "$dir/no-kernel"
is "metal: every kernel may come" "$status" 0

machine strange
signature 00 "OtherOtherOt"
says strange hypervisor "one that is not known"
says strange detect-virt vm-other
here "$dir/no-kernel"
is "strange: undecided" "$status" 3

# Hyper-V: builds, generations, isolation; and the leaves that others show to Windows.
hyperv() { # NAME BUILD
	machine "$1"
	signature 00 "Microsoft Hv"
	leaf "40000002 $(printf %x "$2") 60001 0 0"
	dmi sys_vendor "Microsoft Corporation"
	dmi product_name "Virtual Machine"
	device block sda sd
	ln -sfn ../../drivers/hv_storvsc "$root/sys/devices/pci0/sd-sda/driver"
	mkdir -p "$root/sys/drivers/hv_storvsc"
	device net eth0 hv_netvsc
}
for b in 6001=2008 7601=2008r2 9200=2012 9600=2012r2 14393=2016 17763=2019 20348=2022 26100=2025 27000=2025; do
	hyperv "hv$b" "${b%=*}"
	says "build ${b%=*}" version "${b#*=}"
	is "build ${b%=*}: mode" "$(sed -n 's/^mode *//p' "$out")" gen1
done
hyperv hvold 5000
says "older than any" version "none that is known fits"
here policy
is "older than any: no policy" "$status" 3
hyperv gen1 7601
policy_is "gen1" "hypervisor: hyperv" 'versions: "2008r2"' 'modes: ["gen1"]' "through: [hv-storvsc, hv-netvsc]"
hyperv gen2 17763
mkdir -p "$root/sys/firmware/efi"
says gen2 mode gen2
leaf "40000003 0 400000 0 0"
says isolated mode isolated
hyperv azure 20348
dmi chassis_asset_tag 7783-7084-3265-9085-8269-3286-77
says azure hypervisor "Microsoft Azure"
says azure detect-virt microsoft

machine enlightened
signature 00 "Microsoft Hv"
leaf "40000002 3839 60001 0 0"
signature 01 KVMKVMKVM
dmi sys_vendor QEMU
dmi product_version pc-i440fx-7.2
says "KVM with Hyper-V's leaves" hypervisor KVM/QEMU
says "KVM with Hyper-V's leaves" detect-virt kvm

# Xen, by its leaf and by its files.
xen() { # NAME TYPE VERSION
	machine "$1"
	put sys/hypervisor/type xen
	put sys/hypervisor/guest_type "$2"
	put sys/hypervisor/version/major "${3%.*}"
	put sys/hypervisor/version/minor "${3#*.}"
	put sys/hypervisor/properties/features 00000705
}
machine leaf
signature 00 XenVMMXenVMM
leaf "40000001 40011 0 0 0"
put sys/hypervisor/guest_type HVM
says "Xen by its leaf" version 4.17
xen hvm HVM 4.2
says "HVM" version 4.2
says "HVM" mode hvm
xen pv PV 4.4
device block xvda vbd
device net eth0 vif
says "PV" version 4.4
is "PV: loader unknown" "$(sed -n 's/^mode *//p' "$out")" "cannot be told"
policy_is "PV" 'modes: ["pv"]' 'modes: ["pv-grub"]' "through: [xen-blkfront, xen-netfront]"
xen pvh PVH 4.11
says "PVH" mode pvh
xen dom0 PV 4.17
put sys/hypervisor/properties/features 00000f05
says dom0 mode dom0
says dom0 detect-virt none
policy_is dom0 'versions: "4.17"' 'modes: ["dom0"]'
signature 00 TCGTCGTCGTCG
dmi sys_vendor QEMU
device block sda ata_piix
says "dom0 in a virtual machine" hypervisor Xen
says "dom0 in a virtual machine" mode dom0
xen amazon HVM 4.2
put sys/hypervisor/version/extra .amazon
says "Amazon's Xen" hypervisor "Amazon EC2, Xen generation"

# Others.
machine vmware
signature 00 VMwareVMware
dmi sys_vendor "VMware, Inc."
device block sda vmw_pvscsi
device net ens192 vmxnet3
says VMware hypervisor "VMware ESX and ESXi"
ok "VMware: a range" grep -q '^version .*cannot be told closer' "$out"
policy_is VMware 'versions: "esxi-9.1"' "through: [pvscsi, vmxnet3]"
machine vbox
signature 00 KVMKVMKVM
dmi product_name VirtualBox
dmi bios_vendor "innotek GmbH"
says VirtualBox detect-virt oracle
machine gce
signature 00 KVMKVMKVM
dmi product_name "Google Compute Engine"
says GCE detect-virt google
machine nitro
signature 00 KVMKVMKVM
dmi sys_vendor "Amazon EC2"
dmi product_name m5.large
device block nvme0n1 nvme
device net ens5 ena
says Nitro detect-virt amazon
policy_is Nitro 'modes: ["instance"]' "through: [nvme, ena]"
dmi product_name m5.metal
sed -i '/^4/d; s/80000000/0/' "$root/cpuid"
says "Amazon's metal" detect-virt none

# KVM and TCG, by generation of the devices.
kvm() { # NAME SIGNATURE MACHINE
	machine "$1"
	signature 00 "$2"
	dmi sys_vendor QEMU
	dmi product_version "$3"
	put sys/bus/pci/devices/0/modalias "pci:v00008086d00001237sv"
}
kvm tcg TCGTCGTCGTCG pc-i440fx-7.2
device block sda ata_piix
device net eth0 e1000
says TCG detect-virt qemu
says TCG version emulated
says TCG mode ide
policy_is TCG "through: [emul-piix, emul-e1000]"
kvm q35 KVMKVMKVM pc-q35-7.2
put sys/bus/virtio/devices/virtio0/features 00000000000000000000000000000000110
device block vda virtio_blk
says KVM mode q35
is "KVM: range" "$(sed -n 's/^version *//p' "$out")" "transitional .. modern (cannot be told closer)"
policy_is KVM 'versions: "modern"' "through: [virtio-blk]"

# What is mounted counts, through a partition and device mapper; what is not, does not.
kvm layers KVMKVMKVM pc-i440fx-7.2
put sys/bus/virtio/devices/virtio0/features 00000000000000000000000000000000110
device block vda virtio_blk
device block sda ata_piix
mkdir -p "$root/sys/devices/pci0/virtio_blk-vda/block/vda/vda1" "$root/sys/devices/virtual/block/dm-0/slaves"
put sys/devices/pci0/virtio_blk-vda/block/vda/vda1/partition 1
ln -s ../../devices/pci0/virtio_blk-vda/block/vda/vda1 "$root/sys/class/block/vda1"
ln -s ../../devices/virtual/block/dm-0 "$root/sys/class/block/dm-0"
ln -s ../../../../pci0/virtio_blk-vda/block/vda/vda1 "$root/sys/devices/virtual/block/dm-0/slaves/vda1"
ln -s ../../devices/virtual/block/dm-0 "$root/sys/dev/block/254:0"
put proc/self/mountinfo "22 1 254:0 / / rw - ext4 /dev/mapper/root rw"
here
ok "the disk below" grep -q '^disk .*vda: virtio-blk .*needed$' "$out"
ok "another disk is not needed" grep -q '^disk .*sda: emul-piix (driver ata_piix)$' "$out"
policy_is "layers" "through: [virtio-blk]"

# One that is down is not needed while another is up; with none up all are.
kvm nets KVMKVMKVM pc-i440fx-7.2
device net eth0 e1000
device net eth1 virtio_net
put sys/class/net/eth1/operstate down
here
ok "an interface that is up" grep -q '^net .*eth0: emul-e1000 .*needed$' "$out"
ok "one that is down" grep -q '^net .*eth1: virtio-net (driver virtio_net)$' "$out"
put sys/class/net/eth0/operstate down
here
is "none is up" "$(grep -c '^net .*needed$' "$out")" 2

# A driver that nobody knows is said, and nothing is protected through it.
kvm unknown KVMKVMKVM pc-i440fx-7.2
device block zda zorkblk
here
ok "a driver that is not known is said" grep -q '^not known .*disk zda (zorkblk)' "$out"

here --format json
is "json" "$(json_get "$out" 'detect_virt, bare_metal, len(devices_unknown)')" "('kvm', False, 1)"
for one in metal strange hvold gen1 azure enlightened unknown; do
	root=$dir/$one
	here --format json
	ok "json of ${root##*/}: valid" json_valid host "$out"
	sed 's/"needed":/"needed_not":/; s/"detect_virt":/"detected":/' "$out" >"$dir/bad"
	ok "json of ${root##*/}: and another is not" eval '! json_valid host "$dir/bad"'
done

# Hostile: what is no file, endless links, control characters, much of anything.
kvm hostile KVMKVMKVM pc-i440fx-7.2
rm "$root/sys/class/dmi/id/sys_vendor"
mkfifo "$root/sys/class/dmi/id/sys_vendor"
ln -s loop "$root/sys/class/block/loop"
ln -s ../../.. "$root/sys/class/block/up"
ln -s /etc "$root/sys/class/net/etc"
mkdir -p "$root/sys/devices/virtual/block/a/slaves" "$root/sys/devices/virtual/block/b/slaves/a"
mkdir -p "$root/sys/devices/virtual/block/a/slaves/b"
ln -s ../../devices/virtual/block/a "$root/sys/class/block/a"
ln -s ../../devices/virtual/block/b "$root/sys/class/block/b"
printf '\033[31mred\007' >"$root/sys/class/dmi/id/bios_vendor"
head -c 300000 /dev/zero | tr '\0' x >"$root/proc/self-x"
mkdir -p "$root/proc/self"
cp "$root/proc/self-x" "$root/proc/self/mountinfo"
printf 'x\n%s\n1 2\nffffffff ffffffff ffffffff ffffffff ffffffff\n' "$(cat "$root/proc/self-x")" >>"$root/cpuid"
timeout 20 "$HVCOMPAT" host --root "$root" >"$out" 2>"$err"
is "hostile: it ends" "$?" 0
ok "hostile: no control characters" bash -c "! LC_ALL=C grep -q $'[\\001-\\010\\033]' '$out'"
run host --root "$dir/nowhere"
is "no such root" "$status" 2

done_testing
