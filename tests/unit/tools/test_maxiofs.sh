#!/bin/sh
# SPDX-License-Identifier: MIT
# The administration commands on a directory of their own; runs in the build directory.
set -u

dir=$(mktemp -d "${TMPDIR:-/tmp}/maxiofs-tool-XXXXXX")
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/data"
failed=0
unset MAXIOFS_DATA_DIR

fail() {
	echo "FAIL: $*"
	sed 's/^/    /' "$dir/out" "$dir/err"
	failed=1
}

# expect CODE ARGUMENT...: runs the program, standard output to $dir/out.
expect() {
	code=$1
	shift
	./maxiofs --data-dir "$dir/data" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	got=$?
	[ $got -eq "$code" ] || fail "exit code $got instead of $code: $*"
}

# says TEXT: the last output holds it. hides TEXT: it does not.
says() {
	grep -qF -e "$1" "$dir/out" "$dir/err" || fail "no \"$1\""
}
hides() {
	! grep -qF -e "$1" "$dir/out" || fail "\"$1\" is shown"
}
# value NAME: of the last output, one JSON object.
value() {
	sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$dir/out"
}

# help and usage
expect 0 --help && says "user create NAME"
expect 0 user create --help && says "--password-file FILE"
expect 0 help settings && says "--data-dir"
expect 0 version --json && says '"version":"'
expect 0 --version
expect 2 && says "no command given"
expect 2 nonsense && says "no command nonsense"
expect 2 user nonsense
expect 2 user create && says "takes NAME"
expect 2 user create a b
expect 2 user list --nonsense && says "nonsense"
expect 2 user list --request-threads 0
expect 2 key create && says "needs --user"
expect 2 key create --user
expect 2 recount --dry-run=yes

# serve: what it refuses before it starts anything
expect 0 serve --help && says "--front NAME"
expect 2 serve --s3-port 65536 && says "--s3-port 65536: must be a port, 0 to 65535"
expect 2 serve --console-port && says "--console-port: needs a value"
expect 2 serve --front=lighttpd && says "--front lighttpd: must be nginx or apache"
expect 2 serve --listen ::1 && says "--listen ::1: must be an IPv4 address"
expect 2 serve --detach=yes && says "--detach: takes no value"
expect 2 serve --detach --stop && says "--detach and --stop exclude each other"
expect 2 serve --nonsense && says "unknown argument --nonsense"
expect 1 serve --stop && says "nothing serves $dir/data"
[ ! -e "$dir/data/.maxiofs" ] || fail "--stop makes something"
expect 1 serve --data-dir "$dir/typo" --stop && says "data directory $dir/typo: No such file or directory"

# tenants
expect 0 tenant create acme --json
tenant=$(value id)
case $tenant in tenant-????????) ;; *) fail "tenant id $tenant" ;; esac
expect 1 tenant create acme
expect 1 tenant create 'no blanks'
expect 0 tenant list --json && says '"name":"acme"'
expect 0 tenant show "$tenant" && says acme
expect 2 tenant set acme --status asleep
expect 0 tenant set acme --status suspended --json && says '"status":"suspended"'
expect 0 tenant set acme --status active --display-name 'Acme Inc.' && says 'Acme Inc.'
expect 1 tenant show nobody && says "no tenant nobody"

# users; a password never comes from the command line
echo 'secret-password' >"$dir/password"
expect 0 user create ann --tenant acme --role tenant-admin --email ann@example.com --password-file "$dir/password" --json
says '"console":"yes"'
hides secret-password
hides "\$2b\$"
expect 1 user create ann --tenant acme
expect 1 user create bob --role tenant-admin && says "needs a tenant"
expect 2 user create bob --role king
expect 1 user create bob --password-file "$dir/missing" && says "No such file or directory"
expect 1 user create .. && says "letters, digits"
expect 1 user create bob --display-name "$(printf 'a\033[31mb')"
printf 'short' >"$dir/short"
expect 1 user create bob --password-file "$dir/short"
expect 0 user create bob
echo another-password | ./maxiofs --data-dir "$dir/data" user set bob --password-file - >"$dir/out" 2>"$dir/err" ||
	fail "password from standard input"
