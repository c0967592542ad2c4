#!/usr/bin/python3
"""A simulated Windows host: Debian's wine with programs of our own for what wine lacks, behind an sshd that behaves like OpenSSH for Windows.

    with simulator.Windows(FOLDER) as windows:          # in a new folder; removed by the caller
        windows.run(r"C:\\ProgramData\\meshctl\\apply.cmd")  # as the login shell runs it: .code, .out
        windows.policy()                                # what netsh keeps, one line a setting or rule
        windows.reboot()

    simulator.py FOLDER [--address A] [--port N] [--shell cmd|powershell|bash]      the same until it is interrupted; SIGHUP is a power cut and a boot

It is a simulator; docs/windows-lab.md lists what it cannot show. The user is the one who starts it, FOLDER/id is the key that it lets in."""
import argparse, ctypes, fcntl, os, select, shutil, signal, socket, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True
import pace  # noqa: E402
import scheduler  # noqa: E402

BUILD = os.path.normpath(os.path.join(HERE, "..", "..", "build", "windows"))
PROGRAMS = ["netsh", "schtasks", "icacls", "certutil", "fsutil", "sc", "powershell", "bash", "session"]
OVERRIDES = ";".join(name + ".exe=n" for name in PROGRAMS)
WINE = "/usr/lib/wine/wine64"
SERVER = "/usr/lib/wine/wineserver64"
ADDR_NO_RANDOMIZE = 0x0040000

SSHD_CONFIG = """
ListenAddress {address}
Port {port}
HostKey {folder}/hostkey
AuthorizedKeysFile {folder}/id.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
PermitTTY no
PrintMotd no
LogLevel ERROR
Subsystem sftp windows-sftp
ForceCommand exec {here}/session {folder}
"""


class Missing(Exception):
    """What this machine lacks for the simulator."""


def need():
    for what, there in (("wine (package wine64)", os.path.exists(WINE)), ("mingw-w64 (package g++-mingw-w64-x86-64-win32)", shutil.which("x86_64-w64-mingw32-g++")),
                        ("sshd (package openssh-server)", os.path.exists("/usr/sbin/sshd"))):
        if not there:
            raise Missing(what + " is missing")
    fix_addresses()


def fix_addresses():
    """Every program that this one starts from now on has its heap at the same place. Debian's wine64 has no preloader that would reserve the page at
    0x7ffe0000 in which Windows programs find the time; the kernel puts the heap anywhere in the GiB above wine64's 0x7d000000, and one start in 8,000
    finds 132 KiB of heap on that page. It ends with 1 and no word, and a cmd that started it says `Can't recognize`."""
    libc = ctypes.CDLL(None)
    if libc.personality(libc.personality(0xffffffff) | ADDR_NO_RANDOMIZE) == -1:
        raise Missing("the right to fix addresses (personality(2), setarch -R): wine would fail to start now and then")


