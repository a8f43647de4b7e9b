# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC1091,SC2154 # lib.sh
# For the scripts that try completion in a shell, as a person would: on a
# terminal, with the tab key.  Set before: `shell`, its name; `start`, how to
# start it so that it reads $work/rc; `prompt`, a line that sets its prompt to
# "READY> "; `setup`, lines that load the script.


command -v "$shell" >/dev/null || skip_all "no $shell"
command -v python3 >/dev/null || skip_all 'no python3'

mkdir "$work/bin" "$work/t/docs" "$work/t/down"
ln -s "$PRUN" "$work/bin/prun"
ln -s "$PRUN" "$work/bin/task"
PATH=$work/bin:$PATH
TERM=xterm
export PATH TERM
: >docs.yml
: >docs.txt

taskfile <<'EOT'
version: '3'
tasks:
  build: {desc: Make it all, aliases: [bld]}
  docs:serve: {desc: Show the manual}
  docs:write: echo
  'two words': {desc: 'Say "it''s" [50%] $HOME `id` \n: ünï'}
  kühl: {desc: ''}
  'odd:$x': {desc: 'a:b\c'}
  'brack[1]': echo
  'gen-*': {desc: Any}
  deep:er:down: echo
  release:
    requires:
      vars: [VERSION, {name: STAGE, enum: [alpha, 'beta two']}]
EOT

# dialogue <TEXT: one with a fresh shell; $setup is what it reads first.
dialogue()
{
	{
		printf '%s\n' "$setup"
		echo "$prompt"
	} >"$work/rc"
	{
		echo '< READY> '
		cat
	} >"$work/dialogue"
	# shellcheck disable=SC2086 # words
	run python3 "$abs_srcdir/tests/cli/terminal.py" "$work/dialogue" $start
}

verdict()
{
	if [ "$status" -eq 0 ]; then
		pass "$shell: $1"
	else
		fail "$shell: $1"
		note "$out"
		note "$err"
	fi
}

# Types a line with tabs, puts printf before it, and so sees its words.
# completes LINE WORDS NAME
completes()
{
	# ^A and ^E are the ends of the line
	dialogue <<-EOT
		> $1
		> \\x01printf '[%s]' \\x05\\r
		< $2
		> exit\\r
	EOT
	verdict "$3"
}

# What tabs show: shows LINE TEXT NAME
shows()
{
	dialogue <<-EOT
		> $1
		< $2
		> \\x15exit\\r
	EOT
	verdict "$3"
}

# C-710 and C-711, the same for all.
try_completion()
{
	completes 'prun bui\t' '[prun][build]' 'a task'
	completes 'task bui\t' '[task][build]' 'under the name task'
	completes 'prun bl\t' '[prun][bld]' 'an alias'
	completes 'prun docs:s\t' '[prun][docs:serve]' 'a name with a colon'
	completes 'prun --list-a\tX' '[prun][--list-all][X]' 'a flag'
	completes 'prun --output pre\t' '[prun][--output][prefixed]' \
	    'the value of a flag'
	completes 'prun --output=pre\t' '[prun][--output=prefixed]' \
	    'behind an equals sign'
	completes 'prun -s -o pre\tbui\t' '[prun][-s][-o][prefixed][build]' \
	    'a task behind it'
	completes 'prun release V\t1' '[prun][release][VERSION=1]' \
	    'a required variable, without a blank behind it'
	completes 'prun release VERSION=1 STAGE=al\t' \
	    '[prun][release][VERSION=1][STAGE=alpha]' 'one of its values'
	completes 'prun release VERSION=1 STAGE=be\t' \
	    '[prun][release][VERSION=1][STAGE=beta two]' \
	    'a value that must be quoted'
	completes 'prun --dir do\twn\t' '[prun][--dir][down' 'a folder'
	completes 'prun -t docs.y\t' '[prun][-t][docs.yml]' \
	    'a file of the right ending'
	completes 'prun build -- docs.t\t' '[prun][build][--][docs.txt]' \
	    'any file behind the dashes'
	shows 'prun docs:\t\t' 'serve' 'all of a namespace'
	completes 'prun two\t' '[prun][two words]' 'a name with a blank'
	completes 'prun k\xc3\xbch\t' '[prun][k\xc3\xbchl]' 'one beyond ASCII'
	completes 'prun odd\t' '[prun][odd:$x]' 'one that the shell would expand'
	completes 'prun brack\t' '[prun][brack[1]]' 'one with brackets'
	completes 'prun gen\tX' '[prun][gen-' 'a pattern up to its star'
	completes 'prun deep:e\t' '[prun][deep:er:down]' 'deeper namespaces'
	completes 'prun --sort al\t' '[prun][--sort][alphanumeric]' \
	    'another value of a flag'
	completes 'prun -d do\twn\t' '[prun][-d][down' 'a folder, by its letter'
	completes 'prun build docs:w\t' '[prun][build][docs:write]' \
	    'a second task'
}
