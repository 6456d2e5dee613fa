#!/bin/sh
# SPDX-License-Identifier: MIT
# The files for an administrator are accepted by the programs that read them, as far as these are installed.
set -u

dir=$(mktemp -d "${TMPDIR:-/tmp}/maxiofs-packaging-XXXXXX")
trap 'rm -rf "$dir"' EXIT
rc=0
fail() {
	echo "FAIL: $*"
	rc=1
}

# The example of settings: as it is, and with every line that it shows.
./maxiofs config check --config packaging/maxiofs.conf >/dev/null || fail "maxiofs.conf"
sed 's/^#\([a-z]\)/\1/' packaging/maxiofs.conf >"$dir/all.conf"
./maxiofs config check --config "$dir/all.conf" >/dev/null || fail "maxiofs.conf with all that it shows"

# The Debian package is of this version.
version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "${srcdir:-.}/packaging/debian/changelog")
[ "$(./maxiofs version | sed -n 's/^version *//p')" = "$version" ] || fail "debian/changelog is of $version"

# The units, with the programs of this build and a user that is there.
if command -v systemd-analyze >/dev/null; then
	for unit in maxiofs.service maxiofs-s3.service maxiofs-s3.socket maxiofs-console.service maxiofs-console.socket; do
		sed -e "s|^ExecStart=.*/maxiofs |ExecStart=$PWD/maxiofs |" \
			-e "s|^ExecStart=.*/\([a-z0-9]*\.fcgi\) |ExecStart=$PWD/fcgi/\1 |" \
			-e '/^Documentation=/d' packaging/$unit >"$dir/$unit"
	done
	systemd-analyze verify "$dir"/*.service "$dir"/*.socket >"$dir/said" 2>&1 || fail "units"
	# Only what it says of ours: it looks at what else it finds on the machine, too.
	! grep -i maxiofs "$dir/said" || fail "units"
else
	echo "systemd-analyze is not installed"
fi

# The site, in a configuration like that of the system.
nginx=$(command -v nginx || ls /usr/sbin/nginx 2>/dev/null)
if [ -n "$nginx" ]; then
	sed -e "s|unix:/run/maxiofs|unix:$dir|" -e 's|listen \(80[0-9]*\)|listen 127.0.0.1:\1|' \
		packaging/nginx-site.conf >"$dir/site.conf"
	cat >"$dir/nginx.conf" <<-EOT
		pid $dir/pid;
		events { }
		http {
			sendfile on; tcp_nopush on; types_hash_max_size 2048; default_type application/octet-stream;
			client_body_temp_path $dir/t1; fastcgi_temp_path $dir/t2; proxy_temp_path $dir/t3;
			scgi_temp_path $dir/t4; uwsgi_temp_path $dir/t5; access_log off; gzip on;
			include $dir/site.conf;
		}
	EOT
	"$nginx" -e "$dir/log" -t -q -c "$dir/nginx.conf" || fail "nginx-site.conf"
else
	echo "nginx is not installed"
fi

apache=$(command -v apache2 || ls /usr/sbin/apache2 2>/dev/null)
if [ -n "$apache" ]; then
	{
		printf 'ServerName localhost\nPidFile %s/pid\nErrorLog %s/log\nDefaultRuntimeDir %s\nMutex fcntl:%s\n' \
			"$dir" "$dir" "$dir" "$dir"
		echo 'TypesConfig /etc/mime.types'
		for m in mpm_event authz_core env deflate filter headers mime dir rewrite reqtimeout proxy proxy_fcgi; do
			echo "LoadModule ${m}_module /usr/lib/apache2/modules/mod_$m.so"
		done
		sed "s|DocumentRoot .*|DocumentRoot $dir|" packaging/apache-site.conf
	} >"$dir/apache.conf"
	"$apache" -t -d "$dir" -f "$dir/apache.conf" >"$dir/said" 2>&1 || { cat "$dir/said"; fail "apache-site.conf"; }
else
	echo "apache2 is not installed"
fi
exit $rc
