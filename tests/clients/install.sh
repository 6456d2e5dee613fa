#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# install.sh DIR PYTHON: gets and builds the clients in DIR, with PYTHON a Python that has boto3 and awscli.
# DIR/clients.tsv then has a line for each: name, "ok" or "NOT RUN", version or reason. What cannot be had here, as its
# package or its compiler is missing, is not run; what fails to build although it is there ends this script with 1.
# shellcheck disable=SC2317 # attempt calls the functions that it is given
set -u

here=$(cd -- "$(dirname -- "$0")" && pwd)
mkdir -p "$1" && cd "$1" || exit 1
python=$2
rc=0
list=clients.tsv
: >$list

ok() { printf '%s\tok\t%s\n' "$1" "$2" >>$list; }
not_run() { printf '%s\tNOT RUN\t%s\n' "$1" "$2" >>$list; }

# attempt WHAT COMMAND...: its output goes to WHAT.log; on failure $reason has the last line of it.
attempt() {
	local log=$1.log
	shift
	"$@" >"$log" 2>&1 && return 0
	reason=$(grep -v '^[[:space:]]*$' "$log" | tail -n 1 | cut -c1-200)
	return 1
}

have() {
	command -v "$1" >/dev/null && return 0
	reason="$1 is not installed"
	return 1
}

# built WHAT COMMAND...: must pass where all that it needs is there.
built() {
	local what=$1
	attempt "$@" && return 0
	echo "$what does not build: $reason" >&2
	rc=1
}

version_of() { "$python" -c "import importlib.metadata as m; print(m.version('$1'))"; }

# A program of a Debian package: debian NAME PROGRAM PACKAGE
debian() {
	if have "$2"; then
		ok "$1" "$(dpkg-query -W -f='${Version}' "$3" 2>/dev/null)"
	else
		not_run "$1" "$reason"
	fi
}

python_clients() {
	ok boto3 "$(version_of boto3)"
	ok aws-cli-1 "$(version_of awscli)"
	if attempt boto3-debian /usr/bin/python3 -c 'import boto3; print(boto3.__version__)'; then
		ok boto3-debian "$(cat boto3-debian.log)"
	else
		not_run boto3-debian "python3-boto3 is not installed"
	fi
}

# The newest version 2 of the AWS command line: what is packed in a package of the CDK.
aws2_unpack() {
	rm -rf aws2.tmp
	"$python" -m pip download -q --disable-pip-version-check --no-deps -d aws2.tmp aws-cdk.asset-awscli-v2==2.0.198 &&
		"$python" -m zipfile -e aws2.tmp/*.whl aws2.tmp &&
		tar -xzf aws2.tmp/aws_cdk/*/_jsii/*.tgz -C aws2.tmp package/lib/layer.zip &&
		"$python" -m zipfile -e aws2.tmp/package/lib/layer.zip aws2.tmp &&
		chmod +x aws2.tmp/awscli/v2/2*/dist/aws && mv aws2.tmp/awscli/v2/2*/dist aws2 && rm -r aws2.tmp
}

aws2_client() {
	if [ -x aws2/aws ] || attempt aws2 aws2_unpack; then
		ok aws-cli-2 "$(aws2/aws --version | sed 's|aws-cli/||; s| .*||')"
	else
		not_run aws-cli-2 "$reason"
	fi
	debian aws-cli-2-debian /usr/bin/aws awscli
}

js_clients() {
	mkdir -p js && cp "$here"/js/* "$here/js/.npmrc" js/
	if have npm && { cmp -s js/package-lock.json js/node_modules/.lock || attempt js npm --prefix js ci; }; then
		cp js/package-lock.json js/node_modules/.lock
		ok js-aws "$(sed -n 's/.*client-s3": "\(.*\)".*/\1/p' js/package.json)"
		ok js-minio "$(sed -n 's/.*minio": "\(.*\)".*/\1/p' js/package.json)"
	else
		not_run js-aws "$reason"
		not_run js-minio "$reason"
	fi
}

go_clients() {
	if have go && attempt go go -C "$here/go" mod download; then
		built go go -C "$here/go" build -o "$PWD/go-clients" .
		ok go-aws "$(sed -n 's|.*service/s3 v||p' "$here/go/go.mod")"
		ok go-minio "$(sed -n 's|.*minio-go/v7 v||p' "$here/go/go.mod")"
	else
		not_run go-aws "$reason"
		not_run go-minio "$reason"
	fi
	not_run kopia "its module is not served"
}

java_fetch() { mvn -q -B -f "$here/java/pom.xml" dependency:copy-dependencies -DoutputDirectory="$PWD/java/jars"; }

java_client() {
	mkdir -p java
	if have mvn && have javac && { [ -d java/jars ] || attempt java java_fetch; }; then
		built java javac -cp 'java/jars/*' -d java "$here/java/Client.java"
		ok java-aws "$(basename java/jars/s3-[0-9]*.jar .jar | sed 's/^s3-//')"
	else
		not_run java-aws "$reason"
	fi
}

# In Cargo.lock every package names where it comes from; ours leaves that out, and a fresh one tells.
rust_lock() {
	local source
	cp -R "$here"/rust/* rust/ && cd rust || return
	cargo generate-lockfile -q || return
	source=$(grep -m 1 '^source = ' Cargo.lock)
	sed "s|^checksum = |$source\n&|" Cargo.lock.part >Cargo.lock
	cargo fetch -q --locked
}

rust_client() {
	mkdir -p rust
	if have cargo && (attempt rust rust_lock); then
		built rust cargo build -q --locked --manifest-path rust/Cargo.toml
		ok rust-object-store "$(sed -n 's/^object_store.*"=\([0-9.]*\)".*/\1/p' "$here/rust/Cargo.toml")"
	else
		not_run rust-object-store "$(tail -n 1 rust.log)"
	fi
}

python_clients
aws2_client
js_clients
go_clients
java_client
rust_client
debian s3cmd s3cmd s3cmd
debian rclone rclone rclone
debian restic restic restic
debian duplicity duplicity duplicity
if [ -w /dev/fuse ]; then
	debian s3fs s3fs s3fs
else
	not_run s3fs "/dev/fuse cannot be used"
fi
exit $rc
