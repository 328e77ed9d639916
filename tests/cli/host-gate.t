#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hvcompat host gate, learned and allow, below a root of their own, with packages made here.
. "$(dirname "$0")/tap.sh"
make_knowledge
root=$dir/root
mkdir -p "$root/etc/hvcompat" "$root/etc/apt/preferences.d" "$root/etc/zypp"
printf 'type: package\nmatch_type: exact\ncase_sensitive: on\nsolvable_name: theirs\n' >"$root/etc/zypp/locks"

# A package with the config of a kernel and an image that says no more than its release.
make_deb() { # NAME VERSION RELEASE DEPENDS SYMBOL...; RELEASE -: no kernel
	local tree=$dir/tree name=$1 version=$2 release=$3 depends=$4
	shift 4
	rm -rf "$tree"
	mkdir -p "$tree/DEBIAN" "$tree/boot" "$tree/lib/modules"
	if [ "$release" != - ]; then
		make_kernel "config" "${release%%-*}" "$@"
		mv "$dir/config" "$tree/boot/config-$release"
		make_image image "$release"
		mv "$dir/image" "$tree/boot/vmlinuz-$release"
	fi
	printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nMaintainer: nobody <n@localhost>\nDescription: toy\n%s' \
		"$name" "$version" "${depends:+Depends: $depends
}" >"$tree/DEBIAN/control"
	(cd "$tree" && find boot -type f -exec md5sum {} + >DEBIAN/md5sums)
	dpkg-deb --root-owner-group -Zgzip -b "$tree" "$dir/${name}_$version.deb" >/dev/null
}
make_deb linux-image-5.1.0-1-fort 5.1-1 5.1.0-1-fort "" FORT_OLD FORT_NEW
make_deb linux-image-6.1.0-1-fort 6.1-1 6.1.0-1-fort "" FORT_NEW
make_deb linux-image-fort 6.1-1 - "linux-image-6.1.0-1-fort (= 6.1-1)"
make_deb toy 1:2.0 - ""
good=$dir/linux-image-5.1.0-1-fort_5.1-1.deb bad=$dir/linux-image-6.1.0-1-fort_6.1-1.deb
meta=$dir/linux-image-fort_6.1-1.deb toy=$dir/toy_1:2.0.deb
gate() { run host gate --root "$root" "$@"; }
gate_is() { # STATUS WHAT ARG...
	local want=$1 what=$2
	shift 2
	gate "$@"
	is "$what: exit status" "$status" "$want"
	[ "$status" = "$want" ] || sed 's/^/# /' "$err"
}
pins=$root/etc/apt/preferences.d/hvcompat.pref

gate_is 0 "no policy" "$bad"
gate_is 0 "no policy, told" -v "$bad"
has "with -v" "$err" 'no policy'
cp "$dir/data/keep.yaml" "$root/etc/hvcompat/"
ln -s keep.yaml "$root/etc/hvcompat/policy.yaml"
HVCOMPAT_DATADIR=/nowhere gate_is 0 "no kernel among them: the knowledge is not touched" "$toy"
gate_is 0 "a kernel that keeps it" "$good"
ok "nothing is learned" [ ! -e "$pins" ]
gate_is 1 "one that does not" --from apt "$meta" "$bad" "$toy" </dev/null
has "says which" "$err" 'linux-image-6.1.0-1-fort 6.1-1 is refused: kernel 6.1.0-1-fort would lose fort:1'
has "by which policy" "$err" 'policy: keep, version 7'
has "the way out" "$err" "HvCompat::Allow=fort:1' install linux-image-fort=6.1-1 linux-image-6.1.0-1-fort=6.1-1"
is "pins of image and meta package, nothing else" "$(grep -c '^Pin: version 6.1-1$' "$pins")" 2
hasnt "not of unrelated packages" "$pins" 'toy'
run host learned --root "$root"
has "is listed" "$out" '^linux-image-fort 6.1-1 amd64$'
run host learned exclude --root "$root"
is "for plugins" "$(cat "$out")" "linux-image-fort=6.1-1
linux-image-6.1.0-1-fort=6.1-1"
gate_is 1 "again" "$bad"
is "learned once" "$(grep -c '"package"' "$root/var/lib/hvcompat/learned.json")" 2
run host learned clear linux-image-fort --root "$root"
is "one cleared" "$(grep -c '"package"' "$root/var/lib/hvcompat/learned.json")" 1
run host learned clear nobody --root "$root"
is "one that is not there: exit status" "$status" 2
ln -sf "$dir/data/new-only.yaml" "$root/etc/hvcompat/policy.yaml"
run host learned write --root "$root"
ok "another policy: the pin is gone" [ ! -e "$pins" ]
gate_is 0 "and the kernel allowed" "$bad"
ln -sf keep.yaml "$root/etc/hvcompat/policy.yaml"

