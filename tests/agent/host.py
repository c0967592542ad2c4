"""A host in a folder: real files, the real agent, a back end whose kernel is a file (backend.sh)."""
import hashlib
import io
import os
import pathlib
import shutil
import signal
import subprocess
import tarfile
import tempfile

import pace

HERE = pathlib.Path(__file__).resolve().parent
AGENT = HERE.parent.parent / "src/apply/agent.sh"
SCRIPT = AGENT.read_bytes() + (HERE / "backend.sh").read_bytes() + b'\nmeshctl_main "$@"\n'
# A tmpfs where there is one: the tests sync a lot, and a disk would only measure itself. tests/run says where.
SCRATCH = "/dev/shm" if "TMPDIR" not in os.environ and os.access("/dev/shm", os.W_OK) else None
SHELL = os.environ.get("MESHCTL_TEST_SH", "dash").split()
PLAIN = 'meshctl_text=$(head -c %d) && eval "$meshctl_text"'
# Counts every simple command of the shell and of its subshells in one file, and kills the whole call before the K-th.
KILLED = (
    "PS4='$(printf . >>\"$TICKS\"; read -r mc_c <\"$TICKS\"; [ ${#mc_c} -lt \"$KILL_AT\" ] || kill -9 0)'; "
    'meshctl_text=$(head -c %d) && set -x && eval "$meshctl_text"'
)