# What costs time and nothing here needs: each start of a program looks through all time zones for the machine's own, each boot starts these services.
MAKE_DRIVE = [["wineboot.exe", "-i"], ["reg.exe", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"],
              ["reg.exe", "delete", r"HKLM\Software\Microsoft\Windows NT\CurrentVersion\Time Zones", "/f"]]
MAKE_DRIVE += [["reg.exe", "delete", r"HKLM\System\CurrentControlSet\Services" + "\\" + service, "/f"]
               for service in ("Eventlog", "PlugPlay", "winebus", "winehid", "wineusb", "NDIS", "HTTP")]


def build():
    """The programs, and a Windows drive that all simulated hosts share the system folder of. Both are kept in build/windows."""
    need()
    os.makedirs(BUILD, exist_ok=True)
    with open(os.path.join(BUILD, "lock") if os.access(BUILD, os.W_OK) else os.devnull, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _build_programs()
        template = os.path.join(BUILD, "drive")
        _build_drive(template, os.path.join(template, "complete"), repr(MAKE_DRIVE))
    return template


def _build_programs():
    made = subprocess.run(["make", "-s", "-j%d" % (os.cpu_count() or 1), "-C", os.path.join(HERE, "programs"), "OUT=" + os.path.join(BUILD, "programs")],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if made.returncode:
        raise RuntimeError("the simulator's programs cannot be built\n" + made.stdout)


def _build_drive(template, complete, how):
    if os.path.exists(complete):
        with open(complete) as file:
            if file.read() == how:
                return
    shutil.rmtree(template, ignore_errors=True)
    os.makedirs(template)
    env = dict(base_environment(template), WINEDLLOVERRIDES="mscoree,mshtml=")
    for command in MAKE_DRIVE:
        subprocess.run([WINE] + command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600, check=True)
    subprocess.run([SERVER, "-w"], env=env, timeout=120, check=True)
    with open(complete, "w") as file:
        file.write(how)


def base_environment(prefix):
    keep = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "USER", "LOGNAME")}
    return dict(keep, LC_ALL="C.UTF-8", WINEPREFIX=prefix, WINEDEBUG="-all", WINEDLLOVERRIDES=OVERRIDES, XDG_RUNTIME_DIR=prefix,
                WINELOADERNOEXEC="1", FONTCONFIG_FILE=os.path.join(HERE, "no-fonts.conf"))


class Ended:
    def __init__(self, code, out):
        self.code, self.out = code, out


class Windows:
    def __init__(self, folder, address="127.0.0.1", port=0, shell="cmd", speed=1):
        """port 0: any free one. speed: how many seconds of the scheduled tasks' times pass in one second."""
        self.folder, self.address, self.port, self.shell, self.speed = os.path.abspath(folder), address, port, shell, speed
        self.prefix = os.path.join(self.folder, "prefix")
        self.drive = os.path.join(self.prefix, "drive_c")
        self.store = os.path.join(self.drive, "simulator")
        self.processes, self.scheduler = [], None

    # ---- life ----
    def __enter__(self):
        try:
            self._make(build())
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.power_off()

    def boot(self):
        self.scheduler = scheduler.Scheduler(self)
        resident = self._spawn([WINE, r"C:\simulator\programs\session.exe", "--stay"], env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        # Two first processes at once would wait for each other.
        if not pace.wait_for(lambda: select.select([resident.stdout], [], [], 0.2)[0], 120, 0) or resident.stdout.readline() != b"up\n":
            raise RuntimeError("wine does not start")
        # Whoever started it may be killed: sshd dies then, and wine at the end of its input.
        self._spawn(["setpriv", "--pdeathsig", "KILL", "/usr/sbin/sshd", "-D", "-e", "-f", os.path.join(self.folder, "sshd_config")], env=base_environment(self.prefix), stdin=subprocess.DEVNULL)
        self._wait_for_sshd()
        self.scheduler.start()

    def power_off(self):
        """As if the plug were pulled: nothing gets to say goodbye."""
        if self.scheduler:
            self.scheduler.stop()
            self.scheduler = None
        for process in self.processes:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        self.processes = []
        if os.path.isdir(self.prefix):
            subprocess.run([SERVER, "-k"], env=self.environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            subprocess.run([SERVER, "-w"], env=self.environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)

    def reboot(self):
        self.power_off()
        self.boot()

    # ---- what a test does with it ----
    def run(self, command, stdin=None, timeout=1200):
        """What `ssh host COMMAND` runs, without the connection."""
        done = subprocess.run([os.path.join(HERE, "session"), self.folder], env=dict(base_environment(self.prefix), SSH_ORIGINAL_COMMAND=command),
                              input=stdin if stdin is not None else b"", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
        return Ended(done.returncode, done.stdout.decode("utf-8", "replace").replace("\r\n", "\n"))

    def ssh(self, *command, **kwargs):
        return subprocess.run(["ssh"] + self.ssh_options() + ["-p", str(self.port), self.address] + list(command), **kwargs)

    def ssh_options(self):
        known = os.path.join(self.folder, "known_hosts")
        return ["-F", "none", "-i", os.path.join(self.folder, "id"), "-o", "UserKnownHostsFile=" + known, "-o", "GlobalKnownHostsFile=none",
                "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes"]

    def path(self, windows_path):
        r"""C:\ProgramData\x as a path of this machine."""
        if windows_path[:3].upper() not in ("C:\\", "C:/"):
            raise ValueError(windows_path)
        return os.path.join(self.drive, *windows_path[3:].replace("\\", "/").split("/"))

    def read(self, name):
        """A file of C:\\simulator; absent is empty."""
        try:
            with open(os.path.join(self.store, name), encoding="utf-8", newline="") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def write(self, name, text):
        with open(os.path.join(self.store, name), "w", encoding="utf-8", newline="") as file:
            file.write(text)

    def policy(self):
        """Settings and rules in an order of no meaning, so that two can be compared."""
        return sorted(self.read("policy.txt").splitlines())

    def calls(self):
        return self.read("calls.log").splitlines()

    def faults(self, *lines):
        """`fail 3`, `kill-before set rule`, …: programs/common.hpp. Calls are counted from here."""
        self.write("calls.log", "")
        self.write("faults.txt", "".join(line + "\n" for line in lines))

    def reset(self):
        """A disk as new; the machine goes on. No task runs any more."""
        for name in os.listdir(os.path.join(self.store, "tasks")):
            os.unlink(os.path.join(self.store, "tasks", name))
        self.scheduler.wait()
        shutil.rmtree(os.path.join(self.drive, "ProgramData"))
        os.mkdir(os.path.join(self.drive, "ProgramData"))
        for entry in os.scandir(self.store):
            if entry.is_file():
                os.unlink(entry.path)

    def tasks(self):
        folder = os.path.join(self.store, "tasks")
        return sorted(name[:-4].replace("!", "\\") for name in os.listdir(folder) if name.endswith(".xml"))

    # ---- how it is made ----
    @property
    def environment(self):
        return dict(base_environment(self.prefix), SIMULATOR_SHELL=self.shell)

    def _make(self, template):
        os.makedirs(os.path.join(self.prefix, "dosdevices"), exist_ok=True)
        for name in ("system.reg", "user.reg", "userdef.reg", ".update-timestamp"):
            shutil.copy(os.path.join(template, name), self.prefix)
        os.symlink("../drive_c", os.path.join(self.prefix, "dosdevices", "c:"))
        user = "users/" + (os.environ.get("USER") or "root")
        # %TEMP% of wine 8 and of wine 10, where its cmd keeps what goes through a pipe: without it a pipe is empty.
        for name in ("ProgramData", user + "/Temp", user + "/AppData/Local/Temp", "simulator/tasks", "simulator/programs"):
            os.makedirs(os.path.join(self.drive, name))
        self._make_system(os.path.join(template, "drive_c", "windows"))
        os.mkdir(os.path.join(self.folder, "drives"))
        os.symlink("../prefix/drive_c", os.path.join(self.folder, "drives", "C:"))
        self.port = self.port or free_port(self.address)
        for name in ("hostkey", "id"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", os.path.join(self.folder, name)], check=True)
        files = {"sshd_config": SSHD_CONFIG.format(address=self.address, port=self.port, folder=self.folder, here=HERE),
                 "known_hosts": "[%s]:%d %s" % (self.address, self.port, self._hostkey()),
                 "environment": "".join("export %s='%s'\n" % pair for pair in self.environment.items())}
        for name, text in files.items():
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(text)
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)

    def _make_system(self, windows):
        """C:\\windows is the template's but for our programs, which take the place of wine's."""
        system = os.path.join(self.drive, "windows", "system32")
        os.makedirs(system)
        for source, target in ((windows, os.path.dirname(system)), (os.path.join(windows, "system32"), system)):
            for name in os.listdir(source):
                if name.lower() != "system32" and os.path.splitext(name.lower())[0] not in PROGRAMS:
                    os.symlink(os.path.join(source, name), os.path.join(target, name))
        for name in PROGRAMS:
            target = os.path.join(self.store, "programs") if name == "session" else system
            shutil.copy(os.path.join(BUILD, "programs", name + ".exe"), target)

    def _hostkey(self):
        with open(os.path.join(self.folder, "hostkey.pub")) as file:
            return file.read()

    def _spawn(self, argv, stdout=subprocess.DEVNULL, **kwargs):
        self.processes.append(subprocess.Popen(argv, stdout=stdout, stderr=subprocess.DEVNULL, start_new_session=True, **kwargs))
        return self.processes[-1]

    def _wait_for_sshd(self):
        def answers():
            try:
                socket.create_connection((self.address, self.port), timeout=1).close()
                return True
            except OSError:
                return False
        if not pace.wait_for(answers, 10):
            raise RuntimeError("the simulator's sshd does not answer")


def free_port(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--shell", default="cmd", choices=["cmd", "powershell", "bash"])
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    signals = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    with Windows(options.folder, options.address, options.port, options.shell) as windows:
        print("simulated Windows host: ssh %s -p %d %s" % (" ".join(windows.ssh_options()), windows.port, windows.address), flush=True)
        while signal.sigwait(signals) == signal.SIGHUP:
            windows.reboot()
            print("booted", flush=True)


if __name__ == "__main__":
    try:
        main()
    except Missing as missing:
        sys.exit("the Windows simulator needs more: %s" % missing)
