"""What the lab needs of a machine, asked before anything is started."""
import ctypes
import glob
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))  # tests/lab
SOURCE = os.path.dirname(os.path.dirname(HERE))
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
OWN_KERNEL = r"""
mount -t tmpfs tmpfs /mnt && mkdir /mnt/upper /mnt/work /mnt/root || die "mount a tmpfs"
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root || die "mount an overlay file system"
ip link add br0 type bridge || die "make a bridge"
ip link add v0 type veth peer name v1 || die "make a virtual cable (veth)"
key=0x000102030405060708090a0b0c0d0e0f
ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x100 mode transport aead "rfc4106(gcm(aes))" ${key}10111213 128 ||
  die "add an ESP SA for IPv4"
ip xfrm state add src 2001:db8::1 dst 2001:db8::2 proto esp spi 0x101 mode transport enc "cbc(aes)" $key auth-trunc "hmac(sha256)" $key$key 128 ||
  die "add an ESP SA for IPv6"
""".replace("$key$key", "${key}101112131415161718191a1b1c1d1e1f")


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


def root_reasons():
    return [] if os.geteuid() == 0 else [
        "the lab must run as root: the guest reads this machine's own files and makes hosts of them; use `sudo`, or a throw-away virtual machine"]


def package_reasons(commands):
    packages = {PACKAGES[command] for command in commands if not which(command)}
    if not os.access(CHARON, os.X_OK):
        packages.add("strongswan-charon")
    if "linux.uml" in commands and not glob.glob(MODULES + "/*/kernel/fs/overlayfs"):
        packages.add("user-mode-linux")
    return ["missing programs; run: apt-get install --no-install-recommends " + " ".join(sorted(packages))] if packages else []


def missing(size=1 << 30):
    """Reasons why no guest can be booted here, each with a way out; an empty list is the good case."""
    reasons = []
    if os.uname().machine != "x86_64":
        reasons.append("the lab runs on x86-64 only (Debian's user-mode-linux is built for nothing else)")
    return reasons + root_reasons() + package_reasons(PACKAGES) + (memory_reasons(size) if os.geteuid() == 0 else [])


def missing_own_kernel():
    """Reasons why no hosts can be made in namespaces on this machine's own kernel; what it cannot do is tried in namespaces that end at once."""
    reasons = root_reasons() + package_reasons(set(PACKAGES) - {"linux.uml", "modprobe", "setarch"})
    if reasons:
        return reasons
    tried = subprocess.run(["unshare", "--mount", "--net", "sh", "-c", "die() { echo \"cannot $1\" >&2; exit 1; }\n" + OWN_KERNEL],
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if tried.returncode:
        *said, what = [line.strip() for line in tried.stderr.splitlines()] or ["unshare: failed"]
        reasons.append("this machine's own kernel: " + what + (" (%s)" % said[-1] if said else ""))
    if confined("/usr/lib/ipsec/charon"):
        reasons.append("AppArmor keeps charon from the files that the lab gives it")
    return reasons


def confined(program):
    """Does AppArmor enforce a profile for it?"""
    try:
        with open("/sys/kernel/security/apparmor/profiles") as file:
            return program + " (enforce)" in file.read()
    except OSError:
        return False
