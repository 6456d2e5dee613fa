# SPDX-License-Identifier: MIT
"""The examples for the system's nginx and Apache, over TLS and with names, on free ports."""
import contextlib
import re
import socket
import subprocess
from unittest import mock

import bare

DOMAINS = ("s3.example.com", "objects.example.net")
CONSOLE = "console.example.com"

# What the distribution's own configuration has around a site.
SYSTEM = {
    "nginx": """
{user}
pid "{dir}/front.pid";
events {{ worker_connections 1024; }}
http {{
	include /etc/nginx/mime.types;
	default_type application/octet-stream;
	access_log off;
	sendfile on;
	gzip on;
	client_body_temp_path "{dir}/tmp/client-body";
	fastcgi_temp_path "{dir}/tmp/fastcgi";
	proxy_temp_path "{dir}/tmp/proxy";
	scgi_temp_path "{dir}/tmp/scgi";
	uwsgi_temp_path "{dir}/tmp/uwsgi";
	{site}
}}
""",
    "apache": """
ServerRoot "{dir}"
ServerName localhost
PidFile "{dir}/front.pid"
ErrorLog "{dir}/apache-log"
DefaultRuntimeDir "{dir}"
Mutex "fcntl:{dir}" default
TypesConfig /etc/mime.types
{user}
{modules}
Listen 127.0.0.1:{port}
<Directory />
	AllowOverride None
	Require all denied
</Directory>
{site}
""",
}
MODULES = ("mpm_event", "authz_core", "env", "setenvif", "deflate", "filter", "headers", "mime", "dir", "rewrite", "reqtimeout",
           "proxy", "proxy_fcgi", "socache_shmcb", "ssl", "http2")


def certificate(path):
    """A self-signed one for all names, which is its own authority; and its key, beside it."""
    names = ",".join(f"DNS:{d},DNS:*.{d}" for d in DOMAINS) + f",DNS:{CONSOLE}"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=MaxIOFS test", "-addext", f"subjectAltName={names}", "-keyout", path.with_suffix(".key"),
                    "-out", path], check=True, stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def names_are_local():
    """In this process all names of the examples are of this machine."""
    resolve = socket.getaddrinfo
    with mock.patch("socket.getaddrinfo", lambda host, *args, **more: resolve(
            "127.0.0.1" if ".example." in str(host) else host, *args, **more)):
        yield


class TlsSite(bare.Bare):
    """Both responders behind the example of the installation."""

    def __init__(self, root, front):
        super().__init__(root, front)
        self.ca, self.port = self.dir / "ca.pem", bare.free_port()
        certificate(self.ca)
        for name, *more in (("s3", f"--domains={','.join(DOMAINS)}"), ("console",)):
            self.responder(name, f"--{name}-listen={self.dir}/{name}.sock", *more)
            self.wait_socket(self.dir / f"{name}.sock")
        self.front_from(SYSTEM[front].format(dir=self.dir, port=self.port, user=self.worker(), site=self.example(),
                                             modules="\n".join(f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so"
                                                               for m in MODULES)), self.port)
        self.s3_url = f"https://{DOMAINS[0]}:{self.port}"

    def client(self, domain=DOMAINS[0], style="virtual", **how):
        """Within names_are_local()."""
        return super().client(endpoint_url=f"https://{domain}:{self.port}", s3={"addressing_style": style},
                              verify=str(self.ca), **how)

    def worker(self):
        if not bare.WORKER:
            return ""
        uid, gid = bare.WORKER.pw_uid, bare.WORKER.pw_gid
        return "user root;" if self.front == "nginx" else f"User #{uid}\nGroup #{gid}"

    def example(self):
        path = self.share.parent / "doc" / "maxiofs" / "examples" / f"{self.front}-site-tls.conf"
        text = path.read_text().replace("/run/maxiofs", str(self.dir))
        text = re.sub(r"/etc/ssl/certs/\S+\.pem", str(self.ca), text)
        text = re.sub(r"/etc/ssl/private/\S+\.key", str(self.ca.with_suffix(".key")), text)
        text = re.sub(r"\n\s*listen \[::\].*", "", text)
        return text.replace("listen 443", f"listen 127.0.0.1:{self.port}").replace("*:443", f"*:{self.port}")
