#!/bin/sh
# SPDX-License-Identifier: MIT
# How many instructions twelve commands take, by callgrind: a count depends
# neither on the machine's speed nor on what else it does.  Each has a bound in
# tests/bench/bounds; `make bench-count` shows the counts beside them.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v valgrind >/dev/null 2>&1 || skip_all 'no valgrind'
[ -z "$TEST_SANITIZED" ] || skip_all 'sanitizers count for themselves'
bounds=${abs_srcdir:-.}/tests/bench/bounds

# Whether the history takes a run's journal depends on the time it took.
mkdir -p "$XDG_CONFIG_HOME/prun"
printf '[features]\nhistory = off\n' >"$XDG_CONFIG_HOME/prun/prun.ini"

# flat DIR N: tasks with a description, a command each.
flat()
{
	mkdir -p "$1"
	awk -v n="$2" 'BEGIN {
		print "version: \"3\"\ntasks:"
		for (i = 0; i < n; i++)
			printf "  t%d:\n    desc: Task number %d of the list\n" \
			    "    cmds:\n      - \"true\"\n", i, i
	}' >"$1/Taskfile.yml"
}

# built DIR N METHOD: each has a source and a newer output.
built()
{
	mkdir -p "$1/s" "$1/g"
	awk -v n="$2" -v method="$3" 'BEGIN {
		print "version: \"3\"\nmethod: " method "\ntasks:\n  all:\n    deps:"
		for (i = 0; i < n; i++)
			print "      - t" i
		for (i = 0; i < n; i++)
			printf "  t%d:\n    sources:\n      - s/%d.c\n" \
			    "    generates:\n      - g/%d.o\n" \
			    "    cmds:\n      - echo >> ran\n", i, i, i
	}' >"$1/Taskfile.yml"
	(cd "$1" && awk -v n="$2" 'BEGIN {
		for (i = 0; i < n; i++) {
			printf "/* %d */\n", i > ("s/" i ".c"); close("s/" i ".c")
		}
		for (i = 0; i < n; i++) {
			printf "o" > ("g/" i ".o"); close("g/" i ".o")
		}
	}')
}

# heavy DIR N: tasks with all that is usual in them.
heavy()
{
	mkdir -p "$1"
	awk -v n="$2" 'BEGIN {
		print "version: \"3\"\nvars:\n  A: one\n  B: \"{{.A}}-two\"\ntasks:"
		for (i = 0; i < n; i++) {
			printf "  t%d:\n", i
			if (i == 0)
				print "    desc: the first"
			else
				printf "    deps: [t%d]\n", i - 1
			printf "    vars:\n      NAME: \"item-%d\"\n", i
			printf "    sources:\n      - src/%d/**/*.c\n", i
			printf "    generates:\n      - out/%d.o\n", i
			printf "    cmds:\n      - echo \"{{.NAME}}\"\n" \
			    "      - touch out/%d.o\n", i
		}
	}' >"$1/Taskfile.yml"
}

# instructions DIR ARGUMENTS…: of a run when all that there is to do is done.
instructions()
{
	dir=$1
	shift
	# and digests have settled
	(cd "$dir" && prun "$@" && sleep 0.06 && prun "$@") >/dev/null 2>&1
	(cd "$dir" && valgrind --tool=callgrind \
	    --callgrind-out-file=/dev/null "$PRUN" "$@" 2>&1 >/dev/null |
	    sed -n 's/.*Collected : *//p' | head -n 1)
}

# What the dynamic linker takes, where the C library is a shared one.
linking=0
ldd "$PRUN" 2>/dev/null | grep -q 'libc\.' && linking=430000

# count NAME DIR ARGUMENTS…
count()
{
	name=$1
	shift
	got=$(instructions "$@")
	bound=$(awk -v name="$name" -v linking="$linking" \
	    '$1 == name { print $2 + linking }' "$bounds")
	[ "${got:-0}" -gt 0 ] && [ "$got" -le "${bound:-0}" ]
	ok $? "$name: $(printf '%11s' "$got") of at most $bound"
}

# grows NAME SMALL LARGE ARGUMENTS…: ten times the tasks cost at most 10^1.05
# times the instructions, what a start costs left out.
grows()
{
	name=$1 small=$2 large=$3
	shift 3
	start=$(instructions few --list)
	one=$(($(instructions "$small" "$@") - start))
	ten=$(($(instructions "$large" "$@") - start))
	[ "$one" -gt 0 ] && [ "$((ten * 100))" -le "$((one * 1122))" ]
	ok $? "$name: $one, and $ten for ten times the tasks"
}

flat few 10
flat many 2000
built by-time 1000 timestamp
built by-sum 1000 checksum
heavy heavy 2000
mkdir -p one include
for i in $(seq 50); do
	flat "include/d$i" 20
done
{
	printf 'version: "3"\nincludes:\n'
	for i in $(seq 50); do
		echo "  inc$i: ./d$i"
	done
	printf 'tasks:\n  t5:\n    cmds:\n      - "true"\n'
} >include/Taskfile.yml
cp -R by-time/s one/s
taskfile one/Taskfile.yml <<-'EOF'
version: '3'
tasks:
  all:
    sources: ['s/**/*.c']
    generates: [out]
    cmds: ['touch out']
EOF
mkdir templates
awk 'BEGIN {
	print "version: \"3\"\nvars:\n  A: hello\n  L: c,a,b\ntasks:\n  all:\n    cmds:"
	for (i = 0; i < 500; i++)
		printf "      - '\''true \"{{.A | upper | replace \"L\" \"%d\"}} " \
		    "{{range splitList \",\" .L}}{{.}};{{end}}\"'\''\n", i
}' >templates/Taskfile.yml

count version few --version
count list-10 few --list
count no-op-10 few -s t5
count list-2000 many --list
count no-op-2000 many -s t5
count include-50 include -s t5
count null-timestamp-1000 by-time -s all
count null-checksum-1000 by-sum -s all
count one-task-1000-sources one -s all
count templates-500 templates -n all
count load-2000 heavy --list
count plan-1000 by-time --plan all

flat flat-1 1000
flat flat-10 10000
heavy heavy-1 1000
heavy heavy-10 10000
built deps-1 500 none
built deps-10 5000 none
grows growth-list flat-1 flat-10 --list
grows growth-no-op flat-1 flat-10 -s t5
grows growth-load heavy-1 heavy-10 --list
grows growth-plan deps-1 deps-10 --plan all

done_testing
