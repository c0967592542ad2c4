"""Boots one guest: Debian's User Mode Linux kernel over this machine's own root, which it can read but not write.

    with Machine(out="/tmp/result", cpu=0) as guest:
        guest.start("suite", ["apply", "rollback"])      # guest/suite.py: main(arguments)
        status = guest.wait(timeout=300)                 # exit status of main(), TIMEOUT or DIED

Nothing stays behind, however the launcher ends. A guard process gets a signal when the launcher dies (PR_SET_PDEATHSIG) and ends
PID 1 of the guest's own PID namespace: this machine's kernel then kills everything in there. The guest's memory is a file on a tmpfs
that exists only in the guest's mount namespace, so it goes the same way.
"""
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import roots
from needs import HERE, SOURCE

sys.path.insert(0, HERE)
import pace  # noqa: E402

TIMEOUT, DIED = 124, 125
CLONE_NEWNS, CLONE_NEWPID = 0x20000, 0x20000000
MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE = 2, 4, 16384, 1 << 18
PR_SET_PDEATHSIG, MNT_DETACH = 1, 2
libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result:
        error = ctypes.get_errno()
        raise OSError(error, "%s: %s" % (what, os.strerror(error)))


def _mount(source, target, kind, flags=0, data=""):
    _check(libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode()),
           "mount " + target)


