"""The surroundings of a test: nothing that belongs to this machine's user is read.

`environment()` is all that a test finds in its environment: an empty home, the system's programs, sh, C.UTF-8, UTC. `enter()` makes the user's entry of
/etc/passwd say the same, for this process and what it starts: sshd, ssh and libssh ask there, and a session would source root's .bashrc. Files for a while
are in memory then, since the agent syncs a lot, and go with the process."""
import ctypes
import os
import pwd

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What of the caller's environment reaches a test: ours by name (MESHCTL_…, docs/contributing.md), rapidcheck's, and whether it is CI.
KEPT = ("CI", "RC_PARAMS")
CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 4096, 16384, 1 << 18
libc = ctypes.CDLL(None, use_errno=True)


def environment(folder):
    """FOLDER gets `home` and `tmp`."""
    for name, mode in (("", 0o755), ("home", 0o700), ("tmp", 0o755)):  # tests have other users, too
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        os.chmod(os.path.join(folder, name), mode)
    user = pwd.getpwuid(os.geteuid()).pw_name
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("MESHCTL_TEST_") or name.startswith("MESHCTL_AGENT_")}
    return dict(kept, HOME=os.path.join(folder, "home"), TMPDIR=os.path.join(folder, "tmp"), PATH=PATH, USER=user, LOGNAME=user, SHELL="/bin/sh",
                LANG="C.UTF-8", TZ="UTC", TERM="dumb", PYTHONDONTWRITEBYTECODE="1")


def enter(folder):
    """FOLDER as for environment(). "", or why it cannot be done: mounting needs CAP_SYS_ADMIN."""
    return own_mounts() or mount_passwd(folder, os.path.join(folder, "home"), "/bin/sh") or mount(b"tmpfs", os.path.join(folder, "tmp"), b"tmpfs", data=b"mode=755")


def own_mounts():
    if libc.unshare(CLONE_NEWNS):
        return "a mount namespace: " + os.strerror(ctypes.get_errno())
    return mount(None, "/", None, MS_REC | MS_PRIVATE)


def mount_passwd(folder, home, shell):
    """With an entry for the user that names HOME and SHELL. The file itself is in FOLDER."""
    user = pwd.getpwuid(os.geteuid())
    with open("/etc/passwd") as file:
        lines = file.read().splitlines()
    entry = ":".join([user.pw_name, "x", str(user.pw_uid), str(user.pw_gid), user.pw_gecos, home, shell])
    passwd = os.path.join(folder, "passwd")
    with open(passwd, "w") as file:
        file.write("".join((entry if line.split(":")[0] == user.pw_name else line) + "\n" for line in lines))
    os.chmod(passwd, 0o644)
    return mount(passwd.encode(), "/etc/passwd", None, MS_BIND)


def mount(what, where, kind, flags=0, data=None):
    failed = libc.mount(what, where.encode(), kind, ctypes.c_ulong(flags), data)
    return "mount %s: %s" % (where, os.strerror(ctypes.get_errno())) if failed else ""
