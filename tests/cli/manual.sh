#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual pages say what the tables in the code say: flags (C-049),
# settings (P-903) and the keys of Taskfiles.
# shellcheck disable=SC1091,SC2154 # lib.sh

. "${abs_srcdir:-.}/tests/cli/lib.sh"
src=$abs_srcdir/src
man=$abs_srcdir/man

# table NAME FILE: the lines of a macro that lists.
table()
{
	sed -n "/^#define $1(/,/[^\\\\]\$/p" "$2"
}

# section NAME FILE: a page's lines below .Sh or .Ss NAME.
section()
{
	awk -v name="$1" '
		$1 == ".Sh" || $1 == ".Ss" && !inside { text = $0
			sub(/^\.S[hs] /, "", text); inside = text == name
			next }
		inside' "$2"
}

# The names behind .It Cm.
items()
{
	sed -n 's/^\.It Cm \([A-Za-z_-]*\).*/\1/p'
}

table OPTIONS "$src/cli/options.h" |
    sed -n 's/^	X(\([a-z_]*\), \([^,]*\), \([A-Z]*\),.*/\1 \2 \3/p' |
    sed "s/'//g; s/_/-/g" >options
[ "$(wc -l <options)" -gt 60 ]
ok $? 'the table of flags has lines'
run prun --help all
printf '%s\n' "$out" |
    sed -nE 's/^  (-([a-zA-Z]), |    )--([a-z-]+).*/\3 \2/p' |
    sed 's/ $/ 0/' | sort >help
# --force-all is there under an experiment only (C-017)
cut -d' ' -f1,2 options | grep -v '^force-all ' | sort >want
is "$(cat help)" "$(cat want)" '--help has each flag and no other (C-049)'

section OPTIONS "$man/prun.1" |
    sed -nE 's/^\.It Fl (([a-zA-Z]) , Fl )?-([a-z-]+).*/\3 \2/p' |
    sed 's/ $/ 0/' >paged
cut -d' ' -f1,2 options | sort >want
is "$(sort paged)" "$(cat want)" 'prun.1 has each flag and no other'
prun --help all | sed -nE 's/^([A-Z].*):$/\1/p; s/^  (-., |    )--([a-z-]+).*/\2/p' |
    grep -v '^Usage' >helped
section OPTIONS "$man/prun.1" |
    sed -nE 's/^\.Ss //p; s/^\.It Fl ([a-zA-Z] , Fl )?-([a-z-]+).*/\2/p' |
    grep -vx force-all >paged
is "$(cat paged)" "$(cat helped)" 'in the groups and the order of --help'
section OPTIONS "$man/prun.1" |
    sed -nE 's/^\.It .*Fl -([a-z-]+) Ar .*/\1/p' | sort >paged
awk '$3 != "BOOL" && $3 != "OPTIONAL" { print $1 }' options | sort >want
is "$(cat paged)" "$(cat want)" 'and says which ones take a value'
table SETTINGS "$src/project/settings.h" |
    sed -n 's/^	X([a-z_]*, [A-Z]*, "\([A-Z_]*\)".*/\1/p' >variables
[ "$(wc -l <variables)" -gt 20 ]
ok $? 'the table of their settings has variables'
while read -r name; do
	grep -Eq "^\\.It Ev.* $name( |$)" "$man/prun.1" || echo "$name"
done <variables >missing
is "$(cat missing)" '' 'and the variable of each'

# Settings: section by section.
table CONFIG_KEYS "$src/project/ini.h" |
    sed -n 's/^	X(\([a-z]*\), \([a-z_]*\),.*/\1 \2/p' >settings
[ "$(wc -l <settings)" -gt 15 ]
ok $? 'the table of settings has lines'
cut -d' ' -f1 settings | uniq | while read -r name; do
	awk -v name="[$name]" '
		$1 == ".Ss" || $1 == ".Sh" { inside = $2 == name; next }
		inside' "$man/prun.ini.5" | items | sed "s/^/$name /"
done >paged
is "$(sort paged)" "$(sort settings)" 'prun.ini.5 has each setting'
grep '^\.Ss \[' "$man/prun.ini.5" | sed 's/.*\[\([a-z]*\).*/\1/' |
    grep -v -e '^pool$' -e '^hook$' | sort >paged
is "$(cat paged)" "$(cut -d' ' -f1 settings | sort -u)" \
    'and each section, and no other'

# Keys of Taskfiles.
keys()
{
	table "$1" "$src/taskfile/$2" |
	    sed -nE 's/^	(X|RARE|WHOLE)\("([a-z_]+)".*/\2/p' | sort
}
while read -r macro file title; do
	keys "$macro" "$file" >want
	[ -s want ]
	ok $? "$file has keys of $macro"
	awk -v name="$title" '
		$1 == ".Sh" { inside = substr($0, 5) == name; next }
		inside' "$man/Taskfile.5" | items | sort >paged
	is "$(cat paged)" "$(cat want)" "Taskfile.5 has the keys of $title"
done <<-'EOT'
	TASKFILE_FIELDS decode.c THE FILE
	TASK_FIELDS decode_task.c TASKS
	CMD_FIELDS decode_cmd.c COMMANDS
	DEP_FIELDS decode_cmd.c DEPENDENCIES
	VAR_FIELDS decode_var.c VARIABLES
	INCLUDE_FIELDS decode.c INCLUDES
EOT

# What is written in the page runs.
awk '/^\.Bd -literal/ { on = 1; next } /^\.Ed/ { exit } on' \
    "$man/Taskfile.5" >Taskfile.yml
run prun --list-all --silent
is "$out" 'build
lint
qa
test' 'the example of Taskfile.5 is a Taskfile'
section EXAMPLES "$man/prun.ini.5" |
    awk '/^\.Bd -literal/ { on = 1; next } /^\.Ed/ { exit } on' >prun.ini
[ "$(grep -c = prun.ini)" -gt 3 ]
ok $? 'prun.ini.5 has an example'
run prun --dry lint
is "$status $out" '0 ' 'which is read without an error'

if command -v mandoc >/dev/null; then
	run mandoc -Tlint -W warning "$man"/*.[1-9]
	is "$status $out" '0 ' 'mandoc has no complaint'
else
	skip 'mandoc has no complaint' 'no mandoc'
fi

done_testing
