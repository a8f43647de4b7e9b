#!/bin/sh
# SPDX-License-Identifier: MIT
# What must not be in the tree: paths of somebody's machine, package
# registries, functions without bounds, unfinished parts, files without a
# licence line.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
cd "$abs_srcdir" || bail_out "no $abs_srcdir"

# Files of the project: what git knows, or, in a tarball, what is there.
files()
{
	if [ -e .git ] && command -v git >/dev/null 2>&1; then
		git ls-files -- "$@"
	else
		find "$@" -type f ! -name '*.o' ! -name '*.log' \
		    ! -name '*.trs' ! -path '*/.deps/*' ! -path '*/.task/*'
	fi
}

# In patterns one letter stands in brackets, so that this file has no match.
code=$(files src | grep '\.[ch]$')
all=$(files bootstrap configure.ac Makefile.am m4 src tests docs man examples \
    taskfiles completions README.md NEWS CONTRIBUTING.md 2>/dev/null)
[ -n "$code" ] || bail_out "no files found"

# none PATTERN NAME FILE…
none()
{
	pattern=$1 name=$2
	shift 2
	is "$(grep -nE "$pattern" "$@" /dev/null | cut -c1-160)" '' "$name"
}

# shellcheck disable=SC2086 # names without blanks
{
	none '(^|[^_[:alnum:]])(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|gets|alloca)[[:space:]]*\(' \
	    'no functions without bounds' $code
	none '(^|[^[:alnum:]])(T[O]DO|F[I]XME|X[X]X|H[A]CK|unimpl[e]mented|not impl[e]mented)([^[:alnum:]]|$)' \
	    'nothing is left unfinished' $code
	none '(^|[^[:alnum:]_.])/w[o]rk(/|[^[:alnum:]_]|$)|/home/[a-z]+/(src|git|dev|projects)|/Us[e]rs/[a-z]' \
	    'no paths of a machine' $all
	none '(registry\.npmj[s]|pypi\.o[r]g|files\.pythonhost[e]d|crates\.i[o]/|proxy\.golang\.o[r]g|rubygems\.o[r]g)' \
	    'no hosts of package registries' $all
	none '[[:blank:]]+$' 'no blanks at the end of a line' $code
}

without=
for file in $code $(files src tests | grep '\.sh$'); do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
	    without="$without $file"
done
is "$without" '' 'every source names its licence'

missing=
for file in $code; do
	case $file in
	*_test.c | *_tables.h) continue ;;
	esac
	grep -q "$file" Makefile.am src/Makefile.am tests/Makefile.am ||
	    missing="$missing $file"
done
is "$missing" '' 'every source is in the list of its folder'

missing=
for file in $(files src | grep '_test\.c$'); do
	grep -q "$file" tests/Makefile.am || missing="$missing $file"
done
for file in $(files tests/cli | grep '\.sh$'); do
	case $file in
	*/lib.sh | */lib_*.sh) continue ;;
	esac
	grep -q "$file" tests/Makefile.am || missing="$missing $file"
done
is "$missing" '' 'every test is in a list'

# A comment says what a rule asks for; its number alone sends the reader away.
# shellcheck disable=SC2046,SC2086 # names without blanks
none '/\*[[:space:]]*[LCPMD]-[0-9]+([ ,;.]|and|to|ff|[LCPMD]-[0-9]+)*[[:space:]]*\*/' \
    'no comment is a number alone' $(printf '%s\n' $code | grep -v '_test\.c$')

# The tour of the code has every file, by name or by a group of names.
untold=
# shellcheck disable=SC2086 # names without blanks
for file in $(printf '%s\n' $code | grep '\.c$' | grep -v '_test\.c$\|fixture\.c$\|/fake\.c$\|^src/fetch/'); do
	name=${file##*/}
	name=${name%.c}
	grep -q "\`$name\`" src/README.md || grep -q "\`${name%%_*}_\*\`" src/README.md ||
	    untold="$untold $file"
done
is "$untold" '' 'every source has its place in src/README.md'

# A static function is named for its file's subject where its bare verb stands
# in another file too, so that a name leads to one place.
statics()
{
	awk 'FNR == 1 { before = "" }
	    /^[a-z_][a-z0-9_]*\(/ && before ~ /^static / {
		name = $0; sub(/\(.*/, "", name); print name, FILENAME
	    }
	    { before = $0 }' "$@"
}
# shellcheck disable=SC2046,SC2086 # names without blanks
is "$(statics $(echo $code | tr ' ' '\n' | grep -v '_test\.c$\|fixture\.c$\|/fake\.c$') |
    sort | awk '$1 == name && $2 != file { print name ": " file ", " $2 }
	{ name = $1; file = $2 }')" '' 'no two files have a static function of one name'

# The patterns do find what they are for.
printf '\tstrc%s(a, b);\n' 'py' >"$work/t/bad.c"
printf 'static int\nlook(void)\n' | tee "$work/t/one.c" >"$work/t/two.c"
is "$(statics "$work/t/one.c" "$work/t/two.c" | wc -l | tr -d ' ')" 2 \
    'static functions are found'
like "$(none 'strcpy[[:space:]]*\(' 'x' "$work/t/bad.c")" 'not ok' 'a pattern that matches is a failure'

done_testing
