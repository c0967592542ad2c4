"""systemd as PID 1 of a node: control groups, mounts and devices as a container manager gives them.

The process that serves requests (node.py) is forked before systemd starts; systemd takes it for one of its own helpers.
"""
import os
import time

from kernel import BIND, RDONLY, REMOUNT, mount
from pace import Limit

CGROUPS = "/sys/fs/cgroup"


def enter_cgroup(name):
    """The calling process and all that it will start get a control group of their own, which a cgroup namespace can take for its root."""
    if not os.path.exists(CGROUPS + "/cgroup.procs"):
        mount("cgroup", CGROUPS, "cgroup2")
        with open(CGROUPS + "/cgroup.subtree_control", "w") as file:
            file.write("+memory +pids")
    os.makedirs(CGROUPS + "/" + name, exist_ok=True)
    with open("%s/%s/cgroup.procs" % (CGROUPS, name), "w") as file:
        file.write("0")


def leave_cgroup(name):
    """All its processes have been killed, and are gone soon."""
    limit = Limit(20)
    with open("%s/%s/cgroup.events" % (CGROUPS, name)) as file:
        while "populated 1" in file.read() and not limit.passed():
            time.sleep(0.02)
            file.seek(0)
    for folder, _, _ in os.walk(CGROUPS + "/" + name, topdown=False):
        os.rmdir(folder)


def mount_system(root):
    """/sys as a container's (read-only: no udev waits for its devices), control groups, devices."""
    mount("sys", root + "/sys", "sysfs")
    mount("cgroup", root + CGROUPS, "cgroup2")
    mount(None, root + "/sys", None, REMOUNT | BIND | RDONLY)
    mount("dev", root + "/dev", "tmpfs", 0, "mode=755")
    for name, minor in (("null", 3), ("zero", 5), ("full", 7), ("random", 8), ("urandom", 9)):
        os.mknod(root + "/dev/" + name, 0o020666, os.makedev(1, minor))
        os.chmod(root + "/dev/" + name, 0o666)
    os.mknod(root + "/dev/tty", 0o020666, os.makedev(5, 0))
    for name in ("/dev/pts", "/dev/shm"):
        os.mkdir(root + name)
    mount("pts", root + "/dev/pts", "devpts", 0, "newinstance,ptmxmode=666,mode=620,gid=5")
    os.symlink("pts/ptmx", root + "/dev/ptmx")
    mount("shm", root + "/dev/shm", "tmpfs", 0, "mode=1777")
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink("/proc/self/fd" + target, root + "/dev/" + name)


def become(gate):
    """Waits until the gate opens, then PID 1 is systemd."""
    os.read(gate, 1)
    os.execve("/lib/systemd/systemd", ["systemd", "--log-target=journal"], {"container": "meshctl-lab", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