# overrides
gate_is 0 "allowed to lose it" --allow 'xen; fort:1' "$bad"
gate_is 1 "allowed to lose something else" --allow 'fort:2;for;fort:10' "$bad"
HVCOMPAT_ALLOW=fort gate_is 0 "all versions, by the environment" "$bad"
run host allow castle --root "$root"
is "a host that nobody knows: exit status" "$status" 64
run host learned exclude --root "$root"
has "to be passed over" "$out" '^linux-image-6.1.0-1-fort='
run host allow fort:1 --root "$root"
is "host allow: exit status" "$status" 0
run host learned exclude --root "$root"
is "what is allowed is not passed over" "$(cat "$out")" ""
gate_is 0 "one transaction" "$bad"
gate_is 1 "and no second" "$bad"
run host allow fort:1 --root "$root"
gate_is 0 "bound to who uses it first" --caller $$ "$bad"
gate_is 0 "who may go on" --caller $$ "$bad"
gate_is 1 "another may not" --caller 1 "$bad"
rm -f "$root/run/hvcompat/allow"
run host allow fort:1 --root "$root"
chmod 666 "$root/run/hvcompat/allow"
gate_is 1 "a file that anybody could write is not heeded" "$bad"
rm -f "$root/run/hvcompat/allow"
has "the log tells" "$root/var/lib/hvcompat/log" 'allowed by override: kernel 6.1.0-1-fort may lose fort:1'

# as JSON
json_is() { # STATUS WHAT ARG...
	local want=$1 what=$2
	shift 2
	gate "$@" --format json
	is "$what, JSON: exit status" "$status" "$want"
	ok "$what, JSON: valid" json_valid host-gate "$out"
	is "$what, JSON: says what it exits with" "$(json_get "$out" exit)" "$want"
}
get() { json_get "$out" "$1"; }
json_is 1 "refused" --from apt "$meta" "$bad" "$toy"
is "decision" "$(get 'decision, learned, [p["name"] for p in packages], policies')" \
	"('blocked', True, ['linux-image-6.1.0-1-fort'], [{'name': 'keep', 'version': 7}])"
is "what is lost" "$(get '[(k["release"], k["result"], k["overridden"], sorted({f["lost"] for f in k["findings"]})) for k in kernels]')" \
	"[('6.1.0-1-fort', 'blocked', False, ['fort:1'])]"
has "the way out" "$out" "HvCompat::Allow=fort:1' install linux-image-fort=6.1-1"
json_is 0 "overridden" --allow fort:1 "$bad"
is "so it says" "$(get 'decision, kernels[0]["result"], kernels[0]["overridden"], way_out')" "('allowed', 'blocked', True, None)"
json_is 0 "allowed" "$good"
json_is 0 "no kernel" "$toy"
is "nothing to say" "$(get 'decision, packages, kernels, errors')" "('allowed', [], [], [])"
json_is 2 "a package that is not there" "$dir/none.deb"
is "the error is in it" "$(get 'decision, len(errors)')" "('undecided', 1)"
HVCOMPAT_DATADIR=/nowhere json_is 2 "no knowledge" "$bad"
is "is no permission" "$(get 'decision, kernels[0]["result"]')" "('undecided', 'failed')"
gate --format html "$bad"
is "another format: exit status" "$status" 64
run host learned clear --root "$root"

