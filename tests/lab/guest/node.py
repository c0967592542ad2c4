"""One host of the lab: its own mount, PID, network, UTS and IPC namespaces and an overlay root over the machine's or another release's.

PID 1 of a node is a fork of this process that serves requests over a socket: run a program, hand out a socket of its network.
That costs one exec a command (nsenter costs two) and sockets cost none, so pings of TCP need no programs at all.

    node = Node("alpha", 1, keys="host1"); node.create(); node.boot(...)
    node.run("ip", "xfrm", "state").out
"""
import array
import json
import os
import select
import shutil
import signal
import socket
import time
import uuid

import roots
import systemd
from kernel import BIND, DETACH, NEW_CGROUP, NEW_HOST, PRIVATE, REC, libc, mount, pivot_root, unshare
from pace import Limit

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "USER": "root", "LOGNAME": "root"}


class Process:
    """A program on a node. Output goes to memory files, so that nothing blocks and it can be read while the program runs."""

    def __init__(self, node, number, argv, files):
        self.node, self.number, self.argv, self._files = node, number, argv, files
        self.pid = self.code = self.error = None

    def poll(self):
        self.node.pump(0)
        return self.code

    def wait(self, timeout=60):
        limit = Limit(timeout)
        while self.code is None:
            late = limit.passed()
            self.node.pump(min(max(limit.left(), 0), 0.5))
            if late and self.code is None:
                self.kill()
                raise TimeoutError("%s: %s ran longer than %s\n%s%s"
                                   % (self.node.name, " ".join(self.argv), limit, self.out[-2000:], self.err[-2000:]))
        return self

    def kill(self, number=signal.SIGKILL):
        """The whole process group: a shell goes with its children."""
        if self.code is None:
            self.node.request({"op": "kill", "pid": -self.pid, "signal": int(number)})

    def _read(self, index):
        fd = self._files[index]
        return os.pread(fd, os.fstat(fd).st_size, 0).decode(errors="replace") if fd is not None else ""

    @property
    def out(self):
        return self._read(0)

    @property
    def err(self):
        return self._read(1)

    def __del__(self):
        for fd in self._files:
            if fd is not None:
                os.close(fd)


