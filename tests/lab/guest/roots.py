"""Userlands of hosts. `machine` is the machine's own; those that tests/lab/roots/make has made are called RELEASE-lab and RELEASE-systemd; `hosts` is
the one that the launcher was told to give to hosts that ask for none."""
import json
import os


def _known():
    return json.loads(os.environ["LAB_ROOTS"])


def layer(name):
    """The folder that becomes the lowest layer of a host."""
    return "/lower" if _known()[name][0] == "/" else "/roots/" + name


def find(release, kind):
    """Name of a root with this Debian release, "" if there is none. The machine's own will do for hosts without systemd."""
    known = _known()
    for name in ("%s-%s" % (release, kind), "hosts", "machine"):
        if name in known and known[name][1] == release and (kind == "lab" or name.endswith(kind)):
            return name
    return ""


def without_dns(root):
    """Each look-up that fails would wait ten seconds."""
    with open(root + "/etc/resolv.conf", "w"):
        pass
    with open(root + "/etc/hosts", "w") as file:
        file.write("127.0.0.1 localhost\n::1 localhost\n")
    try:
        with open(root + "/etc/nsswitch.conf") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        lines = ["hosts:"]
    with open(root + "/etc/nsswitch.conf", "w") as file:
        file.write("".join(("hosts: files" if line.startswith("hosts:") else line) + "\n" for line in lines))