def end_in_order():
    """SIGINT and SIGTERM end the launcher through its `finally` clauses, also where a shell started it with them ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


class Machine:
    def __init__(self, out, build=None, root="/", memory="512M", cpu=0, show=False, tag="guest", scratch=False, own_kernel=False):
        """`root`: userland of hosts that ask for none. `scratch`: `out` is to be removed if the launcher cannot do it any more. `own_kernel`: no
        guest, but namespaces here."""
        self.out = os.path.abspath(out)
        self.build = os.path.abspath(build or os.path.join(SOURCE, "build/release"))
        self.root = os.path.realpath(root)
        self.memory, self.cpu, self.show, self.tag = memory, cpu, show, tag
        self.scratch, self.own_kernel = scratch, own_kernel
        self._console, self._status = os.path.join(self.out, tag + ".console"), os.path.join(self.out, tag + ".status")
        self.work = self.guard = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self, module, arguments):
        """Boots the guest, which runs main(arguments) of guest/MODULE.py and switches itself off."""
        os.makedirs(self.out, mode=0o700, exist_ok=True)
        self.work = tempfile.mkdtemp(prefix="meshctl-lab.")
        # Paths and arguments travel in a file: the kernel's command line has neither quoting nor room.
        os.symlink(os.path.join(HERE, "guest/init.py"), self.work + "/init")
        self._keys()
        with open(self.work + "/config.json", "w") as file:
            json.dump({"source": SOURCE, "build": self.build, "out": self.out, "module": module, "arguments": arguments,
                       "roots": self._roots(), "tag": self.tag, "terminal": self.show and sys.stdout.isatty()}, file)
        for stale in (self._status, self._console):
            if os.path.exists(stale):
                os.unlink(stale)
        sys.stdout.flush()
        launcher = os.getpid()
        self.guard = os.fork()
        if self.guard == 0:
            try:
                self._guard(launcher)
            finally:  # the fork must never return into the launcher's code
                os._exit(DIED)

    def _roots(self):
        """{name: (path, release)}; `hosts` is the one of hosts that ask for none."""
        paths = dict(roots.made(), machine="/", hosts=self.root)
        return {name: (path, roots.release(path)) for name, path in paths.items()}

    def _keys(self):
        """SSH keys made here, natively: in the guest each would cost a slow exec. They live as long as the guest."""
        os.mkdir(self.work + "/keys", 0o700)
        for name in ["client", "other"] + ["host%d" % number for number in range(1, 9)]:
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", self.work + "/keys/" + name],
                           check=True, stdin=subprocess.DEVNULL)

    def _guard(self, launcher):
        """The forked child that outlives a killed launcher just long enough to clean up."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the launcher, which ends us in order
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(DIED))
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        first = None
        try:
            if os.getppid() != launcher:  # it died before the call above
                sys.exit(DIED)
            os.setsid()
            isolated = libc.unshare(CLONE_NEWNS | CLONE_NEWPID) == 0
            first = os.fork()
            if first == 0:
                self._first(isolated)
            code = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
            first = None
        except BaseException as error:
            code = DIED
            if not isinstance(error, SystemExit):
                os.write(2, ("lab: %s\n" % error).encode())
        if first:
            os.kill(first, signal.SIGKILL)
            os.waitpid(first, 0)
        libc.umount2((self.work + "/memory").encode(), MNT_DETACH)
        shutil.rmtree(self.work, ignore_errors=True)
        if self.scratch and os.getppid() != launcher:  # nobody is left to do it
            shutil.rmtree(self.out, ignore_errors=True)
        os._exit(code & 255)

    def _first(self, isolated):
        """PID 1 of the guest's PID namespace: when it dies, the kernel kills everything in there."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        try:
            memory = self.work + "/memory"
            if isolated:
                _check(libc.mount(None, b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None),
                       "make / private (a chroot's folder must be a mount point: mount --bind DIR DIR)")
                _mount("proc", "/proc", "proc")
                os.mkdir(memory)
                _mount("meshctl-lab", memory, "tmpfs", MS_NOSUID | MS_NODEV, "mode=700,size=" + self.memory)
            else:  # no CAP_SYS_ADMIN, as in some containers: the machine's own tmpfs, which needs.py has looked at
                memory = "/dev/shm"
            child = os.fork()
            if child == 0:
                libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
                self._exec(memory)
            while True:  # reap whatever the guest's kernel leaves
                pid, status = os.wait()
                if pid == child:
                    os._exit(os.waitstatus_to_exitcode(status) & 255)
        except BaseException as error:
            os.write(2, ("lab: %s\n" % error).encode())
        os._exit(DIED)

    def _exec(self, memory):
        console = os.open(self._console, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.dup2(console, 1)
        os.dup2(console, 2)
        if self.own_kernel:
            os.environ.update(LAB_OWN_KERNEL="1", LAB_WORK=self.work)
            os.execvp("unshare", ["unshare", "--mount", "--uts", "--ipc", "--pid", "--net", "--fork", "--kill-child", self.work + "/init"])
        # setarch -R: with address randomisation UML wastes half a gigabyte on a gap. One CPU: no cross-CPU wake-ups, 15-30 % faster.
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[self.cpu % len(os.sched_getaffinity(0))]})
        os.environ.update(TMPDIR=memory, HOME=self.work, PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        os.execvp("setarch", [
            "setarch", "-R", "linux.uml", "mem=" + self.memory, "umid=guest", "uml_dir=" + self.work,
            "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",  # ro: root in the guest must not write to the real machine
            "con=null", "con0=null,fd:1", "ssl=null", "lpj=20000000", "panic=-1", "quiet", "loglevel=1",
            "init=" + self.work + "/init", "LAB_WORK=" + self.work])

    def alive(self):
        """False once the guest has ended; its exit code is then in self.code."""
        if self.guard:
            pid, status = os.waitpid(self.guard, os.WNOHANG)
            if pid:
                self.guard, self.code = None, os.waitstatus_to_exitcode(status)
        return self.guard is not None

    def wait(self, timeout):
        """Exit status of the guest's main(), TIMEOUT or DIED (then the console's tail says more)."""
        limit, shown = pace.Limit(timeout), 0
        while self.alive():
            if limit.passed():
                self.kill()
                return TIMEOUT
            shown = self._stream(shown)
            time.sleep(0.05)
        self._stream(shown)
        return self.status()

    def status(self):
        try:
            with open(self._status) as file:
                return int(file.read())
        except (OSError, ValueError):
            return DIED

    def console(self, lines=15):
        try:
            with open(self._console, errors="replace") as file:
                return "".join(file.readlines()[-lines:])
        except OSError:
            return ""

    def _stream(self, shown):
        """With `show`: what the guest prints between the two marks, as it comes."""
        if not self.show:
            return shown
        try:
            with open(self._console, "rb") as file:
                text = file.read()
        except FileNotFoundError:
            return shown
        start = text.find(b"--LAB-START--")
        if start < 0:
            return shown
        start = text.find(b"\n", start) + 1
        end = text.find(b"--LAB-END--", start)
        end = len(text) if end < 0 else end
        shown = max(shown, start)
        if end > shown:
            sys.stdout.buffer.write(text[shown:end].replace(b"\r\n", b"\n"))
            sys.stdout.buffer.flush()
        return max(end, shown)

    def kill(self):
        if self.guard:
            os.kill(self.guard, signal.SIGTERM)
            os.waitpid(self.guard, 0)
            self.guard = None
