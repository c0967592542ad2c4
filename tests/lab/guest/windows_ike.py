"""What the simulated Windows host lacks: IKE and ESP. Runs on the host beside tests/windows/simulator.py, with a charon, until it is killed.

usage: windows_ike.py FOLDER     the simulator's folder

The rules that its netsh keeps become charon's connections (windows_peer.py) when they change; charon's SAs are what `netsh monitor` shows, and what
`netsh monitor delete qmsa` deletes is deleted here. A main-mode pair stands for its quick-mode SAs: netsh deletes both, as the scripts do."""
import os
import re
import subprocess
import sys
import time

import windows_peer

CONNECTIONS = "/etc/swanctl/conf.d/windows.conf"


def read(path):
    try:
        with open(path, newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def replace(path, text):
    with open(os.open(path + ".ike", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    os.rename(path + ".ike", path)


def swanctl(*words):
    return subprocess.run(["swanctl", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


def connections(policy):
    """swanctl.conf for the simulator's policy.txt: a line is a kind and its fields, TAB between them."""
    records = [line.split("\t") for line in policy.splitlines()]
    fields = [(record[0], dict(field.split("=", 1) for field in record[1:])) for record in records]
    settings = {key: value for kind, one in fields if kind == "global" for key, value in one.items()}
    minutes = int(settings["mainmode mmkeylifetime"].split("min")[0])
    rules = [one for kind, one in fields if kind == "consec" and one.get("enable", "yes") == "yes" and one.get("name", "").startswith("meshctl-")]
    return windows_peer.connections_for(rules, settings["mainmode mmsecmethods"], minutes)


def negotiated():
    """{(local, remote): names of the IKE SAs that have a quick-mode SA}"""
    found, name, ends = {}, "", []
    for line in swanctl("--list-sas").splitlines():
        if line[:1].strip():
            name, ends = line.split(":")[0], []
        elif re.match(r"  (local|remote) ", line):
            ends.append(re.search(r"@ ([^\[]+)", line).group(1))
        elif "INSTALLED" in line and len(ends) == 2:
            found.setdefault(tuple(ends), set()).add(name)
    return found


def main(folder):
    store = folder + "/prefix/drive_c/simulator/"
    policy, shown = "", {}
    while True:
        now = read(store + "policy.txt")
        if now and now != policy:
            replace(CONNECTIONS, connections(now))
            print(swanctl("--load-all", "--noprompt", "--clear"), flush=True)
            policy = now
        kept = set(re.findall(r"(?m)^qmsa (\S+) (\S+)", read(store + "associations.txt")))
        for name in {name for ends, names in shown.items() if ends not in kept for name in names}:
            swanctl("--terminate", "--ike", name, "--timeout", "2")
        was, shown = shown, negotiated()
        if set(shown) != kept or set(was) != set(shown):
            replace(store + "associations.txt", "".join("%s %s %s\n" % (kind, *ends) for ends in sorted(shown) for kind in ("mmsa", "qmsa")))
        time.sleep(1)


if __name__ == "__main__":
    main(sys.argv[1])
