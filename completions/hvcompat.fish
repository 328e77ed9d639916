# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion of hvcompat: verbs and options are asked of hvcompat itself.

function __hvcompat_verb
    set -l words (commandline -opc)
    test (count $words) -ge 2; and echo $words[2]
end

function __hvcompat_options
    set -l verb (__hvcompat_verb)
    hvcompat --list-options $verb 2>/dev/null | string replace = ''
end

function __hvcompat_previous
    set -l words (commandline -opc)
    contains -- $words[-1] $argv
end

function __hvcompat_policies
    hvcompat policy list 2>/dev/null | string replace -rf '^(\S+) \d+$' '$1'
end

function __hvcompat_shims
    hvcompat shim list 2>/dev/null | string match -rv '^ '
end

function __hvcompat_shim_names
    set -l words (commandline -opc)
    test (count $words) -ge 3; and test $words[2] = shim; and contains -- $words[3] show apply
end

complete -c hvcompat -n 'test -z (__hvcompat_verb)' -f -a '(hvcompat --list-verbs 2>/dev/null)'
complete -c hvcompat -n 'test -n (__hvcompat_verb); and string match -q -- "-*" (commandline -ct)' -a '(__hvcompat_options)'
complete -c hvcompat -n '__hvcompat_previous --format -f' -f -a 'text json junit sarif html'
complete -c hvcompat -n '__hvcompat_previous --color' -f -a 'auto always never'
complete -c hvcompat -n '__hvcompat_previous --policy -p' -f -a '(__hvcompat_policies)'
complete -c hvcompat -n 'test (__hvcompat_verb) = policy; and test (count (commandline -opc)) -eq 2' -f -a 'lint show list cat package'
complete -c hvcompat -n 'test (__hvcompat_verb) = shim; and test (count (commandline -opc)) -eq 2' -f -a 'list show lint apply'
complete -c hvcompat -n '__hvcompat_shim_names' -a '(__hvcompat_shims)'
complete -c hvcompat -n '__hvcompat_previous --shim' -f -a '(__hvcompat_shims)'
complete -c hvcompat -n '__hvcompat_previous --arch' -f -a 'x86_64 i686 aarch64'
complete -c hvcompat -n '__hvcompat_previous --shim-dir' -a '(__fish_complete_directories)'
complete -c hvcompat -n 'test (__hvcompat_verb) = help' -f -a '(hvcompat --list-verbs 2>/dev/null)'
