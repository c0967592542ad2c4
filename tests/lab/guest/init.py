#!/usr/bin/python3 -SE
"""PID 1 of the guest. One process and no fork per mount: an exec costs 20 to 40 ms in User Mode Linux.

Its root becomes a throw-away overlay over the machine's own. Then it forks, and the child runs main(arguments) of the module that
the launcher named (host/machine.py); what it returns is the guest's exit status.

    /lab/src    the checkout (read-only)      /out    the result folder, the only place that outlives the guest
    /lab/bin    the build folder (read-only)  /nodes  tmpfs for the hosts' layers: an overlay must not lie on an overlay
    /lab/keys   SSH keys of this guest        /lower  the machine's root (read-only), lowest layer of hosts
                                              /roots  other roots (read-only), likewise

With LAB_OWN_KERNEL there is no guest: it is PID 1 of namespaces on the machine's own kernel, and makes the same of them.
"""
import importlib
import json
import os
import subprocess
import sys
import traceback

sys.dont_write_bytecode = True  # on the own kernel the checkout can be written to
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from kernel import BIND, DETACH, MOVE, PRIVATE, RDONLY, REC, REMOUNT, libc, load_module, mount, pivot_root  # noqa: E402
import roots  # noqa: E402

MODULES = """ipv6 veth bridge af_packet af_key xfrm_user esp4 esp6 ah4 ah6 ipcomp ipcomp6 xfrm4_tunnel xfrm6_tunnel authenc echainiv
 seqiv cbc ctr gcm ccm hmac deflate tun""".split()
ROOT = "/mnt/root"
OWN_KERNEL = "LAB_OWN_KERNEL" in os.environ
DEVICES = "null zero full random urandom tty".split()


def say(text):
    os.write(1, (text + "\n").encode())


def bind_outside(source, name, writable=False):
    """A folder of the real machine, straight from hostfs. The overlay would hide what lies below /tmp or /root."""
    os.makedirs(ROOT + name, exist_ok=True)
    if not OWN_KERNEL:
        mount("lab", ROOT + name, "hostfs", 0 if writable else RDONLY, source)
        return
    mount(source, ROOT + name, None, BIND)
    if not writable:
        mount(None, ROOT + name, None, BIND | REMOUNT | RDONLY)


def make_devices():
    """The machine's own /dev is not to be touched: a few of its devices in a /dev of ours."""
    mount("dev", ROOT + "/dev", "tmpfs", 0, "mode=755")
    for name in DEVICES:
        with open(ROOT + "/dev/" + name, "w"):
            pass
        mount("/dev/" + name, ROOT + "/dev/" + name, None, BIND)
    os.symlink("pts/ptmx", ROOT + "/dev/ptmx")


def make_root(config):
    if not OWN_KERNEL:
        load_module("/usr/lib/uml/modules/%s/kernel/fs/overlayfs/overlay.ko" % os.uname().release)
    mount("lab", "/mnt", "tmpfs", 0, "mode=755")
    for name in ("upper", "work", "root"):
        os.mkdir("/mnt/" + name)
    mount("root", ROOT, "overlay", 0, "lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work")
    for name in ("/lab", "/nodes", "/roots", "/lower", "/lib/modules", "/.old", "/root"):
        os.makedirs(ROOT + name, exist_ok=True)
    mount("/", ROOT + "/lower", None, BIND)
    if OWN_KERNEL:
        mount(None, ROOT + "/lower", None, BIND | REMOUNT | RDONLY)
        make_devices()
    else:
        mount("/dev", ROOT + "/dev", None, MOVE)
    mount("/proc", ROOT + "/proc", None, MOVE)
    mount("sys", ROOT + "/sys", "sysfs")
    for name, mode in (("run", "755"), ("tmp", "1777"), ("root", "700"), ("nodes", "755"), ("lab", "755")):
        mount(name, ROOT + "/" + name, "tmpfs", 0, "mode=" + mode)
    for name in ("/dev/pts", "/dev/shm"):
        os.makedirs(ROOT + name, exist_ok=True)
    mount("pts", ROOT + "/dev/pts", "devpts", 0, "ptmxmode=666,mode=620,gid=5")
    mount("shm", ROOT + "/dev/shm", "tmpfs", 0, "mode=1777")
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        if not os.path.lexists(ROOT + "/dev/" + name):
            os.symlink("/proc/self/fd" + target, ROOT + "/dev/" + name)
    if not OWN_KERNEL:
        bind_outside("/usr/lib/uml/modules", "/lib/modules")
    bind_outside(config["source"], "/lab/src")
    bind_outside(config["build"], "/lab/bin")
    bind_outside(os.environ["LAB_WORK"] + "/keys", "/lab/keys")
    for name, (path, _) in config["roots"].items():
        if path != "/":
            bind_outside(path, "/roots/" + name)
    bind_outside(config["out"], "/out", writable=True)
    pivot_root(ROOT, ".old")
    libc.umount2(b"/.old", DETACH)
    os.rmdir("/.old")
    mount(None, "/", None, REC | PRIVATE)


def make_system():
    libc.sethostname(b"lab", 3)
    roots.without_dns("")
    if not OWN_KERNEL:  # there, the kernel loads by itself what is asked of it
        subprocess.run(["modprobe", "-a"] + MODULES, check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def child(config):
    """Forked, not executed anew: starting another Python would cost half a second."""
    sys.path[:0] = ["/lab/src/tests/lab/guest", "/lab/src/tests/lab"]
    try:
        status = importlib.import_module(config["module"]).main(config["arguments"])
    except BaseException:
        traceback.print_exc(file=sys.stdout)
        status = 1  # 125 is for a guest that ended without a word
    sys.stdout.flush()
    os._exit(status or 0)


def main():
    mount("proc", "/proc", "proc")
    with open(os.environ["LAB_WORK"] + "/config.json") as file:
        config = json.load(file)
    make_root(config)
    make_system()
    os.environ["LAB_TAG"] = config["tag"]
    os.environ["LAB_ROOTS"] = json.dumps(config["roots"])
    os.environ["LAB_TERMINAL"] = "1" if config["terminal"] else ""
    with open("/proc/uptime") as file:
        say("guest up after %s s" % file.read().split()[0])
    say("--LAB-START--")
    worker = os.fork()
    if worker == 0:
        child(config)
    while True:  # PID 1 reaps everybody
        pid, status = os.wait()
        if pid == worker:
            return os.waitstatus_to_exitcode(status) & 255


os.environ.update(PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME="/root", LANG="C.UTF-8")
result = 125
try:
    result = main()
except BaseException:
    traceback.print_exc(file=sys.stdout)
    sys.stdout.flush()
say("--LAB-END--")
try:
    status_file = "/out/" + os.environ.get("LAB_TAG", "guest") + ".status"
    with open(status_file + ".new", "w") as stream:
        stream.write("%d\n" % result)
    os.rename(status_file + ".new", status_file)
except OSError as error:
    say(str(error))
if OWN_KERNEL:
    os._exit(0)  # with PID 1 all of its namespace ends
libc.sync()
if os.getpid() == 1:
    libc.reboot(0x4321FEDC)  # power off