# what apt hands over
apt_is() { # STATUS WHAT TEXT
	printf '%b' "$3" >"$dir/input"
	"$HVCOMPAT" host gate --root "$root" --from apt <"$dir/input" >"$out" 2>"$err"
	is "$2" $? "$1"
}
line="linux-image-6.1.0-1-fort - - none < 6.1-1 amd64 none $bad"
apt_is 1 "protocol 3" "VERSION 3\nA=b\n\n$line\n"
apt_is 0 "with an override in the configuration" "VERSION 3\nhvcompat::allow=fort%3a1\n\n$line\n"
apt_is 0 "steps without a path" "VERSION 3\nA=b\n\nx 1 amd64 none > - - none **REMOVE**\nx 1 amd64 none = 1 amd64 none **CONFIGURE**\n"
apt_is 2 "protocol 1" "$bad\n"
apt_is 2 "protocol 2" "VERSION 2\nA=b\n\nlinux - < 6.1 $bad\n"
apt_is 2 "nothing" ""
apt_is 2 "cut in the configuration" "VERSION 3\nA=b\n"
apt_is 2 "a line that is cut" "VERSION 3\nA=b\n\nlinux-image-6.1.0-1-fort - - none <\n"
cp "$bad" "$dir/a, b.deb"
apt_is 1 "a path with a comma and a blank" "VERSION 3\n\n${line% *} $dir/a, b.deb\n"

make_module() { # FILE: a module with nothing in it
	gcc -x c -c -o "$1" - <<<''
}
# Modules that take the place of an older version's: what that had is not theirs. Who is installed, dpkg knows.
cat >"$dir/data/interfaces/fort-module.yaml" <<-'EOF'
	interface: fort-module
	class: disk
	kind: paravirtual
	about: A disk of Fort that needs a module.
	source: "this test"
	speaks:
	  - {driver: fort_disk}
	drivers:
	  - {driver: fort_disk, config: [FORT_DISK]}
EOF
sed 's/fort-old/fort-module/; s/: fort$/: bastion/' "$dir/data/hypervisors/fort.yaml" >"$dir/data/hypervisors/bastion.yaml"
sed 's/: keep$/: modular/; s/fort/bastion/' "$dir/data/keep.yaml" >"$root/etc/hvcompat/modular.yaml"
ln -sf modular.yaml "$root/etc/hvcompat/policy.yaml"
release=5.3.0-1-fort modules=$root/lib/modules/5.3.0-1-fort/kernel
mkdir -p "$root/boot" "$root/var/lib/dpkg" "$modules"
make_kernel config 5.3.0
{ cat "$dir/config"; echo CONFIG_MODULES=y; echo CONFIG_FORT_DISK=m; } >"$root/boot/config-$release"
make_image image "$release"
mv "$dir/image" "$root/boot/vmlinuz-$release"
make_module "$modules/fort_disk.ko"
rm -rf "$dir/tree"
mkdir -p "$dir/tree/DEBIAN" "$dir/tree/lib/modules/$release/kernel"
make_module "$dir/tree/lib/modules/$release/kernel/other.ko"
printf 'Package: linux-modules-fort\nVersion: 2\nArchitecture: amd64\nMaintainer: n <n@localhost>\nDescription: toy\n' \
	>"$dir/tree/DEBIAN/control"
modules_deb=$dir/linux-modules-fort_2.deb
dpkg-deb --root-owner-group -Zgzip -b "$dir/tree" "$modules_deb" >/dev/null
known() { # STATE
	printf 'Package: linux-modules-fort\nStatus: %s\nVersion: 1\nArchitecture: amd64\nMaintainer: n <n@localhost>\n' "$1" \
		>"$root/var/lib/dpkg/status"
	printf 'Description: toy\n' >>"$root/var/lib/dpkg/status"
}
: >"$root/var/lib/dpkg/status"
gate_is 0 "more modules, beside those that are installed" "$modules_deb"
known "install ok installed"
gate_is 3 "modules in the place of those that are installed" "$modules_deb"
known "install ok unpacked"
gate_is 3 "in the place of some that are not configured" "$modules_deb"
known "deinstall ok config-files"
gate_is 0 "where there was such a package once" "$modules_deb"
echo nonsense >"$root/var/lib/dpkg/status"
gate_is 3 "where dpkg cannot tell" "$modules_deb"
ln -sf keep.yaml "$root/etc/hvcompat/policy.yaml"

