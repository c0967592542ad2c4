"""The few system calls that Python 3.11 does not wrap. Each raises OSError with what was attempted."""
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
RDONLY, REMOUNT, BIND, MOVE, REC, PRIVATE = 1, 32, 4096, 8192, 16384, 1 << 18  # mount(2)
DETACH = 2  # umount2(2)
NEW_HOST = 0x00020000 | 0x04000000 | 0x08000000 | 0x20000000 | 0x40000000  # mount, UTS, IPC, PID and network namespaces
_PIVOT_ROOT = {"x86_64": 155}.get(os.uname().machine, 41)  # 41: what arm64, riscv64 and all newer ones share
_FINIT_MODULE = 313  # x86-64: linux.uml exists for nothing else


def check(result, what):
    if result:
        error = ctypes.get_errno()
        raise OSError(error, "%s: %s" % (what, os.strerror(error)))


def mount(source, target, kind=None, flags=0, data=None):
    def raw(text):
        return None if text is None else text.encode()
    check(libc.mount(raw(source), raw(target), raw(kind), ctypes.c_ulong(flags), raw(data)), "mount %s on %s" % (source, target))


NEW_CGROUP = 0x02000000


def unshare(flags):
    check(libc.unshare(flags), "unshare")


def pivot_root(new, old):
    os.chdir(new)
    check(libc.syscall(_PIVOT_ROOT, b".", old.encode()), "pivot_root " + new)
    os.chdir("/")


def load_module(path):
    fd = os.open(path, os.O_RDONLY)
    check(libc.syscall(_FINIT_MODULE, fd, b"", 0), "load " + path)
    os.close(fd)
