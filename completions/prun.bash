# SPDX-License-Identifier: MIT
# Completion of prun and task for bash, from version 3.2 on.  The program knows
# what to offer (prun __complete); this file asks it and hands the answer to
# bash.  It needs nothing else, not even bash-completion.  For an alias:
#
#	complete -F _prun NAME

# The words of the line up to the cursor into the array `words`.  Bash cuts at
# = and : too; what has no blank in between is put together again.
__prun_words()
{
	local rest=${COMP_LINE:0:COMP_POINT} piece tail i n=0

	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		tail=${rest#"${rest%%[![:space:]]*}"}
		piece=${COMP_WORDS[i]}
		# behind the cursor there may be more of the last word
		((i < COMP_CWORD)) || piece=$tail
		if ((n == 0)) || [[ $tail != "$rest" ]]; then
			words[n++]=$piece
		else
			words[n - 1]+=$piece
		fi
		rest=${tail#"$piece"}
	done
}

# What bash does not replace of the current word: up to its last = or :.
__prun_kept()
{
	local breaks="" char

	for char in = :; do
		[[ $COMP_WORDBREAKS == *"$char"* ]] && breaks+=$char
	done
	kept=
	[[ -z $breaks ]] || kept=${1%"${1##*["$breaks"]}"}
}

# Candidates that are files: those that compgen "$@" finds.
__prun_files()
{
	local flag="" path=$cur name

	if [[ $cur == -*=* ]]; then
		flag=${cur%%=*}=
		path=${cur#*=}
	fi
	compopt -o filenames 2>/dev/null
	while IFS= read -r name; do
		name=$flag$name
		COMPREPLY+=("${name#"$kept"}")
	done < <(compgen "$@" -- "$path")
}

# Files with one of the endings, and folders.
__prun_endings()
{
	local ending

	__prun_files -d
	for ending in "$@"; do
		# shellcheck disable=SC2016 # for compgen
		__prun_files -f -X "!*.$ending"
	done
}

_prun()
{
	local -a words lines=()
	local cur kept line command answer value IFS=$' \t\n'
	local -i does

	COMPREPLY=()
	__prun_words
	cur=${words[${#words[@]} - 1]}
	__prun_kept "$cur"
	# an alias stands for its words; older versions do not tell
	if ((BASH_VERSINFO[0] >= 4)) && [[ -n ${BASH_ALIASES[${words[0]}]-} ]]; then
		# shellcheck disable=SC2206 # words
		words=(${BASH_ALIASES[${words[0]}]} "${words[@]:1}")
	fi
	command=${TASK_EXE:-${words[0]}}
	# shellcheck disable=SC2088 # as it was typed
	[[ $command != '~/'* ]] || command=$HOME/${command:2}
	answer=$("$command" __complete "${words[@]:1}" 2>/dev/null)
	while IFS= read -r line; do
		lines+=("$line")
	done <<<"$answer"
	line=${lines[${#lines[@]} - 1]}
	if [[ $line != :[0-9]* ]]; then
		__prun_files -f
		return
	fi
	does=${line#:}
	unset "lines[${#lines[@]} - 1]"
	if ((does & 8)); then
		__prun_endings ${lines[@]+"${lines[@]}"}
		return
	fi
	if ((does & 16)); then
		__prun_files -d
		return
	fi
	for line in ${lines[@]+"${lines[@]}"}; do
		value=${line%%$'\t'*}
		[[ $value == "$cur"* ]] || continue
		value=${value#"$kept"}
		case $value in
		*[[:space:]\"\'\\\$\`\&\|\;\<\>\(\)]*)
			printf -v value %q "$value" ;;
		esac
		COMPREPLY+=("$value")
	done
	# older versions have neither, and then a blank or another order
	((!(does & 2))) || compopt -o nospace 2>/dev/null
	((!(does & 32))) || compopt -o nosort 2>/dev/null
	((${#COMPREPLY[@]} > 0 || does & 4)) || __prun_files -f
}

complete -F _prun prun task
