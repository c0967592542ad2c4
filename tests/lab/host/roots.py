"""Userlands that the lab's hosts may run on: this machine's own, and folders below build/roots that tests/lab/roots/make has made."""
import glob
import os

from needs import CHARON, SOURCE

PROGRAMS = ("usr/sbin/sshd", "usr/sbin/swanctl", "usr/bin/ping", "usr/bin/setsid", "usr/bin/awk")


def release(root):
    """"trixie", "bookworm" …, "" where the folder does not say."""
    try:
        with open(os.path.join(root, "etc/os-release")) as file:
            lines = dict(line.strip().split("=", 1) for line in file if "=" in line)
        return lines.get("VERSION_CODENAME", "").strip('"')
    except OSError:
        return ""


def made():
    """{"trixie-lab": path}: hosts start their daemons themselves in those that end in -lab; systemd does in those that end in -systemd."""
    found = {}
    for kind in ("lab", "systemd"):
        for path in glob.glob(os.path.join(SOURCE, "build/roots/*-" + kind)):
            if release(path):
                found[os.path.basename(path)] = os.path.realpath(path)
    return found


def lacking(root):
    """Reasons why hosts cannot run on this folder; needs.py asks about this machine's own root."""
    if root == "/":
        return []
    charon = (CHARON.lstrip("/"), "usr/sbin/charon-systemd")
    missing = [name for name in PROGRAMS if not os.path.lexists(os.path.join(root, name))]
    if not any(os.path.exists(os.path.join(root, name)) for name in charon):
        missing.append(charon[0])
    if not os.path.isdir(root):
        return [root + " is no folder"]
    return ["%s has no /%s" % (root, name) for name in missing]
