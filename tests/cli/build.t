#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hvcompat build, as far as no compiler is needed: usage, what cannot be a source, the work directory.
. "$(dirname "$0")/tap.sh"
make_knowledge
cd "$dir" || exit 1
printf 'CONFIG_A=y\n' >a.config
mkdir source && echo 'all: ;' >source/Makefile

wrong() { # ARG...
	run build "$@"
	is "'$*' exits 64" "$status" 64
	has "'$*' hints" "$err" "^Try 'hvcompat build --help'\.\$"
}
wrong
wrong --source source
wrong --config a.config
wrong --source source --config a.config source
wrong --source source --config ,
wrong --source source --config a.config --format tar
wrong --source source --config a.config --format ''
wrong --source source --config a.config --arch vax
wrong --source source --config a.config --jobs 0
wrong --source source --config a.config --jobs two
wrong --source source --config a.config --revision 1-2
wrong --source source --config a.config --localversion 'a b'
wrong --source source --config a.config --until then
wrong --source source --config a.config --today 2026-02-30

# What a run that must fail leaves: nothing in out but the work directory, and the source as it was.
find source -printf '%p %T@ %s\n' | sort >before
fails() { # WHAT REGEX ARG...
	local what=$1 regex=$2
	shift 2
	rm -rf packages
	run build --out packages --config a.config "$@"
	is "$what: exit status" "$status" 2
	has "$what: says so" "$err" "$regex"
	is "$what: no package" "$(find packages -name '*.deb' -o -name '*.rpm' 2>/dev/null)" ""
}
fails "no such source" 'source nowhere: No such file' --source nowhere
ok "nothing was made" [ ! -e packages ]
fails "a directory that is no kernel" 'step 1/6 unpack: --source source: is no kernel source: .*Makefile' --source source
fails "a text file" 'step 1/6 unpack: .*a\.config' --source a.config
: >empty
fails "an empty file" 'step 1/6 unpack: ' --source empty
tar -czf other.tar.gz source
fails "a tarball of something else" 'other\.tar\.gz: is no kernel source' --source other.tar.gz
tar -cf climbs.tar --transform 's,^source,../climbed,' -P source
fails "a tarball that climbs out" "climbs\.tar: .*'?\.\." --source climbs.tar
ok "it did not" [ ! -e climbed ] && ok "nor into the work directory" [ ! -e packages/.hvcompat-build/climbed ]
tar -cf absolute.tar -P --transform "s,^source,$dir/absolute," source
fails "a tarball with absolute paths" 'has an absolute path' --source absolute.tar
ok "none was written" [ ! -e absolute ]
ln -s "$dir/aim" link && mkdir aim
tar -cf linked.tar link && tar -rf linked.tar --transform 's,^source,link,' source
fails "a tarball that writes through a link" 'linked\.tar: ' --source linked.tar
is "nothing is behind the link" "$(ls aim)" ""
mkfifo fifo && tar -cf fifo.tar fifo
fails "a tarball with a pipe" 'is a device or the like' --source fifo.tar
head -c 3000 other.tar.gz | head -c 100 >cut.tar.gz
fails "a cut tarball" 'cut\.tar\.gz: ' --source cut.tar.gz
fails "an unknown shim" "no shim 'nothing'" --source source --shim nothing
fails "an unknown policy" 'nothing' --source source --policy nothing
fails "work in the source" 'lies in the source' --source source --work source/work
ok "and the source has none" [ ! -e source/work ]
fails "nothing to go on with" 'there is no build to go on with' --source source --resume
SOURCE_DATE_EPOCH=soon fails "a wrong time" "SOURCE_DATE_EPOCH is 'soon'" --source source

# A work directory is neither taken over nor shared.
mkdir -p taken && echo mine >taken/file
fails "a directory of somebody" 'is not a work directory' --source source --work taken
is "what was in it" "$(cat taken/file)" mine
run build --source source --config a.config --out packages
run build --source source --config a.config --out packages
is "a work directory that is there: exit status" "$status" 2
has "names both ways out" "$err" 'packages/\.hvcompat-build: .*--resume, or remove'
flock packages/.hvcompat-build/lock "$HVCOMPAT" build --source source --config a.config --out packages --resume >"$out" 2>"$err"
has "two at a time" "$err" 'another build works here'
printf 'nonsense\n' >packages/.hvcompat-build/state
run build --source source --config a.config --out packages --resume
has "a state of somebody else" "$err" 'state: was not written by this version'

find source -printf '%p %T@ %s\n' | sort >after
ok "the source was not touched" diff before after
done_testing
