#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2119,SC2015
# C-001 to C-003, C-080, C-618, C-630, M-98: certificates, and headers of the
# configuration.

. "${abs_srcdir:-.}/tests/cli/lib_remote.sh"
TASK_ASSUME_YES=1
export TASK_ASSUME_YES
echo_page one.yml one
make_keys || skip_all 'openssl makes no certificates'

serve
plain=$port plain_url=$url
serve --cert "$keys/server.pem" --key "$keys/server.key"
url=https://127.0.0.1:$port

run prun -t "$url/one.yml"
is "$status $err" "103 task: Download of \"$url/one.yml\" failed" \
    'a certificate that nobody knows is refused'
run prun --insecure -t "$url/one.yml"
is "$status" 0 'but for --insecure (C-021)'
run prun --cacert "$keys/ca.pem" -t "$url/one.yml"
is "$status" 0 '--cacert names an authority (C-618)'
run prun --cacert "$keys/client.pem" -t "$url/one.yml"
is "$status" 103 'in place of all others'
run prun --cacert "$keys/ca.pem" -t "$url/down/$plain/one.yml"
is "$status" 103 'no redirect leads away from https (C-612)'
run prun --insecure -t "$url/down/$plain/one.yml"
is "$status" 0 'but for --insecure'

run prun --cacert none.pem -t "$url/one.yml"
is "$status $err" "1 failed to read CA certificate: open none.pem: no such \
file or directory" 'a file that is not there'
echo junk >junk.pem
run prun --cacert junk.pem -t "$url/one.yml"
is "$status $err" '1 failed to parse CA certificate' 'a file that is none'
run prun --cert junk.pem --cert-key junk.pem -t "$url/one.yml"
is "$status" 1 'the same for a client'
is "$err" "failed to load client certificate: tls: failed to find any PEM \
data in certificate input" 'with its reason'
run prun --cert junk.pem -t "$url/one.yml"
like "$err" '--cert and --cert-key must be provided together' C-080

serve --cert "$keys/server.pem" --key "$keys/server.key" --ca "$keys/ca.pem"
url=https://127.0.0.1:$port
run prun --cacert "$keys/ca.pem" -t "$url/one.yml"
is "$status" 103 'a server that wants to know its clients'
run prun --cacert "$keys/ca.pem" --cert "$keys/client.pem" \
    --cert-key "$keys/client.key" -t "$url/one.yml"
is "$status" 0 'gets a certificate (C-618)'
run prun --cacert "$keys/ca.pem" --cert "$keys/client.pem" \
    --cert-key "$keys/server.key" -t "$url/one.yml"
is "$status" 1 'with the key that belongs to it'
like "$err" 'failed to load client certificate: ' 'or that is said'

# headers
url=$plain_url
TASK_REMOTE_INSECURE=1
export TASK_REMOTE_INSECURE
headers()
{
	cat >.taskrc.yml <<-EOT
	remote:
	  headers:
	  - host: $1
	    headers: {$2}
	EOT
}
: >"$log"
# shellcheck disable=SC2016 # a template
headers "127.0.0.1:$plain" 'X-Token: "{{env \"TOKEN\"}}"'
run env TOKEN=secret "$PRUN" -t "$url/token/one.yml"
is "$status" 0 'headers are sent, their values are templates (C-630)'
is "$(cat "$log")" 'HEAD /token/one.yml secret -
GET /token/one.yml secret -' 'with each request'
run env TOKEN=other "$PRUN" -t "$url/token/one.yml"
is "$status" 103 'another value is not the right one'
run env TOKEN=secret "$PRUN" -t "$url/to/token/one.yml"
is "$status" 0 'a redirect to the same host has them'
: >"$log"
serve
url=$plain_url
run env TOKEN=secret "$PRUN" -t "$url/away/$port/one.yml"
is "$status" 0 'a redirect to another host'
like "$(cat "$log")" 'HEAD /one.yml - -' 'has not'
run env TOKEN=secret "$PRUN" -t "http://u:pw@127.0.0.1:$plain/away/$port/one.yml"
like "$(tail -n 1 "$log")" 'GET /one.yml - -' 'nor has it the password'

headers "127.0.0.1:$plain" '"X Token": a'
run prun -t "$url/one.yml"
is "$status $err" "1 remote headers for host \"127.0.0.1:$plain\": invalid \
header name \"X Token\"" M-98
headers "127.0.0.1:$plain" 'X-Token: "a\nX-Other: b"'
run prun -t "$url/one.yml"
is "$status" 103 'a value is one line'
headers 127.0.0.1 '"X Token": a'
run prun -t "$url/one.yml"
is "$status" 0 'headers of other hosts do not matter'

# Neither is seen in the list of processes: the arguments of prun-fetch.
rm .taskrc.yml
headers "127.0.0.1:$plain" 'X-Token: secret'
cat >"$work/fetch" <<EOT
#!/bin/sh
echo "\$# \$*" >>"$work/args"
exec "${PRUN%/*}/prun-fetch" "\$@"
EOT
chmod +x "$work/fetch"
run env PRUN_FETCH="$work/fetch" "$PRUN" -t "http://u:pw@127.0.0.1:$plain/one.yml"
is "$status $(sort -u "$work/args")" '0 0 ' 'no argument tells a secret'

done_testing