# A device that nobody knows, on a hypervisor that nobody knows: its driver must not go. No policy is needed for that.
: >"$root/var/lib/dpkg/status"
rm "$root/etc/hvcompat/policy.yaml"
echo "1 0 0 80000000 0" >"$root/cpuid"
disk=$root/sys/devices/pci0/zda
mkdir -p "$disk/block/zda" "$root/sys/drivers/zorkblk" "$root/sys/module/zorkblk" "$root/sys/class/block" "$root/sys/class/net"
ln -s ../../../drivers/zorkblk "$disk/driver"
ln -s ../../module/zorkblk "$root/sys/drivers/zorkblk/module"
ln -s ../.. "$disk/block/zda/device"
ln -s ../../devices/pci0/zda/block/zda "$root/sys/class/block/zda"
make_modular() { # RELEASE MODULE
	make_deb "linux-image-$1" 9 "$1" "" FORT_NEW
	mkdir -p "$dir/tree/lib/modules/$1/kernel"
	echo CONFIG_MODULES=y >>"$dir/tree/boot/config-$1"
	make_module "$dir/tree/lib/modules/$1/kernel/$2.ko"
	echo kernel/fs/fs.ko >"$dir/tree/lib/modules/$1/modules.builtin"
	(cd "$dir/tree" && find boot lib -type f -exec md5sum {} + >DEBIAN/md5sums)
	dpkg-deb --root-owner-group -Zgzip -b "$dir/tree" "$dir/linux-image-$1_9.deb" >/dev/null
}
make_modular 5.4.0-1-zork zorkblk
make_modular 5.5.0-1-zork other
gate_is 0 "what the kernel that is installed has not either is no loss" "$dir/linux-image-5.5.0-1-zork_9.deb"
make_module "$modules/zorkblk.ko"
gate_is 0 "a kernel with the driver of a needed device" "$dir/linux-image-5.4.0-1-zork_9.deb"
gate_is 1 "one without" "$dir/linux-image-5.5.0-1-zork_9.deb"
has "says which" "$err" 'kernel 5.5.0-1-zork would lose driver:zorkblk'
has "and why" "$err" 'needs hangs on the driver zorkblk, which the kernel 5.3.0-1-fort has; the new one has not'
json_is 1 "one without" "$dir/linux-image-5.5.0-1-zork_9.deb"
gate_is 0 "one without, allowed" --allow driver:zorkblk "$dir/linux-image-5.5.0-1-zork_9.deb"
run host allow driver:zorkblk --root "$root"
is "host allow of a driver" "$status" 0
rm -rf "$root/run" "$root/cpuid" "$root/sys"
run host learned clear --root "$root"
ln -sf keep.yaml "$root/etc/hvcompat/policy.yaml"

# An old kernel that cannot be looked at is not one that had nothing: where what it has counts, nobody knows what would go.
mv "$root/boot/config-$release" "$dir/whole"
printf 'CONFIG_A\0=y\n' >"$root/boot/config-$release"
gate_is 0 "a damaged old kernel, and a policy that asks for nothing that it had" "$good"
sed 's/: keep$/: all-of-it/; s/^requires/drops: block\nrequires/' "$dir/data/keep.yaml" >"$root/etc/hvcompat/all-of-it.yaml"
ln -sf all-of-it.yaml "$root/etc/hvcompat/policy.yaml"
gate_is 2 "and one that lets nothing go" "$good"
has "says why" "$err" 'the kernel that is installed cannot be looked at, so it is not known what another would lose: .*config-5.3.0'
has "and the way out" "$err" "host allow 'kernel'"
gate_is 0 "which is taken" --allow kernel "$good"
mv "$dir/whole" "$root/boot/config-$release"
gate_is 1 "mended: it has a driver that the new one has not" "$good"
run host learned clear --root "$root"
ln -sf keep.yaml "$root/etc/hvcompat/policy.yaml"

