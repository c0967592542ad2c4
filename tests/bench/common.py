"""What both benchmarks use: inventories, vaults, timing."""
import ctypes, os, subprocess, time

LIBC = ctypes.CDLL(None, use_errno=True)


def syncfs(path):
    """Everything written to the file system that holds `path` is on the disk afterwards."""
    fd = os.open(path, os.O_RDONLY)
    try:
        if LIBC.syncfs(fd) != 0:
            raise OSError(ctypes.get_errno(), "syncfs")
    finally:
        os.close(fd)


def full_mesh(path, hosts, backend, addresses=None, extra=""):
    """An inventory of `hosts` hosts, every pair linked."""
    address = addresses or (lambda i: "10.%d.%d.1" % (i >> 8, i & 255))
    with open(path, "w") as f:
        f.write("version: 1\nmesh: bench\ndefaults: {backend: %s%s}\nhosts:\n" % (backend, extra))
        for i in range(hosts):
            f.write("  h%04d: {addresses: [%s]}\n" % (i, address(i)))
        f.write("links:\n  - {among: all}\nbypass: [nd, icmp-errors, ike, {ssh-controller: [192.0.2.100]}]\n")


def environment(folder):
    """A pass phrase for benchmarks only, handed over as every pipeline does it."""
    path = os.path.join(folder, "passphrase")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
        f.write("benchmark\n")
    return dict(os.environ, MESHCTL_PASSPHRASE_FILE=path)


class Run:
    """One command: wall seconds, CPU seconds of it and its children, peak resident set in MiB."""

    def __init__(self, argv, expect=0, **options):
        options.setdefault("stdout", subprocess.DEVNULL)
        begin = time.monotonic()
        process = subprocess.Popen(argv, **options)
        _, status, usage = os.wait4(process.pid, 0)
        self.wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        self.code = process.returncode
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss / 1024
        if expect is not None and self.code != expect:
            raise SystemExit("%s: exit %d" % (" ".join(argv), self.code))


def median(values):
    return sorted(values)[len(values) // 2]


def row(*cells):
    print("  ".join(str(c).rjust(w) for c, w in cells), flush=True)
