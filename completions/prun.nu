# SPDX-License-Identifier: MIT
# Completion of prun and task for nushell.  The program knows what to offer
# (prun __complete); this file asks it for these two names and leaves all other
# commands to the completer that was there before.

def prun-complete [spans: list<string>] {
    let program = ($env.TASK_EXE? | default $spans.0)
    let answer = (do { ^$program __complete ...($spans | skip 1) } | complete | get stdout | lines)
    if ($answer | is-empty) { return null }
    let does = ($answer | last | str substring 1.. | into int)
    # files are nushell's own business
    if ($does | bits and 24) != 0 { return null }
    let found = ($answer | drop 1 | each {|line|
        let parts = ($line | split row -n 2 "\t")
        if ($parts | length) > 1 { {value: $parts.0, description: $parts.1} } else { {value: $parts.0} }
    } | where value starts-with ($spans | last))
    if ($found | is-empty) and ($does | bits and 4) == 0 { return null }
    $found
}

$env.config.completions.external.enable = true
$env.config.completions.external.completer = (do {|before|
    {|spans: list<string>|
        if ($spans.0 | path basename) in [prun task] {
            prun-complete $spans
        } else if $before != null {
            do $before $spans
        }
    }
} ($env.config.completions?.external?.completer?))
