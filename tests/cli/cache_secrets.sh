#!/bin/sh
# SPDX-License-Identifier: MIT
# P-1004: whom a remote cache believes, and whom we do: passwords, tokens,
# certificates, signatures.

. "${abs_srcdir:-.}/tests/cli/lib_cache.sh"

fake
taskfile <<-'EOF'
version: '3'
tasks:
  build:
    cache: true
    sources: [src/*]
    generates: ['out/**']
    cmds: ['mkdir -p out; cat src/* > out/all; echo told']
EOF
mkdir src
git_repo
echo 1 >src/a
hit()
{
	run prun -v build
	has "$err" 'of the remote one' "$1"
}
miss()
{
	run prun -v build
	has "$err" "the remote one: $2" "$1"
	is "$status $out $(cat out/all)" '0 told 1' "$1: and the work is done"
}

# ---- passwords and tokens ----
# nowhere WORD: it is in nothing that was said, kept or shown
nowhere()
{
	hasnt "$out$err" "$1" "$1 is not shown"
	run grep -rl "$1" "$HOME" .task out
	is "$out" '' "$1 is kept nowhere"
}
mode login
settings 'write = on' 'upload = 20s'
elsewhere
miss 'without a password' 'status 401: it wants other credentials'
url=http://me:geheim@127.0.0.1:$port settings 'write = on' 'upload = 20s'
elsewhere
run prun -v build
is "$(warnings)" 0 'with one in the address all goes well'
nowhere geheim
url=http://me:falsch@127.0.0.1:$port settings
elsewhere
miss 'with a wrong one' 'status 401: it wants other credentials'
has "$err" "prun: the cache at http://" 'the address is named'
nowhere falsch
settings
printf 'machine 127.0.0.1 login me password geheim\n' >"$HOME/.netrc"
elsewhere
hit 'by .netrc, which is of that host'
printf 'machine example.com login me password geheim\n' >"$HOME/.netrc"
elsewhere
miss 'not by that of another host' 'status 401'
rm "$HOME/.netrc"
mode token
elsewhere
miss 'without a token' 'status 401'
PRUN_CACHE_TOKEN=hunter22
export PRUN_CACHE_TOKEN
elsewhere
hit 'with a token'
nowhere hunter22
taskfile Taskfile.token.yml <<-'EOF'
version: '3'
tasks:
  show: {cache: true, sources: [src/*], generates: [out/s], cmds: ['mkdir -p out; touch out/s; echo $PRUN_CACHE_TOKEN']}
EOF
prun -t Taskfile.token.yml show >/dev/null 2>&1
rm -rf out .task
run prun -t Taskfile.token.yml show
is "$out" '*****' 'a task that shows it has stars in what is kept'
nowhere hunter22
mode redirect
elsewhere
: >"$log"
run prun build
is "$(grep -c elsewhere "$log")" 0 'it goes to no other address'
mode token
PRUN_CACHE_TOKEN='hunter22
Evil: yes'
elsewhere
run prun build
has "$err" 'PRUN_CACHE_TOKEN has a control character in it' \
    'one of two lines is none'
unset PRUN_CACHE_TOKEN
taskfile Taskfile.env.yml <<-'EOF'
version: '3'
env: {PRUN_CACHE_TOKEN: hunter22, PRUN_FETCH: /bin/false}
tasks:
  build: {cache: true, sources: [src/*], generates: ['out/**'], cmds: ['mkdir -p out; cat src/* > out/all; echo told']}
EOF
: >"$log"
elsewhere
run prun -t Taskfile.env.yml build
is "$(cut -d' ' -f3- "$log")" 'token -' 'a Taskfile gives none'
mode

# ---- signatures ----
rm -rf "$store/ac" "$store/cas"
settings 'write = on' 'upload = 20s'
elsewhere
prun build >/dev/null 2>&1
printf 'our key\n' >"$work/key"
printf 'their key\n' >"$work/other"
git remote add origin https://example.com/a/b.git
settings 'write = on' 'upload = 20s' "sign = $work/key"
elsewhere
miss 'what nobody signed' 'it is not signed'
elsewhere
hit 'what we signed'
is "$(warnings)" 0 'which is nothing to warn of'
git remote set-url origin git@example.com:a/b
elsewhere
hit 'what we signed, by another way to the repository'
cat >"$work/verify.py" <<-'EOF'
import hashlib, hmac, os, re, sys
store, key = sys.argv[1:]
for name in os.listdir(store):
    with open(os.path.join(store, name), "rb") as f:
        text = f.read()
    if b"\nsignature " in text and b"\nsignature -\n" not in text:
        said = re.search(rb"\nsignature ([0-9a-f]{64})\n", text).group(1)
        rest = text.replace(b"signature " + said + b"\n", b"")
        print(hmac.new(key.encode(), rest, hashlib.sha256).hexdigest() ==
              said.decode(), *(x.decode() for x in rest.split(b"\n")[1:3]))
EOF
is "$(python3 "$work/verify.py" "$store/cas" 'our key')" \
    'True repository example.com/a/b ref branch' \
    'it is HMAC-SHA-256 over all but itself'
settings "sign = $work/other"
elsewhere
miss 'another key' 'its signature is not by our key'
settings "sign = $work/key"
git remote set-url origin git@example.com:a/c
elsewhere
miss 'another repository' 'it is of another repository, example.com/a/b'
git remote set-url origin git@example.com:a/b
echo '# edited' >>Taskfile.yml
elsewhere
miss 'another Taskfile' 'other Taskfiles made it'
# a pull request reads what branches have left, and leaves nothing for them
settings 'write = on' 'upload = 20s' "sign = $work/key"
GITHUB_HEAD_REF=x GITHUB_REF=refs/pull/7/merge
export GITHUB_HEAD_REF GITHUB_REF
elsewhere
prun build >/dev/null 2>&1
elsewhere
hit 'a pull request has what it made'
GITHUB_REF=refs/pull/8/merge
settings "sign = $work/key"
elsewhere
miss 'another one has not' 'it is of another ref: pull 7'
unset GITHUB_HEAD_REF GITHUB_REF
settings 'write = on' 'upload = 20s' "sign = $work/key"
elsewhere
miss 'a branch has not' 'it is of another ref: pull 7'
GITHUB_HEAD_REF=x GITHUB_REF=refs/pull/8/merge
export GITHUB_HEAD_REF GITHUB_REF
elsewhere
hit 'what the branch has left is for all'
unset GITHUB_HEAD_REF GITHUB_REF
: >"$work/empty"
for sign in "$work/none" "$work/empty"; do
	settings "sign = $sign"
	elsewhere
	: >"$log"
	run prun build
	is "$status $out $(warnings) $(requests)" '0 told 1 ' \
	    "${sign##*/}: without a key nothing is asked"
	has "$err" "$sign" "${sign##*/}: and that is said"
done

# ---- certificates ----
if command -v openssl >/dev/null; then
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/pem.key" \
	    -out "$work/ca.pem" -days 2 -subj /CN=cache \
	    -addext subjectAltName=IP:127.0.0.1 2>/dev/null &&
	    cat "$work/pem.key" "$work/ca.pem" >"$work/pem"
	fake "$work/pem"
	url=https://127.0.0.1:$port
	settings 'write = on' 'upload = 20s'
	elsewhere
	miss 'a stranger' 'its certificate is not one to trust'
	elsewhere
	prun --cacert "$work/ca.pem" build >/dev/null 2>&1
	elsewhere
	run prun --cacert "$work/ca.pem" -v build
	has "$err" 'of the remote one' 'an authority of our own'
	url=http://127.0.0.1:$port
	settings
	elsewhere
	run prun -v build
	is "$status $out $(warnings)" '0 told 1' 'http where there is https'
else
	skip 'certificates' 'there is no openssl'
fi
done_testing
