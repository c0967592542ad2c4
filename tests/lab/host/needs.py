"""What the lab needs of a machine, asked before anything is started."""
import ctypes
import glob
import os
import shutil

MODULES = "/usr/lib/uml/modules"
PACKAGES = {  # command: Debian package that brings it
    "linux.uml": "user-mode-linux",
    "modprobe": "kmod",
    "ip": "iproute2",
    "tcpdump": "tcpdump",
    "ping": "iputils-ping",
    "sshd": "openssh-server",
    "ssh-keygen": "openssh-client",
    "swanctl": "strongswan-swanctl",
    "setarch": "util-linux",
}
CHARON = "/usr/lib/ipsec/charon"


def which(command):
    """Like the shell's, with the sbin folders that are not in everybody's PATH."""
    return shutil.which(command, path=os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin")


def can_mount():
    """May this process make mount and PID namespaces? Tried in a child, which ends at once."""
    child = os.fork()
    if child == 0:
        os._exit(0 if ctypes.CDLL(None).unshare(0x20000 | 0x20000000) == 0 else 1)
    return os.waitpid(child, 0)[1] == 0


def memory_reasons(size):
    """The guest's memory is a file that it executes from: on a tmpfs of the lab's own, or on /dev/shm."""
    with open("/proc/meminfo") as file:
        free = dict(line.split(":") for line in file)["MemAvailable"]
    if int(free.split()[0]) << 10 < size:
        return ["less than %d MiB of memory is free" % (size >> 20)]
    if can_mount():
        return []
    why = "no right to mount a tmpfs (CAP_SYS_ADMIN), so /dev/shm must be %s; "
    fix = "in a container: docker run --privileged, or --shm-size=1g and `mount -o remount,exec /dev/shm` outside"
    status = os.statvfs("/dev/shm")
    if status.f_flag & os.ST_NOEXEC:
        return [why % "executable" + fix]
    if status.f_bavail * status.f_frsize < size:
        return [why % ("a tmpfs with %d MiB free" % (size >> 20)) + fix]
    return []


def missing(size=1 << 30):
    """Reasons why no guest can be booted here, each with a way out; an empty list is the good case."""
    reasons = []
    if os.uname().machine != "x86_64":
        reasons.append("the lab runs on x86-64 only (Debian's user-mode-linux is built for nothing else)")
    if os.geteuid() != 0:
        reasons.append("the lab must run as root: the guest reads this machine's own files and makes hosts of them; "
                       "use `sudo`, or a throw-away virtual machine")
    packages = sorted({package for command, package in PACKAGES.items() if not which(command)})
    if not os.path.exists(CHARON):
        packages.append("strongswan-charon")
    if "user-mode-linux" not in packages and not glob.glob(MODULES + "/*/kernel/fs/overlayfs"):
        packages.append("user-mode-linux")
    if packages:
        reasons.append("missing programs; run: apt-get install --no-install-recommends " + " ".join(packages))
    return reasons + (memory_reasons(size) if os.geteuid() == 0 else [])
