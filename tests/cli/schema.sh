#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# --schema: the JSON schema knows the keys that prun reads, and the Taskfiles
# that come with it.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
src=$abs_srcdir/src/taskfile

run prun --schema
is "$status|$err" '0|' 'it is printed without a Taskfile'
prun --schema >schema.json

# The keys of a macro's table, sorted.
keys()
{
	sed -n "/^#define $1(/,/[^\\\\]\$/p" "$src/$2" |
	    sed -nE 's/^	(X|RARE|WHOLE)\("([a-z_]+)".*/\2/p' | LC_ALL=C sort
}
if command -v python3 >/dev/null; then
	cat >keys.py <<-'EOT'
		import json, sys
		schema = json.load(open("schema.json"))
		place = schema
		for step in sys.argv[1:]:
		    place = place[int(step) if step.isdigit() else step]
		assert place["additionalProperties"] is False
		print("\n".join(sorted(place["properties"])))
	EOT
	while read -r macro file path; do
		# shellcheck disable=SC2086 # a path of words
		run python3 keys.py $path
		is "$out" "$(keys "$macro" "$file")" "the keys of $macro"
	done <<-'EOT'
		TASKFILE_FIELDS decode.c
		TASK_FIELDS decode_task.c definitions task anyOf 2
		CMD_FIELDS decode_cmd.c definitions command anyOf 1
		DEP_FIELDS decode_cmd.c definitions dependency anyOf 1
		VAR_FIELDS decode_var.c definitions var anyOf 2
		INCLUDE_FIELDS decode.c definitions include anyOf 1
	EOT
else
	skip 'keys of the schema' 'no python3'
fi

if python3 -c 'import jsonschema, yaml' 2>/dev/null; then
	cat >check.py <<-'EOT'
		import json, sys, jsonschema, yaml
		schema = json.load(open("schema.json"))
		jsonschema.Draft7Validator.check_schema(schema)
		checker = jsonschema.Draft7Validator(schema)
		for name in sys.argv[1:]:
		    for e in checker.iter_errors(yaml.safe_load(open(name))):
		        print(name, list(e.absolute_path), e.message)
	EOT
	find "$abs_srcdir/examples" "$abs_srcdir/taskfiles" -name '*.yml' \
	    ! -path '*/.[!.]*' >files
	[ "$(grep -c . files)" -gt 8 ]
	ok $? 'there are Taskfiles to check'
	# shellcheck disable=SC2046 # names without blanks
	run python3 check.py $(cat files)
	is "$status|$out" '0|' 'all of them are as the schema says'
	# What the tables of tests/taskfile say is read or refused for its
	# form; keys that nobody knows, a word behind `for:` that means
	# nothing, keys that stand twice and empty texts are another matter.
	cat >tables.py <<-'EOT'
		import json, re, sys, jsonschema, yaml
		class Loader(yaml.SafeLoader):
		    pass
		for ch, rules in Loader.yaml_implicit_resolvers.items():
		    Loader.yaml_implicit_resolvers[ch] = [
		        r for r in rules if r[0][-4:] not in ("bool", "tamp")]
		Loader.add_implicit_resolver(
		    "tag:yaml.org,2002:bool",
		    re.compile("^(true|True|TRUE|false|False|FALSE)$"), "tTfF")
		def text_keys(node):
		    if isinstance(node, dict):
		        return {json.dumps(k).strip('"'): text_keys(v)
		                for k, v in node.items()}
		    if isinstance(node, list):
		        return [text_keys(v) for v in node]
		    return node
		checker = jsonschema.Draft7Validator(json.load(open("schema.json")))
		count = 0
		for table in sys.argv[1:]:
		    for case in re.split("^=== ", open(table).read(), flags=re.M)[1:]:
		        name, text, want = re.match(
		            r"([^\n]*)\n--- [^\n]*\n(.*?)^--- (?:.*^--- )?want\n(.*)",
		            case,
		            re.M | re.S).groups()
		        refused = "exit 102" in want
		        if (re.match("duplicate key|.*clash|.*empty cmd|loops|.*included", name)
		                or not refused and re.search("unknown|^exit", want, re.M)):
		            continue
		        try:
		            node = text_keys(yaml.load(text, Loader))
		        except yaml.YAMLError:
		            continue
		        count += 1
		        if checker.is_valid(node) == refused:
		            print(name, "is", "accepted" if refused else "refused")
		assert count > 50, count
	EOT
	run python3 tables.py "$abs_srcdir"/tests/taskfile/model.txt \
	    "$abs_srcdir"/tests/taskfile/errors.txt
	is "$status|$out" '0|' 'it reads and refuses as prun does'
	while read -r text; do
		printf '%s\n' "$text" >bad.yml
		run python3 check.py bad.yml
		isnt "$out" '' "the schema refuses $text"
	done <<-'EOT'
		{tasks: {a: echo}}
		{version: '3', task: {a: echo}}
		{version: '3', tasks: {a: {description: x}}}
		{version: '3', tasks: {a: {cmds: [{cmd: x, silnt: true}]}}}
		{version: '3', tasks: {a: {parallel: maybe}}}
		{version: '3', tasks: {a: {retries: -1}}}
		{version: '3', tasks: {a: {slots: 0}}}
		{version: '3', tasks: {a: {retry_delay: soon}}}
		{version: '3', tasks: {a: {retry_delay: -1s}}}
		{version: '3', tasks: {a: {grace: -0.5s}}}
		{version: '3', tasks: {a: {commit: {paths: some}}}}
		{version: '3', output: loud}
		{version: '3', vars: {A: {shell: x}}}
		{version: '3', includes: {a: {file: x}}}
	EOT
else
	skip 'Taskfiles against the schema' 'no jsonschema and yaml for python3'
fi

done_testing
