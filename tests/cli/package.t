#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# From a staged tree to packages: what they hold and promise, bit by bit the same, all of them or none. The kernel is an
# invented one: a config, and files that nobody looks into.
. "$(dirname "$0")/tap.sh"
tool=${BUILD:-$top/build}/tools/package
[ -x "$tool" ] || { echo "Bail out! there is no $tool"; exit 1; }
make_knowledge
rm "$dir/data/hypervisors/moat.yaml" "$dir/data/interfaces/fort-image.yaml" "$dir"/data/*.yaml
sed -i 's/{config: FORT_OLD}/{config: FORT_OLD, versions: ["0.13", "1.1"]}/' "$dir/data/interfaces/fort-old.yaml"
release=6.1.7-hv-Old

make_stage() { # DIR SYMBOL...
	local at=$1
	local modules=$at/lib/modules/$release headers=$at/usr/src/linux-headers-$release
	shift
	mkdir -p "$at/boot" "$modules/kernel/drivers" "$headers/include"
	make_kernel config 6.1.7 FORT_OLD OLD_ABI "$@"
	mv "$dir/config" "$at/boot/config-$release"
	echo image >"$at/boot/vmlinuz-$release"
	echo map >"$at/boot/System.map-$release"
	echo builtin >"$modules/modules.builtin"
	echo dep >"$modules/modules.dep"
	case " $* " in
	*" MODULES "*)
		echo module >"$modules/kernel/drivers/fort.ko"
		echo kernel/drivers/fort.ko >"$modules/modules.order"
		echo symvers >"$headers/Module.symvers"
		ln -s "/usr/src/linux-headers-$release" "$modules/build"
		;;
	*) rm -r "$modules/kernel" "$at/usr" ;;
	esac
	chmod -R u=rwX,go=rX "$at"
	find "$at" -exec touch -h -d @1600000000 {} +
}

pack() { # STAGE OUT FORMATS [ARCH]
	"$tool" make-quick /nonexistent "$1" "$2" "${spec:-$top/spec}" "${4:-x86_64}" "$release" 1600000000 "$3" >"$out" 2>"$err" </dev/null
	status=$?
}

make_stage "$dir/stage" MODULES BLK_DEV_INITRD
find "$dir/stage" -printf '%P %l %m %T@\n' | sort >"$dir/before"
pack "$dir/stage" "$dir/one" deb,rpm
is "packages are made" "$status" 0
is "these" "$(ls -A "$dir/one" | tr '\n' ' ')" "kernel-6.1.7-1.hv.Old.x86_64.rpm kernel-core-6.1.7-1.hv.Old.x86_64.rpm \
kernel-devel-6.1.7-1.hv.Old.x86_64.rpm kernel-modules-6.1.7-1.hv.Old.x86_64.rpm \
linux-headers-6.1.7-hv-old_6.1.7-1_amd64.deb linux-image-6.1.7-hv-old_6.1.7-1_amd64.deb "
is "nothing is left beside the stage" "$(ls -d "$dir"/stage*)" "$dir/stage"
find "$dir/stage" -printf '%P %l %m %T@\n' | sort >"$dir/after"
ok "the stage is as it was" cmp "$dir/before" "$dir/after"

image=$dir/one/linux-image-6.1.7-hv-old_6.1.7-1_amd64.deb
headers=$dir/one/linux-headers-6.1.7-hv-old_6.1.7-1_amd64.deb
core=$dir/one/kernel-core-6.1.7-1.hv.Old.x86_64.rpm
is "a .deb provides each version" "$(dpkg-deb -f "$image" Provides | tr -d '\n')" \
	"hypervisor-fort-old (= 0.13), hypervisor-fort-old (= 1.1), userspace-old-abi"
is "so does an .rpm" "$(rpm -qp --provides "$core" 2>/dev/null | grep -E '^(hypervisor|userspace)' | tr '\n' ';')" \
	"hypervisor(fort-old) = 0.13;hypervisor(fort-old) = 1.1;userspace(old-abi);"
is "the architecture is dpkg's word" "$(dpkg-deb -f "$image" Architecture)" amd64
is "an initrd is asked for" "$(dpkg-deb -f "$image" Depends)" \
	"kmod, linux-base (>= 4.3~), initramfs-tools | linux-initramfs-tool"
dpkg-deb -f "$image" Description >"$out"
has "the shims are named" "$out" 'shims one-shim, another-shim'
dpkg-deb -c "$image" | awk '$1 !~ /^d/ {print $6}' | grep -v /doc/ >"$dir/list"
is "what the image package holds" "$(tr '\n' ' ' <"$dir/list")" "./boot/System.map-$release ./boot/config-$release \
./boot/vmlinuz-$release ./lib/modules/$release/kernel/drivers/fort.ko ./lib/modules/$release/modules.builtin \
./lib/modules/$release/modules.order "
is "all is root's" "$(dpkg-deb -c "$image" | awk '{print $2}' | sort -u)" root/root
dpkg-deb -R "$image" "$dir/image"
ok "md5sums are right" sh -c "cd '$dir/image' && md5sum -c --quiet DEBIAN/md5sums"
is "and complete" "$(wc -l <"$dir/image/DEBIAN/md5sums")" "$(find "$dir/image" -type f ! -path '*/DEBIAN/*' | wc -l)"
for script in preinst postinst prerm postrm; do
	ok "$script is a program" test -x "$dir/image/DEBIAN/$script"
	ok "and a shell's" sh -n "$dir/image/DEBIAN/$script"
	has "that knows its kernel" "$dir/image/DEBIAN/$script" "^version=$release\$"
done
dpkg-deb -c "$headers" >"$out"
has "the headers have the link" "$out" "lib/modules/$release/build -> /usr/src/linux-headers-$release"
rpm -qp --qf '[%{FILENAMES} %{FILEFLAGS:fflags}\n]' "$core" >"$dir/list" 2>/dev/null
has "kernel-core has the image" "$dir/list" "^/lib/modules/$release/vmlinuz \$"
has "and knows of its copy in /boot" "$dir/list" "^/boot/vmlinuz-$release g\$"
is "nobody's machine is named" "$(rpm -qp --qf '%{BUILDHOST}' "$core" 2>/dev/null)" hvcompat
is "kernel-core brings in the modules" "$(rpm -qp --requires "$core" 2>/dev/null | grep uname)" \
	"kernel-modules-uname-r = 6.1.7-hv_Old"

# Nothing of when, where, and by whom.
umask 077
cp -a "$dir/stage" "$dir/stage-two"
[ "$(id -u)" -ne 0 ] || chown -hR 1:1 "$dir/stage-two"
TZ=Asia/Tokyo LC_ALL=C USER=somebody pack "$dir/stage-two" "$dir/two" deb,rpm
umask 022
is "packages are made again" "$status" 0
for file in "$dir"/one/*; do
	ok "the same: ${file##*/}" cmp "$file" "$dir/two/${file##*/}"
done

# Versions are kept apart by dpkg itself.
mkdir -p "$dir/root/var/lib/dpkg/"{updates,info}
touch "$dir/root/var/lib/dpkg/"{status,available}
sed 's/^Installed-Size/Status: install ok installed\n&/; s/^Depends/X-&/' "$dir/image/DEBIAN/control" >"$dir/root/var/lib/dpkg/status"
touch "$dir/root/var/lib/dpkg/info/linux-image-6.1.7-hv-old.list"
for row in "0 (= 1.1)" "0 (<< 1)" "1 (= 1.0)" "1 (>> 2)"; do
	relation=${row#* }
	mkdir -p "$dir/needs/DEBIAN"
	printf 'Package: needs\nVersion: 1\nArchitecture: all\nMaintainer: x <x@y.z>\nDescription: x\nDepends: %s\n' \
		"hypervisor-fort-old $relation" >"$dir/needs/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$dir/needs" "$dir/needs.deb" >/dev/null
	dpkg --root="$dir/root" --log=/dev/null -i "$dir/needs.deb" >"$out" 2>"$err"
	is "dpkg: $relation" "$?" "${row%% *}"
	dpkg --root="$dir/root" --log=/dev/null --purge needs >/dev/null 2>&1
done

make_stage "$dir/small"
pack "$dir/small" "$dir/small-out" deb,rpm i386
is "a kernel without modules" "$status" 0
is "has no packages of them, nor headers" "$(ls "$dir/small-out" | tr '\n' ' ')" \
	"kernel-6.1.7-1.hv.Old.i686.rpm kernel-core-6.1.7-1.hv.Old.i686.rpm linux-image-6.1.7-hv-old_6.1.7-1_i386.deb "
is "asks for no initrd" "$(dpkg-deb -f "$dir/small-out/"*.deb Depends)" "kmod, linux-base (>= 4.3~)"

# Failures: the step is named, and nothing is left.
none_left() { # WHAT DIR
	is "$1: no package is left" "$(ls -A "$2")" ""
	is "$1: and nothing beside the stage" "$(ls -d "$dir"/stage*)" "$dir/stage
$dir/stage-two"
}

cp -r "$top/spec" "$dir/spec"
echo '@NOTHING@' >>"$dir/spec/kernel.spec.in"
spec=$dir/spec pack "$dir/stage" "$dir/bad" deb,rpm
is "a template with an unknown word" "$status" 2
has "its place is named" "$err" 'kernel\.spec\.in:[0-9]+: @NOTHING@'
none_left "an unknown word" "$dir/bad"

cp "$top/spec/kernel.spec.in" "$dir/spec/"
echo 'exit 7' >"$dir/spec/debian/pack"
spec=$dir/spec pack "$dir/stage" "$dir/bad" deb,rpm
is "a program that fails" "$status" 2
has "the step is named" "$err" 'making the Debian package linux-image-6.1.7-hv-old: sh ended with status 7'
none_left "a failed program" "$dir/bad"

mkdir "$dir/bin"
for program in $(compgen -c | grep -vx rpmbuild | sort -u); do
	path=$(type -P "$program") && ln -sf "$path" "$dir/bin/"
done
PATH=$dir/bin pack "$dir/stage" "$dir/bad" deb,rpm
is "no rpmbuild" "$status" 2
has "the package that has it is named" "$err" 'making the RPM packages: rpmbuild.*install the package rpm$'
none_left "no rpmbuild" "$dir/bad"

pack "$dir/nothing" "$dir/bad" deb
is "no stage" "$status" 2
done_testing
