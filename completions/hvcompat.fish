# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion of hvcompat: verbs, their words, options and what these take are asked of hvcompat itself.

function __hvcompat_policies
    hvcompat policy list 2>/dev/null | string replace -rf '^(\S+) \d+$' '$1'
end

function __hvcompat_shims
    hvcompat shim list 2>/dev/null | string match -rv '^ '
end

# VERB OPTION: what its argument may be; "-" where nobody knows; nothing where it takes none
function __hvcompat_argument
    hvcompat --list-options $argv[1] 2>/dev/null |
        awk -F '\t' -v option=$argv[2] '$1 == option "=" || ($4 == option && $1 ~ /=$/) { print $3 ? $3 : "-" }'
end

# TAKES BEGUN: what such an argument could become
function __hvcompat_values
    switch $argv[1]
        case -
        case FILE
            __fish_complete_path $argv[2]
        case DIR
            __fish_complete_directories $argv[2] ''
        case SHIM
            __hvcompat_shims
        case POLICY
            __hvcompat_policies
            __fish_complete_path $argv[2]
        case '*'
            string split ' ' -- $argv[1]
    end
end

# All that the word under the cursor could be; whether it fits what is typed, fish sees to.
function __hvcompat_candidates
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    if test (count $words) -eq 1
        hvcompat --list-verbs 2>/dev/null
        printf '%s\n' help --help --version
        return
    end
    set -l verb $words[2]
    set -l option $words[-1]
    set -l begin ''
    if string match -qr '^--[a-z-]+=' -- $current
        set option (string replace -r '=.*' '' -- $current)
        set begin "$option="
    end
    set -l takes (__hvcompat_argument $verb $option)
    if test -n "$takes"
        __hvcompat_values $takes (string replace -- "$begin" '' $current) | string replace -r '^' -- $begin
        return
    end
    if string match -q -- '-*' $current
        hvcompat --list-options $verb 2>/dev/null | cut -f1,2 | string replace -r '=?\t' '\t'
        return
    end
    switch (count $words):$verb:"$words[3]"
        case '*:help:*'
            hvcompat --list-verbs 2>/dev/null
            return
        case '2:*'
            hvcompat --list-words $verb 2>/dev/null
        case '*:policy:show' '*:policy:cat'
            __hvcompat_policies
        case '*:shim:show' '*:shim:apply'
            __hvcompat_shims
        case '3:*'
            hvcompat --list-words $verb $words[3] 2>/dev/null
    end
    __fish_complete_path $current
end

complete -c hvcompat -f -a '(__hvcompat_candidates)'