class Node:
    def __init__(self, name, number, key, root="hosts"):
        self.name, self.number, self.key, self.root = name, number, key, root
        self.layers = "/nodes/" + name
        self.ip, self.ip6 = "10.77.0.%d" % number, "fd77::%x" % number
        self.systemd = root.endswith("-systemd")
        self.pid = self.channel = self.gate = None
        self.processes, self.next_number, self.replies = {}, 1, {}

    # ---- life -------------------------------------------------------------------------------------------------------------

    def create(self):
        """Starts PID 1. The layers of an earlier life are used again: the same files, as after a reboot."""
        fresh = not os.path.exists(self.layers)
        for name in ("upper", "work", "root", "home"):
            os.makedirs(self.layers + "/" + name, exist_ok=True)
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        read, write = os.pipe()
        gate = None
        if self.systemd:
            gate, self.gate = os.pipe()
        middle = os.fork()
        if middle == 0:
            try:
                if self.systemd:
                    systemd.enter_cgroup(self.name)
                unshare(NEW_HOST | (NEW_CGROUP if self.systemd else 0))
                first = os.fork()  # this child is PID 1 of the new PID namespace
                if first == 0:
                    _be_first(self, fresh, theirs, write, gate)
                os.write(write, b"%d " % first)
                os._exit(0)
            except BaseException as error:
                os.write(write, ("failed: %r" % error).encode())
                os._exit(1)
        theirs.close()
        os.close(write)
        if gate:
            os.close(gate)
        os.waitpid(middle, 0)
        answer = b""
        while not answer.endswith((b"ready", b"!")):
            piece = os.read(read, 4096)
            if not piece:
                break
            answer += piece
        os.close(read)
        if not answer.endswith(b"ready"):
            raise RuntimeError("%s did not start: %s" % (self.name, answer.decode()))
        self.pid = int(answer.split()[0])

    def release(self):
        """Lets systemd begin."""
        os.close(self.gate)
        self.gate = None

    def destroy(self):
        """Power off, now: every process of the node dies with its PID 1. Files stay."""
        if self.pid:
            if os.path.exists("/proc/%d/root/." % self.pid):  # else it has switched itself off
                os.kill(self.pid, signal.SIGKILL)
            while os.path.exists("/proc/%d/root/." % self.pid):  # until the kernel has taken the namespaces down
                time.sleep(0.01)
            self.channel.close()
            if self.systemd:
                systemd.leave_cgroup(self.name)
            for process in self.processes.values():
                process.code = -9
            self.pid, self.processes = None, {}

    def forget(self):
        self.destroy()
        shutil.rmtree(self.layers, ignore_errors=True)

    # ---- programs and sockets ---------------------------------------------------------------------------------------------

    def request(self, message, fds=()):
        message["id"], self.next_number = self.next_number, self.next_number + 1
        self.channel.sendmsg([json.dumps(message).encode()],
                             [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])
        return message["id"]

    def pump(self, timeout):
        """Takes in what PID 1 has to say; waits at most `timeout` seconds for the first message."""
        while select.select([self.channel], [], [], timeout)[0]:
            data, ancillary, _, _ = self.channel.recvmsg(65536, 64, socket.MSG_CMSG_CLOEXEC)
            if not data:
                raise RuntimeError(self.name + ": PID 1 has died")
            message, timeout = json.loads(data), 0
            for _, _, rights in ancillary:
                message["fd"] = array.array("i", rights)[0]
            process = self.processes.get(message["id"])
            if process is None:
                self.replies[message["id"]] = message
            elif "pid" in message:
                process.pid = message["pid"]
            else:
                process.code, process.error = message["exit"], message.get("error")
                del self.processes[message["id"]]

    def spawn(self, *argv, stdin=None, stdout=None, env=None, cwd=None):
        """Starts a program in a process group of its own. `stdin`: text; `stdout`: a file descriptor for both outputs."""
        files = [None, None] if stdout is not None else [os.memfd_create("out"), os.memfd_create("err")]
        source = os.memfd_create("in") if stdin is not None else os.open("/dev/null", os.O_RDONLY)
        if stdin is not None:
            os.pwrite(source, stdin.encode() if isinstance(stdin, str) else stdin, 0)
        fds = [source, stdout, stdout] if stdout is not None else [source] + files
        number = self.request({"op": "spawn", "argv": argv, "env": dict(ENVIRONMENT, **(env or {})), "cwd": cwd}, fds)
        os.close(source)
        process = self.processes[number] = Process(self, number, argv, files)
        while process.pid is None and process.code is None:
            self.pump(1)
        return process

    def run(self, *argv, timeout=60, check=False, **options):
        process = self.spawn(*argv, **options).wait(timeout)
        if check and process.code:
            raise RuntimeError("%s: %s: exit %s\n%s%s%s" % (self.name, " ".join(argv), process.code, process.out, process.err,
                                                          process.error or ""))
        return process

    def sh(self, script, **options):
        return self.run("sh", "-c", script, **options)

    def socket(self, family=socket.AF_INET, kind=socket.SOCK_STREAM, protocol=0):
        """A socket that lives in this node's network."""
        number = self.request({"op": "socket", "family": int(family), "kind": int(kind), "protocol": protocol})
        while number not in self.replies:
            self.pump(1)
        return socket.socket(fileno=self.replies.pop(number)["fd"])

    # ---- files ------------------------------------------------------------------------------------------------------------

    def path(self, name):
        """The node's file as this process can open it."""
        return "/proc/%d/root%s" % (self.pid, name)

    def exists(self, name):
        return os.path.lexists(self.path(name))

    def read(self, name):
        try:
            with open(self.path(name), errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)


# ---- the other side: PID 1 of a node ------------------------------------------------------------------------------------------


def _be_first(node, fresh, channel, write, gate):
    try:
        node.channel.close()
        if gate:
            os.close(node.gate)
        _make_root(node, fresh)
        null = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        keep = {channel.fileno(), write, gate}
        for fd in range(3, 256):
            if fd not in keep:
                try:
                    os.close(fd)
                except OSError:
                    pass
        os.setsid()
        os.write(write, b"ready")
        os.close(write)
        if gate and os.fork():
            channel.close()
            systemd.become(gate)
        _serve(channel)
    except BaseException as error:
        try:
            os.write(write, ("failed: %r!" % error).encode())
        except OSError:
            pass
    os._exit(1)


