"""What the lab needs of a machine, asked before anything is started."""
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


def missing():
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
    return reasons
