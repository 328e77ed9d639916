#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Odd surroundings: the right answer, or an error that says why; never a signal, and nothing half written.
. "$(dirname "$0")/tap.sh"
make_knowledge
make_kernels
mkdir "$dir/in" "$dir/tmp"
export TMPDIR=$dir/tmp
plain=$("$HVCOMPAT" check --policy keep "$old" "$new")
is "in the usual ones" "$?" 1

# The answer, or exit status 2 and a line; `what` is for messages.
right() { # WHAT STATUS OUTPUT-FILE ERROR-FILE
	if [ "$2" = 1 ]; then
		is "$1: the answer" "$(cat "$3")" "$plain"
	elif [ "$2" = 127 ]; then
		has "$1: or one of the loader, before there is a program" "$4" 'error while loading shared libraries'
	else
		is "$1: or an error" "$2" 2
		has "$1: that says why" "$4" '^hvcompat: .'
	fi
}
judged() { # WHAT COMMAND…: runs `check` under the command
	local what=$1
	shift
	"$@" "$HVCOMPAT" check --policy keep "$old" "$new" >"$out" 2>"$err" </dev/null
	right "$what" "$?" "$out" "$err"
}

for locale in C POSIX tr_TR.UTF-8 de_DE.ISO-8859-1 xx_YY.none ''; do
	judged "LC_ALL=$locale" env "LC_ALL=$locale"
	is "LC_ALL=$locale: it is the answer" "$(cat "$out")" "$plain"
done
for zone in garbage :/etc/passwd UTC-99:99:99 /dev/zero ''; do
	judged "TZ=$zone" timeout 20 env "TZ=$zone"
done
judged "no environment" env -i "HVCOMPAT_DATADIR=$HVCOMPAT_DATADIR" "LC_ALL=$LC_ALL"
judged "no such directory for what is temporary" env TMPDIR=/nowhere
judged "umask 777" sh -c 'umask 777; exec "$@"' sh
for n in 3 4 5 6 7 8 9 10 12 16; do
	judged "$n descriptors" sh -c "ulimit -n $n; exec \"\$@\"" sh
done
if ! nm -D "$HVCOMPAT" | grep -q __asan; then
	for n in 20000 40000 60000 80000 120000 500000; do
		judged "$n KiB of address space" sh -c "ulimit -v $n; exec \"\$@\"" sh 2>/dev/null
	done
fi
judged "no core" sh -c 'ulimit -c 0; exec "$@"' sh
judged "no time zone, home or path" env -u TZ -u HOME PATH=/nowhere

# Closed descriptors: nothing that was meant for them goes elsewhere.
for closed in '<&-' '2>&-' '<&- 2>&-'; do
	eval "\"\$HVCOMPAT\" check --policy keep \"\$old\" \"\$new\" >\"\$out\" $closed"
	is "with $closed: exit status" "$?" 1
	is "with $closed: the answer" "$(cat "$out")" "$plain"
done
for closed in '>&-' '<&- >&-'; do
	eval "\"\$HVCOMPAT\" check --policy keep \"\$old\" \"\$new\" 2>\"\$err\" $closed"
	is "with $closed: no success" "$?" 2
	has "with $closed: says why" "$err" '^hvcompat: standard output: '
done
"$HVCOMPAT" check --policy keep "$old" "$new" <&- >&- 2>&-
is "with none of them" "$?" 2
"$HVCOMPAT" check --policy keep -o "$dir/in/report" "$old" "$new" <&- >&- 2>&-
is "with none of them, into a file" "$?" 1
is "the answer" "$(cat "$dir/in/report")" "$plain"

# Files that may not grow, or be seen.
echo "the old one" >"$dir/in/report"
(ulimit -f 0; "$HVCOMPAT" check --policy keep -o "$dir/in/report" "$old" "$new" 2>&1) | cat >"$err"
has "a file that may not grow is an error" "$err" '^hvcompat: .*in/report: cannot be written: File too large'
is "and leaves the old one" "$(cat "$dir/in/report")" "the old one"
is "and nothing beside it" "$(ls "$dir/in")" report
rm "$dir/in/report"
(umask 777; "$HVCOMPAT" check --policy keep -o "$dir/in/report" "$old" "$new" 2>"$err")
is "umask 777, into a file: exit status" "$?" 1
is "it is as the mask says" "$(stat -c %a "$dir/in/report")" 0
rm -f "$dir/in/report"

# What only root can bring about.
own() { # SCRIPT: in a mount namespace of its own
	unshare -m sh -c "$1" >"$out" 2>"$err" </dev/null
	status=$?
}
export old new
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	own "mount -t tmpfs none /proc && exec '$HVCOMPAT' check --policy keep '$old' '$new'"
	right "no /proc" "$status" "$out" "$err"
	own "mount -t tmpfs none /sys && exec '$HVCOMPAT' check --policy keep '$old' '$new'"
	right "no /sys" "$status" "$out" "$err"
	own "mount -t tmpfs none /dev && exec '$HVCOMPAT' check --policy keep '$old' '$new'"
	right "no /dev" "$status" "$out" "$err"

	# The lists of a host, on a disk that is full, and on one that is not to be written to.
	root=$dir/root
	mkdir -p "$root/etc/hvcompat" "$root/var/lib/hvcompat" "$root/boot" "$dir/tree/DEBIAN" "$dir/tree/boot"
	cp "$dir/data/keep.yaml" "$root/etc/hvcompat/"
	ln -s keep.yaml "$root/etc/hvcompat/policy.yaml"
	mkdir "$dir/data/packaging"
	cp "$top"/policies/packaging/*.yaml "$dir/data/packaging/"
	cp "$new" "$dir/tree/boot/config-6.1.0"
	make_image tree/boot/vmlinuz-6.1.0 6.1.0
	printf 'Package: linux-image-6.1.0\nVersion: 1\nArchitecture: amd64\nMaintainer: n <n@localhost>\nDescription: toy\n' \
		>"$dir/tree/DEBIAN/control"
	dpkg-deb --root-owner-group -Zgzip -b "$dir/tree" "$dir/new.deb" >/dev/null
	for how in "mount -t tmpfs -o size=4k none '$root/var/lib/hvcompat' && dd if=/dev/zero of='$root/var/lib/hvcompat/fill'" \
		"mount -t tmpfs -o ro none '$root/var/lib/hvcompat'; true"; do
		own "{ $how; } 2>/dev/null; '$HVCOMPAT' host gate --root '$root' '$dir/new.deb'; s=\$?; ls '$root/var/lib/hvcompat' | grep -v fill; exit \$s"
		is "a refusal that cannot be noted is one" "$status" 1
		has "and that it is not noted is told" "$err" 'var/lib/hvcompat'
		hasnt "nothing half written is left" "$out" '\.new$|learned\.json'
	done
else
	echo "# no right to a mount namespace of its own: not tried without /proc, /sys, /dev, or on a full disk"
fi
is "nothing is left of what is temporary" "$(ls -A "$dir/tmp")" ""
done_testing
