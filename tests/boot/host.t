#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hvcompat host in a Debian kernel that QEMU runs without KVM: it must tell the machine that it was given.
top=$(cd "$(dirname "$0")/../.." && pwd)
HVCOMPAT=${HVCOMPAT:-$top/build/hvcompat}
kernels=${KERNELS:-${XDG_CACHE_HOME:-$HOME/.cache}/hvcompat/kernels}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
count=0

is() { # WHAT GOT WANT
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf '# got:  %s\n# want: %s\n' "$2" "$3"
	fi
}

deb=$(find "$kernels/6.1-amd64" -name 'linux-image-*.deb' 2>/dev/null | head -n 1)
if [ -z "$deb" ] || [ ! -x "$HVCOMPAT" ]; then
	echo "Bail out! there is no kernel in $kernels/6.1-amd64 or no $HVCOMPAT"
	exit 1
fi
dpkg-deb -x "$deb" "$dir/kernel"
vmlinuz=$(echo "$dir"/kernel/boot/vmlinuz-*)
release=${vmlinuz##*/vmlinuz-}
modules=$(find "$dir/kernel" -type d -path "*/modules/$release" | head -n 1)

# A root with the tool, its libraries and knowledge, a shell, and the drivers that the machines need.
root=$dir/root
mkdir -p "$root"/{dev,proc,sys,tmp,bin,sbin,data,lib/modules/"$release"}
put() { # PROGRAM PLACE
	local lib
	cp -L "$1" "$root/$2"
	for lib in $(ldd "$1" | grep -o '/[^ ]*'); do
		mkdir -p "$root$(dirname "$lib")"
		cp -L "$lib" "$root$lib"
	done
}
put "$(command -v dash)" bin/sh
put "$(command -v mount)" bin/mount
put "$(command -v kmod)" sbin/modprobe
put "$HVCOMPAT" bin/hvcompat
cp -r "$top/policies/." "$root/data/"
cp "$modules"/modules.{order,builtin,builtin.modinfo} "$root/lib/modules/$release/"
drivers="virtio_pci virtio_blk virtio_scsi virtio_net ata_piix ahci e1000 e1000e nvme sd_mod"
cp -r "$modules/kernel" "$dir/all"
mkdir -p "$dir/tree/lib/modules/$release"
cp "$root/lib/modules/$release"/modules.* "$dir/tree/lib/modules/$release/"
mv "$dir/all" "$dir/tree/lib/modules/$release/kernel"
depmod -b "$dir/tree" "$release"
for d in $drivers; do
	modprobe -d "$dir/tree" -S "$release" --show-depends "$d" | sed -n 's/^insmod //p'
done | sort -u | while read -r ko; do
	mkdir -p "$root$(dirname "${ko#"$dir/tree"}")"
	cp "$ko" "$root${ko#"$dir/tree"}"
done
depmod -b "$root" "$release"
cat >"$root/init" <<EOF
#!/bin/sh
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
for d in $drivers; do modprobe -q \$d; done
# The slowest bus is done when nothing new comes.
for n in 1 2 3 4 5 6 7 8; do
	set -- /sys/class/block/*
	[ -e "\$1" ] && break
	read -t 1 x </dev/console 2>/dev/null || :
done
export HVCOMPAT_DATADIR=/data
echo "BEGIN HOST"
hvcompat host
echo "STATUS \$?"
hvcompat host policy
echo "END HOST"
echo o >/proc/sysrq-trigger
while :; do :; done
EOF
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$dir/initrd"
truncate -s 16M "$dir/disk"

boot() { # QEMU OPTION...; KEEP names a directory that keeps all it printed
	timeout 120 qemu-system-x86_64 -accel tcg -m 512 -nographic -no-reboot -kernel "$vmlinuz" -initrd "$dir/initrd" \
		-append "console=ttyS0 quiet panic=-1" "$@" </dev/null 2>&1 | tee "${KEEP:-$dir}/console" |
		tr -d '\r' | sed -n '/BEGIN HOST/,/^END HOST/p' >"$dir/out"
}
told() { sed -n "s/^$1 *//p" "$dir/out" | head -n 1; }
check() { # WHAT MODE VERSION DISK NET
	is "$1: hypervisor" "$(told hypervisor)" "KVM/QEMU"
	is "$1: detect-virt" "$(told detect-virt)" qemu
	is "$1: version" "$(told version)" "$3"
	is "$1: mode" "$(told mode)" "$2"
	is "$1: disk" "$(told disk)" "$4"
	is "$1: network" "$(told net | sed 's/network [^:]*/network/')" "$5"
	is "$1: policy" "$(sed -n 's/^    through: //p' "$dir/out")" "[${6}]"
	[ "$(told hypervisor)" ] || sed 's/^/# /' "$dir/out"
}
drive="-drive if=none,id=d,format=raw,file=$dir/disk"
boot -machine pc $drive -device virtio-blk-pci,drive=d -nic user,model=virtio-net-pci
check "pc, virtio" pc transitional "disk vda: virtio-blk (driver virtio_blk), needed" \
	"network: virtio-net (driver virtio_net), needed" "virtio-blk, virtio-net"
boot -machine pc $drive -device ide-hd,drive=d -nic user,model=e1000
check "pc, emulated" ide emulated "disk sda: emul-piix (driver ata_piix), needed" \
	"network: emul-e1000 (driver e1000), needed" "emul-piix, emul-e1000"
boot -machine q35 $drive -device ide-hd,drive=d -nic user,model=e1000e
check "q35, emulated" ahci emulated "disk sda: emul-ahci (driver ahci), needed" \
	"network: emul-e1000e (driver e1000e), needed" "emul-ahci, emul-e1000e"
boot -machine q35 $drive -device virtio-scsi-pci -device scsi-hd,drive=d -nic user,model=virtio-net-pci
check "q35, virtio-scsi" q35 transitional "disk sda: virtio-scsi (driver virtio_scsi), needed" \
	"network: virtio-net (driver virtio_net), needed" "virtio-scsi, virtio-net"

# Xen's dom0 sees the processor and the DMI of the machine below Xen.
package=$(apt-cache search --names-only '^xen-hypervisor-[0-9.]*-amd64$' | sed -n '1s/ .*//p')
(cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$package" && dpkg-deb -x xen-hypervisor-*.deb xen) >"$dir/log" 2>&1
image=$(find "$dir/xen/boot" -name 'xen-*.gz' | head -n 1)
if [ -z "$image" ]; then
	echo "Bail out! Debian's Xen could not be fetched: $(tail -n 1 "$dir/log")"
	exit 1
fi
zcat "$image" >"$dir/xen.elf"
version=${image##*/xen-}
timeout 120 qemu-system-x86_64 -accel tcg -m 1024 -nographic -no-reboot -machine pc -kernel "$dir/xen.elf" \
	-append "console=com1 com1=115200,8n1 dom0_mem=512M" -initrd "$vmlinuz console=hvc0 panic=-1,$dir/initrd" \
	$drive -device ide-hd,drive=d -nic user,model=e1000 </dev/null 2>&1 |
	tr -d '\r' | sed -n '/BEGIN HOST/,/^END HOST/p' >"$dir/out"
is "dom0: hypervisor" "$(told hypervisor)" Xen
is "dom0: detect-virt" "$(told detect-virt)" none
is "dom0: version" "$(told version)" "${version%%-*}"
is "dom0: mode" "$(told mode)" dom0
is "dom0: policy" "$(sed -n 's/^    modes: //p' "$dir/out")" '["dom0"]'
echo "1..$count"
