"""The demonstration where no kernel can be had for it: all that meshctl does before it changes anything on a host.

Three sshd of this machine, on loopback, with keys and configuration of their own, stand for three hosts. Each keeps meshctl's state in a folder of
its own. Nothing is activated: `apply --until staged` stops before.
"""
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
INVENTORY = os.path.join(os.path.dirname(HERE), "lab/inventories/three-strongswan.yaml")
SSHD = "/usr/sbin/sshd"
SSHD_CONFIG = """ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
MaxStartups 100
LogLevel VERBOSE
SetEnv MESHCTL_STATE={folder}/{name}/state MESHCTL_ROOT={folder}/{name}/root HOME={folder}/{name}/home
"""


def locked():
    """sshd without PAM lets nobody in whose password field begins with "!". Only root can read it."""
    try:
        with open("/etc/shadow") as file:
            return any(line.startswith(user().pw_name + ":!") for line in file)
    except PermissionError:
        return False


def user():
    return pwd.getpwuid(os.getuid())


def missing():
    """Reasons why no sshd can stand for a host here."""
    packages = [package for file, package in ((SSHD, "openssh-server"), ("/usr/bin/ssh-keygen", "openssh-client")) if not os.access(file, os.X_OK)]
    if packages:
        return ["missing programs; run: apt-get install --no-install-recommends " + " ".join(packages)]
    if os.path.basename(user().pw_shell) in ("nologin", "false") or not os.access(user().pw_shell, os.X_OK):
        return ["the user %s may not log in: the shell is %s" % (user().pw_name, user().pw_shell)]
    return ["the account %s is locked, so that sshd lets nobody in" % user().pw_name] if locked() else []


def head(text):
    print("\n== " + text, flush=True)


def tell(text):
    print("   " + text.replace("\n", "\n   "), flush=True)


class Project:
    """A user's folder with inventory, vault and pass phrase file."""

    def __init__(self, folder, build):
        self.folder, self.meshctl = folder, os.path.join(build, "meshctl")
        os.mkdir(folder, 0o700)
        self.write("passphrase", "correct horse battery staple demo\n")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text)

    def run(self, *words):
        print("$ meshctl " + " ".join(words), flush=True)
        environment = dict(os.environ, MESHCTL_PASSPHRASE_FILE=self.folder + "/passphrase", HOME=self.folder)
        began = time.monotonic()
        code = subprocess.run([self.meshctl, *words], cwd=self.folder, env=environment, timeout=300, check=False).returncode
        print("   (exit code %d, %.1f s)" % (code, time.monotonic() - began), flush=True)
        return code


class Sshds:
    """{name: port}; they end with the `with` block, and their sessions too."""

    def __init__(self, folder, names):
        self.folder, self.ports, self.processes = folder, {}, []
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key, "-f", "%s/%s" % (folder, key)],
                           check=True, stdin=subprocess.DEVNULL)
        for name in names:
            for part in ("state", "root/etc", "home"):
                os.makedirs("%s/%s/%s" % (folder, name, part), 0o700)

    def __enter__(self):
        if os.getuid() == 0:
            os.makedirs("/run/sshd", 0o755, exist_ok=True)
        try:
            for name in sorted(os.path.basename(os.path.dirname(path)) for path in glob.glob(self.folder + "/*/state")):
                self._start(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self, name):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = self.ports[name] = free.getsockname()[1]
        config = "%s/%s/sshd_config" % (self.folder, name)
        with open(config, "w") as file:
            file.write(SSHD_CONFIG.format(folder=self.folder, name=name, port=port))
        with open(self.log(name), "w") as log:
            self.processes.append(subprocess.Popen([SSHD, "-D", "-e", "-f", config], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                   start_new_session=True))
        while "Server listening" not in self.said(name):
            if self.processes[-1].poll() is not None:
                raise RuntimeError("sshd did not start:\n" + self.said(name))
            time.sleep(0.02)

    def __exit__(self, *_):
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def log(self, name):
        return "%s/%s/sshd.log" % (self.folder, name)

    def said(self, name):
        with open(self.log(name)) as file:
            return file.read()


def must(code, want=0):
    if code != want:
        raise SystemExit("meshctl ended with exit code %d, not %d" % (code, want))


def with_ssh(text, sshds):
    """The inventory, with each host reached at one of our sshd."""
    with open(sshds.folder + "/host.pub") as file:
        host_key = " ".join(file.read().split()[:2])
    for name, port in sshds.ports.items():
        ssh = 'ssh: {address: 127.0.0.1, port: %d, user: %s, sudo: false, key_file: %s/user, host_key: "%s"}' % (
            port, user().pw_name, sshds.folder, host_key)
        begin = text.index("  %s:" % name)
        end = text.index("}\n", begin)
        text = text[:end] + ", " + ssh + text[end:]
    return text


def kernel_policies():
    """The SPD and the SAs' SPIs of this machine, as far as it may be read; the demonstration must not change it."""
    done = [subprocess.run(["ip", "xfrm", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False) for words in (["policy"], ["state"])
            ] if shutil.which("ip") else []
    return [each.stdout for each in done]


def files_of(folder):
    return sorted(os.path.relpath(path, folder) for path in glob.glob(folder + "/**", recursive=True) if os.path.isfile(path))


def offline(project):
    head("1. Keys, and the files of every host: no host is asked")
    must(project.run("keys", "init"))
    must(project.run("compile", "inventory.yaml", "--out", "out"))
    for host in sorted(path for path in os.listdir(project.folder + "/out") if not path.startswith(".")):
        tell("%s: %s" % (host, " ".join(name for name in files_of("%s/out/%s" % (project.folder, host)) if name.startswith("files/"))))
    head("2. Will every link negotiate? From the files alone")
    must(project.run("verify", "inventory.yaml"))


def over_ssh(project, sshds):
    head("3. What would change on the hosts")
    must(project.run("plan", "inventory.yaml", "--detailed-exitcode"), 2)
    before = kernel_policies()
    head("4. Apply, until everything is staged on the hosts and its digests are checked; nothing is activated")
    must(project.run("apply", "inventory.yaml", "--yes", "--until", "staged"))
    for name in sshds.ports:
        accepted, started = (sshds.said(name).count(text) for text in ("Accepted publickey", "Starting session: command"))
        tell("%s, as its sshd tells it: %d connections, %d commands; files below its /etc: %d" % (
            name, accepted, started, len(files_of("%s/%s/root/etc" % (sshds.folder, name)))))
        if not accepted or files_of("%s/%s/root" % (sshds.folder, name)):
            raise SystemExit("that is no rehearsal:\n" + sshds.said(name))
    if kernel_policies() != before:
        raise SystemExit("the kernel's policies of this machine have changed")


def main(build, hosts=True):
    began = time.monotonic()
    folder = tempfile.mkdtemp(prefix="meshctl-demo.")
    try:
        with open(INVENTORY) as file:
            text = file.read()
        print("\n" + text)
        project = Project(folder + "/project", build)
        if hosts:
            os.mkdir(folder + "/hosts", 0o711)
            with Sshds(folder + "/hosts", ["alpha", "beta", "gamma"]) as sshds:
                project.write("inventory.yaml", with_ssh(text, sshds))
                offline(project)
                over_ssh(project, sshds)
        else:
            project.write("inventory.yaml", text)
            offline(project)
        head("Done in %.0f s. Files, keys and sshd are gone; nothing on this machine was changed." % (time.monotonic() - began))
        return 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)