says yes
expect 0 user list --json && says '"name":"bob"'
expect 0 user list --tenant acme --json && hides '"name":"bob"'
expect 0 user list --tenant global --json && hides '"name":"ann"'
expect 1 user show ann && says "no user ann in global"
expect 1 user set ann --tenant acme --role global-admin

# keys
expect 0 key create --user ann --tenant acme --expires 30d --description laptop --json
key=$(value accessKey)
secret=$(value secretKey)
[ "${#key}.${#secret}" = 20.40 ] || fail "key $key, secret of ${#secret}"
expect 0 key list --json && says "$key" && hides secretKey
expect 0 key show "$key" && hides "$secret"
expect 0 key list --tenant acme --json && says "$key"
expect 0 key list --tenant global --json && hides "$key"
expect 0 key list --user bob --json && hides "$key"
expect 0 key set "$key" --status suspended --expires never && says suspended && says never
printf 'a-secret-of-my-own\n' >"$dir/secret"
expect 2 key create --user bob --access-key MYOWNACCESSKEY000001
expect 0 key create --user bob --access-key MYOWNACCESSKEY000001 --secret-key-file "$dir/secret" --json
[ "$(value secretKey)" = a-secret-of-my-own ] || fail "given secret"
expect 1 key create --user bob --access-key MYOWNACCESSKEY000001 --secret-key-file "$dir/secret"
expect 2 key create --user bob --expires 2001-01-01T00:00:00Z
expect 2 key create --user bob --expires soon
expect 0 key delete "$key"
expect 1 key delete "$key"
grep -qr a-secret-of-my-own "$dir/data" && fail "a secret lies open in the data directory"

# buckets
expect 0 bucket create backups --owner ann --tenant acme
expect 0 bucket create backups --owner bob
expect 1 bucket create backups --owner bob && says "exists already"
expect 1 bucket create Bad_Name --owner bob
[ "$(grep -c backups "$dir/data/.maxiofs/buckets/global/backups.json")" = 1 ] || fail "readable copy"
expect 0 bucket list --json && says "$tenant" && says global
expect 0 bucket show backups --tenant acme --json && says '"owner":"ann"'
expect 0 user create cid
expect 0 bucket set backups --owner cid --json && says '"owner":"cid"'
expect 1 user delete cid && says "still owns buckets"
expect 1 tenant delete acme && says "still has users or buckets"
expect 0 bucket delete backups --tenant acme
expect 1 bucket delete backups --tenant acme
expect 0 user delete ann --tenant acme
expect 0 tenant delete acme

# upkeep
expect 0 config show --json && says '"name":"region","value":"us-east-1","origin":"default"'
expect 0 config show --metrics-token=not-for-all-eyes && says '(set)' && hides not-for-all-eyes
expect 0 config check --region eu-west-1
expect 2 config check --region 'no region!'
expect 0 gc run --json && says '"removed":'
expect 0 scan --json && says '"seen":0'
expect 0 recount --json && says '"wrong":0'
expect 0 recount --dry-run
expect 1 user list --data-dir "$dir/typo" && says "data directory $dir/typo: No such file or directory"
[ ! -e "$dir/typo" ] || fail "a mistyped directory is made"
mkdir "$dir/home"
touch "$dir/home/letter"
./maxiofs user list --data-dir "$dir/home" >"$dir/out" 2>"$dir/err" && fail "a directory of other things is taken"
says "is not a data directory"
[ ! -e "$dir/home/.maxiofs" ] || fail "a directory of other things is changed"

# run as root it becomes the owner of the data directory
if [ "$(id -u)" = 0 ] && id nobody >/dev/null 2>&1; then
	chmod 755 "$dir"
	mkdir "$dir/owned"
	chown nobody "$dir/owned"
	./maxiofs --data-dir "$dir/owned" user create eve >"$dir/out" 2>"$dir/err" || fail "as root"
	[ -z "$(find "$dir/owned" ! -user nobody)" ] || fail "root owns something below the data directory"
fi

exit $failed
