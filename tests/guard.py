"""A process of its own for each job of tests/run: it starts the job, and when that ends, or the guard is told to stop, or tests/run dies, everything that the
job has started ends as well, and nothing else: what loses its parent becomes the guard's child (PR_SET_CHILD_SUBREAPER). All is reaped, so that the guard's
resource usage is that of the whole job."""
import argparse
import ctypes
import os
import signal
import sys

import hermetic

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
GRACE = 10  # seconds between SIGTERM to the job and SIGKILL to all
libc = ctypes.CDLL(None)


class Arguments(argparse.ArgumentParser):
    """Wrong usage is 4, as everywhere in this project."""

    def error(self, message):
        self.exit(4, "%s: %s\n" % (self.prog, message))


def start(argv, log, environment, folder, niceness=0):
    """The guard's pid. FOLDER: for hermetic.enter(); without it the job gets no mounts of its own. NICENESS below 0 holds where the user may have it."""
    sys.stdout.flush()
    parent, guard = os.getpid(), os.fork()
    if guard:
        return guard
    code = 126
    try:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() == parent:
            code = _guard(argv, log, environment, folder, niceness)
    except BaseException as error:
        os.write(2, ("guard: %r\n" % error).encode())
    os._exit(code)


def _guard(argv, log, environment, folder, niceness):
    os.setsid()  # Ctrl-C reaches tests/run, which ends us in order
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number, file in ((0, os.open("/dev/null", os.O_RDONLY)), (1, output), (2, output)):
        os.dup2(file, number)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if folder and (why := hermetic.enter(folder)):
        os.write(1, ("note: sessions of sshd read this user's own files here (%s)\n" % why).encode())
    job = os.fork()
    if job == 0:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        try:
            os.nice(niceness)
        except PermissionError:
            pass
        try:
            os.execvpe(argv[0], argv, environment)
        except OSError as error:
            os.write(2, ("%s: %s\n" % (argv[0], error)).encode())
        os._exit(127)
    stopped = []

    def stop(number, _):
        if number == signal.SIGALRM or stopped:
            _kill_children()
        else:
            stopped.append(number)
            os.kill(job, signal.SIGTERM)
            signal.alarm(GRACE)

    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, stop)
    pid, status = os.wait()
    while pid != job:
        pid, status = os.wait()
    signal.alarm(0)
    _end_the_rest()
    return 124 if stopped else os.waitstatus_to_exitcode(status) & 255


def _children():
    with open("/proc/self/task/%d/children" % os.getpid()) as file:
        return [int(pid) for pid in file.read().split()]


def _kill_children():
    for pid in _children():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def _end_the_rest():
    """Whoever loses its parent by this becomes our child in turn."""
    names = set()
    while True:
        _reap(os.WNOHANG)
        left = _children()
        if not left:
            break
        names |= {_name(pid) for pid in left}
        _kill_children()
        _reap(0)
    if names - {""}:
        os.write(1, ("left behind: " + ", ".join(sorted(names - {""})) + "\n").encode())


def _reap(options):
    try:
        while os.waitpid(-1, options)[0] and options:
            pass
    except ChildProcessError:
        pass


def _name(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return file.read().replace(b"\0", b" ").decode(errors="replace").strip()[:100]
    except OSError:
        return ""