# faults
for n in 100 $(($(stat -c %s "$bad") - 200)); do
	head -c "$n" "$bad" >"$dir/cut.deb"
	gate_is 2 "a kernel that is cut off after $n bytes" "$dir/cut.deb"
done
gate_is 2 "a package that is not there" "$good" "$dir/none.deb"
HVCOMPAT_DATADIR=/nowhere gate_is 2 "no knowledge" "$bad"

# One that cannot be judged is passed over like any other, for a while; one that was refused before stays refused.
gate_is 1 "refused" "$bad"
HVCOMPAT_DATADIR=/nowhere gate_is 2 "and then not to be judged" "$bad"
run host learned write --root "$root"
has "is refused as before" "$root/var/lib/hvcompat/learned.json" '"lost": *"fort:1"'
cut=$dir/cut.deb
list=$root/var/lib/hvcompat/learned.json
run host learned clear --root "$root"
HVCOMPAT_DATADIR=/nowhere gate_is 2 "not even a good kernel, without knowledge" "$good"
has "says so" "$err" 'linux-image-5.1.0-1-fort 5.1-1 is refused: kernel 5.1.0-1-fort cannot be judged'
has "it is pinned" "$pins" '^Pin: version 5.1-1$'
HVCOMPAT_DATADIR=/nowhere run host learned write --root "$root"
ok "as long as nothing is mended" [ -e "$pins" ]
run host learned write --root "$root"
ok "then it may be tried again" [ ! -e "$pins" ]
mangle() { # FROM TO: the last bytes of the payload, behind the names
	/usr/bin/python3 - "$1" "$2" <<-'EOF'
		import sys
		b = bytearray(open(sys.argv[1], "rb").read())
		at = b.index(b"data.tar") + 60
		b[at + 40:at + 400] = bytes(360)
		open(sys.argv[2], "wb").write(b)
	EOF
}
mangle "$good" "$cut"
gate_is 2 "a kernel whose payload is damaged" "$cut"
has "is refused with the reason" "$err" 'linux-image-5.1.0-1-fort 5.1-1 is refused: kernel 5.1.0-1-fort cannot be judged'
has "and the way out" "$err" "host allow 'kernel'"
has "it is pinned" "$pins" '^Pin: version 5.1-1$'
run host learned --root "$root"
has "listed as what it is" "$out" 'kernel 5.1.0-1-fort could not be judged'
run host learned write --root "$root"
ok "it stays so" [ -e "$pins" ]
sed -i 's/"when":"[0-9]*/"when":"2020/; s/"when": *"[0-9]*/"when":"2020/' "$list"
run host learned write --root "$root"
ok "for a week" [ ! -e "$pins" ]
gate_is 2 "the damaged one" "$cut"
gate_is 0 "the good one, given anew" "$good"
ok "is not passed over any more" [ ! -e "$pins" ]
gate_is 0 "the damaged one, allowed" --allow kernel "$cut"
run host learned clear --root "$root"
echo '{' >"$root/var/lib/hvcompat/learned.json"
gate_is 1 "a damaged list: refused all the same" "$bad"
has "and said" "$err" 'learned.json: is damaged'
is "the list is good again" "$(grep -c '"package"' "$root/var/lib/hvcompat/learned.json")" 1
echo 'nonsense: [' >"$root/etc/hvcompat/keep.yaml"
gate_is 2 "a policy that cannot be read" "$bad"
is "locks of others stay" "$(cat "$root/etc/zypp/locks")" "$(printf 'type: package\nmatch_type: exact\ncase_sensitive: on\nsolvable_name: theirs')"
ok "no directory is left behind" sh -c '! ls -d "${TMPDIR:-/tmp}"/hvcompat-gate.* 2>/dev/null'
done_testing
