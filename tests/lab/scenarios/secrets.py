"""key bytes and the pass phrase: in no argument, environment, output, log, journal or file that others may read"""
import os
import re
import stat
import threading

from mesh import PASSPHRASE

TIER = "full"
SECONDS = 90
TIMEOUT = 240


class Watch(threading.Thread):
    """Looks at the arguments and the environment of every process of the lab, again and again, while something runs."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen, self.samples, self.stop = set(), 0, False

    def run(self):
        while not self.stop:
            for entry in os.listdir("/proc"):
                for name in ("cmdline", "environ") if entry.isdigit() else ():
                    try:
                        with open("/proc/%s/%s" % (entry, name), "rb") as file:
                            self.seen.add(file.read())
                    except OSError:
                        pass
            self.samples += 1

    def end(self):
        self.stop = True
        self.join()


def files(top):
    """(path below top, stat, content, readable by others) of every regular file; a closed folder shuts all below it."""
    open_folders = {top: True}
    for folder, folders, names in os.walk(top):
        mode = os.lstat(folder).st_mode
        reachable = open_folders.get(os.path.dirname(folder), True) and bool(mode & stat.S_IXOTH or mode & stat.S_IXGRP)
        open_folders[folder] = reachable
        for name in names:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode):
                with open(path, "rb") as file:
                    yield path[len(top):], status, file.read(), reachable and bool(status.st_mode & (stat.S_IRGRP | stat.S_IROTH))


def search(lab, host, needles, allowed):
    """Every file of the host: what it wrote to its disk, and its /run, /tmp and /dev/shm."""
    found, readable, count = [], [], 0
    for top in [host.layers + "/upper", host.layers + "/home"] + [host.path(name) for name in ("/run", "/tmp", "/dev/shm")]:
        for path, _, content, others in files(top):
            count += 1
            if any(needle in content for needle in needles):
                found.append(path)
                if others:
                    readable.append(path)
    lab.check(host.name + ": files searched", count > 10, count)
    lab.equal(host.name + ": files with key bytes that others may read", readable, [])
    lab.equal(host.name + ": key bytes where they do not belong", [path for path in found if not allowed(path)], [])
    return found


def on_host(path):
    """The daemon's own files, live or in a generation's folder."""
    live = path.split("/files/", 1)[-1] if path.startswith("/var/lib/meshctl/generations/") else path.lstrip("/")
    return live.startswith(("etc/swanctl/", "etc/racoon/psk.txt"))


def run(lab, inventory="three-strongswan"):
    watch = Watch()
    watch.start()
    mesh = lab.mesh(inventory)
    said = []
    for words in (("apply", "inventory.yaml", "--yes"), ("plan", "inventory.yaml"), ("status", "inventory.yaml", "-o", "json"),
                  ("keys", "rotate", "--mesh"), ("plan", "inventory.yaml", "-o", "json"),
                  ("apply", "inventory.yaml", "--yes", "-o", "json"), ("rollback", "inventory.yaml", "--yes")):
        done = mesh.ctl(*words)
        lab.equal("exit code of " + words[0], done.code, 0)
        said.append((done.out + done.err).encode())
    watch.end()

    keys = mesh.psks() | {key for host in mesh.hosts for key in keys_in_generations(host)}
    lab.check("keys of two epochs are known", len(keys) >= 2 * len(mesh.hosts) - 2, len(keys))
    needles = [key[4:].encode() for key in keys] + [PASSPHRASE.encode()]
    lab.check("arguments and environments were watched", watch.samples > 20 and any(b"meshctl" in one for one in watch.seen),
              "%d rounds, %d different texts" % (watch.samples, len(watch.seen)))
    lab.equal("in arguments or environments", [one[:60] for one in watch.seen if any(needle in one for needle in needles)], [])
    lab.equal("in what meshctl printed", [one[:60] for one in said if any(needle in one for needle in needles)], [])
    for host in mesh.hosts:
        found = search(lab, host, needles, on_host)
        lab.check(host.name + ": the search finds what is there", len(found) >= 2, found)
    search(lab, mesh.controller, needles, lambda path: path == "/passphrase")


def keys_in_generations(host):
    for path, _, content, _ in files(host.layers + "/upper/var/lib/meshctl/generations"):
        yield from (key.decode() for key in re.findall(rb"mk1-[A-Za-z0-9_-]{43}", content))