def _make_root(node, fresh):
    root = node.layers + "/root"
    mount(None, "/", None, REC | PRIVATE)
    mount(node.name, root, "overlay", 0, "lowerdir=%s,upperdir=%s/upper,workdir=%s/work" % (roots.layer(node.root), node.layers, node.layers))
    if fresh:
        _hide_the_machine(root)
    for name in ("/lab", "/lib/modules", "/.old", "/root"):
        os.makedirs(root + name, exist_ok=True)
    mount("proc", root + "/proc", "proc")
    if node.systemd:
        systemd.mount_system(root)
    else:
        mount("sys", root + "/sys", "sysfs")
        mount("/dev", root + "/dev", None, BIND | REC)
    mount("run", root + "/run", "tmpfs", 0, "mode=755")
    mount("tmp", root + "/tmp", "tmpfs", 0, "mode=1777")
    mount(node.layers + "/home", root + "/root", None, BIND)  # the machine's own ~/.bashrc has no business here
    mount("/lab", root + "/lab", None, BIND | REC)
    mount("/lib/modules", root + "/lib/modules", None, BIND)
    os.makedirs(root + "/run/lock")
    if not node.systemd:
        os.makedirs(root + "/run/sshd")
    with open(root + "/run/boot_id", "w") as file:  # a new one with each life, as a real boot gives
        file.write(str(uuid.uuid4()) + "\n")
    mount(root + "/run/boot_id", root + "/proc/sys/kernel/random/boot_id", None, BIND)
    roots.without_dns(root)
    with open(root + "/etc/hostname", "w") as file:
        file.write(node.name + "\n")
    libc.sethostname(node.name.encode(), len(node.name))
    pivot_root(root, ".old")
    libc.umount2(b"/.old", DETACH)
    os.rmdir("/.old")


def _hide_the_machine(root):
    """A host starts without what this machine's own meshctl, if there is one, may have left."""
    shutil.rmtree(root + "/var/lib/meshctl", ignore_errors=True)
    for folder in ("/etc/rcS.d", "/etc/init.d", "/etc/systemd/system"):
        if os.path.isdir(root + folder):
            for name in os.listdir(root + folder):
                if "meshctl" in name:
                    os.unlink(root + folder + "/" + name)


def _serve(channel):
    """Answers requests and reaps orphans until it is killed."""
    wake, bell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(bell)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    running = {}

    def reply(number, **fields):
        fds = [fields.pop("fd")] if "fd" in fields else []
        channel.sendmsg([json.dumps(dict(fields, id=number)).encode()],
                        [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])

    while True:
        ready = select.select([channel, wake], [], [])[0]
        if wake in ready:
            os.read(wake, 512)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if not pid:
                break
            if pid in running:
                reply(running.pop(pid), exit=os.waitstatus_to_exitcode(status))
        if channel in ready:
            data, ancillary, _, _ = channel.recvmsg(65536, 256, socket.MSG_CMSG_CLOEXEC)
            if not data:
                os._exit(0)
            message = json.loads(data)
            fds = [fd for _, _, rights in ancillary for fd in array.array("i", rights)]
            _answer(message, fds, running, reply)
            for fd in fds:
                os.close(fd)


def _answer(message, fds, running, reply):
    number = message["id"]
    if message["op"] == "spawn":
        try:
            os.chdir(message["cwd"] or "/root")
            # posix_spawn: no copy of this process's page tables, which is most of what a fork costs here
            pid = os.posix_spawnp(message["argv"][0], message["argv"], message["env"], setsid=True,
                                  setsigdef=[signal.SIGINT, signal.SIGPIPE],  # which Python ignores
                                  file_actions=[(os.POSIX_SPAWN_DUP2, fd, target) for target, fd in enumerate(fds)])
        except OSError as error:
            reply(number, exit=127, error=str(error))
            return
        running[pid] = number
        reply(number, pid=pid)
    elif message["op"] == "socket":
        with socket.socket(message["family"], message["kind"], message["protocol"]) as made:
            reply(number, fd=made.fileno())
    elif message["op"] == "kill":
        try:
            os.kill(message["pid"], message["signal"])
        except ProcessLookupError:
            pass
