"""The surroundings of a test: nothing that belongs to this machine's user is read.

`environment()` is all that a test finds in its environment: an empty home, the system's programs, sh, C.UTF-8, UTC. `own_user()` makes the user's entry of
/etc/passwd say the same, for this process and what it starts: sshd, ssh and libssh ask there, and a session would source root's .bashrc."""
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
    for name in ("home", "tmp"):
        os.makedirs(os.path.join(folder, name), mode=0o700, exist_ok=True)
    user = pwd.getpwuid(os.geteuid()).pw_name
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("MESHCTL_TEST_") or name.startswith("MESHCTL_AGENT_")}
    return dict(kept, HOME=os.path.join(folder, "home"), TMPDIR=os.path.join(folder, "tmp"), PATH=PATH, USER=user, LOGNAME=user, SHELL="/bin/sh",
                LANG="C.UTF-8", TZ="UTC", TERM="dumb", PYTHONDONTWRITEBYTECODE="1")


def own_user(folder):
    """FOLDER as for environment(). "", or why it cannot be done: mounting needs CAP_SYS_ADMIN."""
    return mount_passwd(folder, os.path.join(folder, "home"), "/bin/sh")


def mount_passwd(folder, home, shell):
    """The file itself is put in FOLDER, which others may search afterwards: they look into it, too."""
    user = pwd.getpwuid(os.geteuid())
    with open("/etc/passwd") as file:
        lines = file.read().splitlines()
    entry = ":".join([user.pw_name, "x", str(user.pw_uid), str(user.pw_gid), user.pw_gecos, home, shell])
    passwd = os.path.join(folder, "passwd")
    with open(passwd, "w") as file:
        file.write("".join((entry if line.split(":")[0] == user.pw_name else line) + "\n" for line in lines))
    os.chmod(passwd, 0o644)
    os.chmod(folder, 0o755)
    for what, failed in (("a mount namespace", libc.unshare(CLONE_NEWNS)),
                         ("make / private", libc.mount(None, b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None)),
                         ("mount over /etc/passwd", libc.mount(passwd.encode(), b"/etc/passwd", None, ctypes.c_ulong(MS_BIND), None))):
        if failed:
            return "%s: %s" % (what, os.strerror(ctypes.get_errno()))
    return ""