class Generation:
    """files: {path: (content, mode)}; the id follows from the content."""

    def __init__(self, files, backend="tb"):
        self.files = {p: (c.encode(), m) for p, (c, m) in sorted(files.items())}
        manifest = '{"backend": "%s"}\n' % backend
        self.members = {"files" + p: c for p, (c, _) in self.files.items()}
        self.members["files.list"] = "".join("%04o root:root %s\n" % (m, p) for p, (_, m) in self.files.items()).encode()
        self.members["links.list"] = b"peer 10.0.0.1 10.0.0.2 initiator require\n"
        self.members["manifest.json"] = manifest.encode()
        self.seal()

    def seal(self):
        sums = "".join("%s  %s\n" % (hashlib.sha256(c).hexdigest(), n) for n, c in sorted(self.members.items()))
        self.sums = sums.encode()
        self.sum = hashlib.sha256(self.sums).hexdigest()
        self.id = self.sum[:32]

    def tar(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for name, content in [*self.members.items(), ("SHA256SUMS", self.sums)]:
                info = tarfile.TarInfo(name)
                info.size, info.mode = len(content), 0o600
                tar.addfile(info, io.BytesIO(content))
        return out.getvalue()


def generation(version, extra=()):
    """policy and daemon.conf change with the version; `extra` are more files."""
    files = {
        "/etc/tb/policy": ("".join("policy %s.%d\n" % (version, i) for i in range(3)) + "policy shared\n", 0o600),
        "/etc/tb/daemon.conf": ("version %s\n" % version, 0o640),
    }
    files.update({path: ("%s of %s\n" % (path, version), 0o600) for path in extra})
    return Generation(files)


class Answer:
    def __init__(self, process):
        self.lines = process.stdout.decode().splitlines()
        self.status = process.returncode
        self.err = process.stderr.decode()
        self.last = self.lines[-1] if self.lines else ""

    def get(self, word):
        return [line.split(" ", 1)[1] for line in self.lines if line.startswith(word + " ")]

    def __repr__(self):
        return "status %d, %r, stderr %r" % (self.status, self.lines, self.err[-600:])


class Host:
    def __init__(self, like=None):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="meshctl-agent.", dir=SCRATCH))
        self.root, self.state = self.base / "root", self.base / "state"
        if like:
            subprocess.run(["cp", "-a", "--", like.root, like.state, self.base], check=True)
        else:
            self.state.mkdir()
            for folder in ("etc", "lib/systemd/system"):
                (self.root / folder).mkdir(parents=True)
            self.write("/kernel", "foreign\n")
        self.env = dict(os.environ, MESHCTL_STATE=str(self.state), MESHCTL_ROOT=str(self.root))

    script, prefix = SCRIPT, []

    def use(self, script, prefix):
        """Another agent, and the command that runs it."""
        self.script, self.prefix = script, prefix

    # ---- calls

    def command(self, verb, args, text=PLAIN):
        return [*self.prefix, *SHELL, "-c", text % len(self.script), "meshctl", "192.0.2.9 5000 192.0.2.1 22", verb, *map(str, args)]

    def call(self, verb, *args, payload=b"", text=PLAIN, env=()):
        process = subprocess.run(
            self.command(verb, args, text), input=self.script + payload, env=dict(self.env, **dict(env)),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, timeout=600)
        return Answer(process)

    def spawn(self, verb, *args):
        process = subprocess.Popen(self.command(verb, args), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=self.env, start_new_session=True)
        process.stdin.write(self.script)
        process.stdin.close()
        process.stdin = None
        return process

    def file_call(self, verb, *args, reboot=False):
        """As the boot unit, the dead man and the console do it. `reboot`: with another PID 1, as on a machine started anew."""
        script = self.state / "agent.sh"
        if not script.exists():
            return None
        prefix = ["unshare", "--pid", "--fork", "--mount-proc"] if reboot else self.prefix
        return Answer(subprocess.run([*prefix, *SHELL, str(script), verb, *args], env=self.env, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600))

    def start_dead_man(self, txn):
        """As `arm` does; for a copy of a host, whose processes are not copied."""
        (self.state / "txn" / txn / "timer").unlink(missing_ok=True)
        subprocess.Popen([*SHELL, str(self.state / "agent.sh"), "expire", txn], env=self.env, start_new_session=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert pace.wait_for((self.state / "txn" / txn / "timer").exists, 30)

    def stage(self, txn, gen):
        return self.call("stage", txn, gen.id, gen.sum, payload=gen.tar())

    def killed_at(self, k, verb, *args, payload=b""):
        """Runs the call and kills it before its k-th command. False when it ended before."""
        ticks = self.base / "ticks"
        ticks.unlink(missing_ok=True)
        answer = self.call(verb, *args, payload=payload, text=KILLED, env={"TICKS": str(ticks), "KILL_AT": str(k)})
        return answer.status == -signal.SIGKILL

    def apply(self, txn, gen, seconds=600):
        for answer in (self.stage(txn, gen), self.call("check", txn), self.call("arm", txn, seconds),
                       self.call("activate", txn), self.call("confirm", txn)):
            assert answer.last == "ok", answer

    # ---- looking at it

    def write(self, path, text, mode=0o644):
        file = self.root / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def read(self, path):
        return (self.root / path[1:]).read_text()

    def kernel(self):
        return set(self.read("/kernel").splitlines())

    def text(self, name):
        file = self.state / name
        return file.read_text().strip() if file.exists() else None

    def name(self, name):
        """The first line: of current, the generation without the transaction that brought it."""
        text = self.text(name)
        return text and text.split("\n", 1)[0]

    def live(self):
        """{path: (content, mode)} of all below /etc, without what recovery installs."""
        found = {}
        for file in sorted((self.root / "etc").rglob("*")):
            if file.is_symlink() or "systemd" in file.parts or file.is_dir():
                continue
            found["/" + str(file.relative_to(self.root))] = (file.read_bytes(), file.stat().st_mode & 0o7777)
        return found

    def reboot(self):
        """Power off: processes and the kernel's policies are gone, files stay."""
        self.stop_processes()
        self.write("/kernel", "foreign\n")
        (self.root / "daemon").unlink(missing_ok=True)

    def processes(self):
        mine = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit() or int(entry) == os.getpid():
                continue
            try:
                with open("/proc/%s/cmdline" % entry, "rb") as file:
                    if str(self.base).encode() in file.read():
                        mine.append(int(entry))
            except OSError:
                pass
        return mine

    def stop_processes(self):
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def close(self):
        self.stop_processes()
        shutil.rmtree(self.base, ignore_errors=True)
