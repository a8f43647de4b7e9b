# SPDX-License-Identifier: MIT
# Completion of prun and task for fish.  The program knows what to offer (prun
# __complete); this file asks it and hands the answer to fish.

# Is the bit set in the number?
function __prun_has --argument-names number bit
    test (math "floor($number / $bit) % 2") -eq 1
end

# Files for the current word, those of a flag's value with the flag in front.
function __prun_paths --argument-names finder
    set -l current (commandline -ct)
    set -l path (string replace -r '^-[^=]*=' '' -- $current)
    set -l flag (string sub -l (math (string length -- $current) - (string length -- "$path")) -- $current)
    for entry in ($finder $path)
        echo -- $flag$entry
    end
end

function __prun_complete
    set -l line (commandline -opc)
    set -l program $line[1]
    if set -q GO_TASK_PROGNAME
        set program $GO_TASK_PROGNAME
    else if set -q TASK_EXE
        set program $TASK_EXE
    end
    set -l program (string replace -r '^~/' $HOME/ -- $program)
    set -l answer (command $program __complete $line[2..-1] (commandline -ct) 2>/dev/null)
    if not string match -qr '^:\d+$' -- $answer[-1]
        __prun_paths __fish_complete_path
        return
    end
    set -l does (string sub -s 2 -- $answer[-1])
    set -e answer[-1]
    if __prun_has $does 8
        set -l endings (string join '|' -- $answer)
        __prun_paths __fish_complete_path | string match -r "^[^\t]*(?:/|\.(?:$endings))(?:\t.*)?\$"
        return
    end
    if __prun_has $does 16
        __prun_paths __fish_complete_directories
        return
    end
    test (count $answer) -eq 0; or printf '%s\n' $answer
    __prun_has $does 4; or __prun_paths __fish_complete_path
end

for program in prun task $GO_TASK_PROGNAME
    complete -c $program -e
    complete -c $program --no-files --keep-order -a '(__prun_complete)'
end
