# SPDX-License-Identifier: MIT
"""A front server and responders without `maxiofs serve`: started in the ways that the manual names."""
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from harness import Server

WORKER = pwd.getpwnam("www-data") if os.geteuid() == 0 else None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(true, what, seconds=30):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, what
        time.sleep(0.02)


def answers(address):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as s:
        return s.connect_ex(address) == 0


class Bare(Server):
    """Data with a first administrator, below a short path that the front server's workers may enter."""

    def __init__(self, root: pathlib.Path, front: str):
        super().__init__(root, front)
        self.start()
        self.stop()
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="maxiofs-bare-"))
        if WORKER:
            os.chown(self.dir, -1, WORKER.pw_gid)
        self.dir.chmod(0o2755)  # sockets made here are of the workers' group from their first moment
        self.processes = []
        prefix = pathlib.Path(shutil.which("maxiofs")).resolve().parent.parent
        self.libexec = prefix / "libexec" / "maxiofs"
        self.share = prefix / "share" / "maxiofs"
        self.log = open(self.dir / "log", "ab")

    def run(self, argv, **more):
        p = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **more)
        self.processes.append(p)
        return p

    def responder(self, name="s3", *flags, **more):
        return self.run([self.libexec / f"{name}.fcgi", f"--data-dir={self.data}", *flags], **more)

    def wait_socket(self, path):
        wait_until(lambda: os.path.exists(path) and answers(str(path)), f"{path} does not answer")

    def serve_front(self, s3_socket, upstream=None, http2_port=None):
        """The template of the installation, with the upstream replaced if it is a TCP address."""
        port, console_port = free_port(), free_port()
        text = (self.share / self.front / "maxiofs.conf.in").read_text()
        user = ""
        if WORKER:
            user = "user root;" if self.front == "nginx" else f"User #{WORKER.pw_uid}\nGroup #{WORKER.pw_gid}"
        values = {"RUN_DIR": self.dir, "LOG_DIR": self.dir, "S3_SOCKET": s3_socket, "CONSOLE_SOCKET": self.dir / "none",
                  "LISTEN": "127.0.0.1", "S3_PORT": port, "CONSOLE_PORT": console_port, "HTDOCS": self.dir,
                  "USER_DIRECTIVE": user, "PID_FILE": self.dir / "front.pid", "WORKERS": 2,
                  "MIME_TYPES": "/etc/nginx/mime.types" if self.front == "nginx" else "/etc/mime.types",
                  "MODULES_DIR": "/usr/lib/apache2/modules"}
        text = re.sub(r"@([A-Z0-9_]+)@", lambda m: str(values[m[1]]), text)
        if upstream:
            text = text.replace(f"unix:{s3_socket}|fcgi://maxiofs-s3/", f"fcgi://{upstream}/")
            text = text.replace(f"unix:{s3_socket}", upstream)
        if http2_port:
            text = text.replace("default_server backlog=4096;", f"default_server;\nlisten 127.0.0.1:{http2_port} http2;")
        return self.front_from(text, port)

    def front_from(self, text, port):
        conf = self.dir / "front.conf"
        conf.write_text(text)
        for name in ("client-body", "fastcgi", "proxy", "scgi", "uwsgi"):
            (self.dir / "tmp" / name).mkdir(parents=True, exist_ok=True)
        if self.front == "nginx":
            p = self.run(["/usr/sbin/nginx", "-e", self.dir / "error.log", "-p", self.dir, "-c", conf, "-g", "daemon off;"])
        else:
            p = self.run(["/usr/sbin/apache2", "-d", self.dir, "-f", conf, "-DFOREGROUND"])
        self.s3_url = f"http://127.0.0.1:{port}"
        wait_until(lambda: p.poll() is not None or answers(("127.0.0.1", port)), "no front server")
        assert p.poll() is None, self.logs()
        self.front_process = p
        return p

    def stop_front(self):
        self.front_process.send_signal(signal.SIGQUIT if self.front == "nginx" else signal.SIGWINCH)
        self.front_process.wait(60)

    def logs(self):
        return "".join(f"--- {p.name}\n{p.read_text(errors='replace')[-4000:]}"
                       for p in sorted(self.dir.glob("*log")))

    def end_processes(self):
        while self.processes:
            p = self.processes.pop()
            if p.poll() is None:
                p.terminate()
                try:
                    p.wait(30)
                except subprocess.TimeoutExpired:
                    p.kill()
                    p.wait()

    def close(self):
        self.end_processes()
        self.log.close()
        shutil.rmtree(self.dir)


def pass_socket(argv, address):
    """Becomes argv with a listening socket at descriptor 3, as systemd would start it."""
    s = socket.socket(socket.AF_INET)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(address)
    s.listen(128)
    os.dup2(s.fileno(), 3)
    os.set_inheritable(3, True)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
    os.execv(argv[0], argv)


if __name__ == "__main__":
    pass_socket(sys.argv[2:], ("127.0.0.1", int(sys.argv[1])))
