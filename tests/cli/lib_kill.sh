# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
# For the scripts that end prun at chosen moments of the commit and the push.
# Sourced behind lib_git.sh.
#
# A moment is "call N before", "call N after" (the Nth git that prun starts), or
# "hook NAME K" (the Kth time that git runs the hook: inside of its work).

strike=$work/strike
mkdir -p "$strike/bin" "$strike/hooks" "$strike/server"
real_git=$(command -v git)
mkfifo "$strike/alive"
echo none >"$strike/moment"

# hit MOMENT: what the shim and the hooks do when they are there.
cat >"$strike/hit" <<EOF
#!/bin/sh
echo "\$*" >>"$strike/log"
[ "\$*" = "\$(cat "$strike/moment")" ] || exit 0
: >"$strike/done"
kill -"\$(cat "$strike/signal")" "\$(cat "$strike/pid")"
exit 0
EOF
cat >"$strike/bin/git" <<EOF
#!/bin/sh
n=\$((\$(cat "$strike/calls") + 1))
echo \$n >"$strike/calls"
"$strike/hit" call \$n before
if [ "call \$n during" = "\$(cat "$strike/moment")" ]; then
	"$real_git" "\$@" &
	sleep 0.00\$n
	"$strike/hit" call \$n during
	wait \$!
else
	echo "call \$n during" >>"$strike/log"
	"$real_git" "\$@"
fi
status=\$?
"$strike/hit" call \$n after
exit \$status
EOF
for h in pre-commit prepare-commit-msg commit-msg post-commit \
    reference-transaction post-index-change pre-push; do
	cat >"$strike/hooks/$h" <<EOF
#!/bin/sh
[ $h = pre-push ] && cat >/dev/null
[ $h = reference-transaction ] && cat >/dev/null
echo >>"$strike/n-$h"
"$strike/hit" hook $h \$(wc -l <"$strike/n-$h")
EOF
done
for h in pre-receive update post-receive; do
	cat >"$strike/server/$h" <<EOF
#!/bin/sh
[ $h = update ] || cat >/dev/null
echo >>"$strike/n-$h"
"$strike/hit" hook $h \$(wc -l <"$strike/n-$h")
EOF
done
chmod +x "$strike/hit" "$strike/bin/git" "$strike"/hooks/* "$strike"/server/*

# The repository that each moment starts with: all kinds of the user's edits
# and a remote.
make_template()
{
	mkdir -p "$work/t/first" && cd "$work/t/first" || bail_out 'no folder'
	git init -q -b main --template=
	cat >Taskfile.yml
	echo 1 >tracked
	echo 1 >removed
	user_edits
	git init -q --bare -b main --template= "$work/t/first.git"
	cp -R "$strike/server" "$work/t/first.git/hooks"
	git remote add origin "$work/t/o.git"
	git push -q "$work/t/first.git" main
	git config branch.main.remote origin
	git config branch.main.merge refs/heads/main
	git config core.hooksPath "$strike/hooks"
	git update-index -q --refresh
	start=$(git rev-parse HEAD)
	edits=$(tree_of)
}

# strike_at SIGNAL MOMENT WORDS…: a fresh repository, prun WORDS ended there; all
# that it started has ended, too, when this returns.
strike_at()
{
	rm -rf "$work/t/r" "$work/t/o.git" "$strike"/n-* "$strike/done" \
	    "$strike/log"
	cp -a "$work/t/first" "$work/t/r"
	cp -a "$work/t/first.git" "$work/t/o.git"
	cd "$work/t/r" || bail_out 'no folder'
	echo 0 >"$strike/calls"
	echo "$1" >"$strike/signal"
	echo "$2" >"$strike/moment"
	shift 2
	PATH=$strike/bin:$PATH timeout 60 sh -c '
		echo $$ >"$0/pid"
		exec "$PRUN" "$@" 8>"$0/alive"' \
	    "$strike" "$@" >"$work/said" 2>&1 </dev/null &
	# to the end of the last that has the pipe open for writing
	timeout 60 cat "$strike/alive" >/dev/null
	wait $! 2>/dev/null
	status=$?
}

# moments WORDS…: all of them, one a line, from a run without a strike.
moments()
{
	strike_at 0 'none' "$@"
	cp "$strike/log" "$work/moments"
	[ "$status" -eq 0 ] || note "$(cat "$work/said")"
}

# The user's edits alone: what the run writes is taken out of the picture.
user_part()
{
	grep -v -e fresh -e tracked -e removed
}
