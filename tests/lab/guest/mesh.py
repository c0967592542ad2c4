"""A project folder on the controller, the mesh's hosts, and meshctl as a user runs it.

The controller is one more host of the network. It has meshctl from the build folder, an SSH key, the hosts' keys in known_hosts, and
/root/mesh with inventory.yaml, meshctl.vault and a pass phrase file that MESHCTL_PASSPHRASE_FILE names.
"""
import json
import os
import re

import pace
from host import Host

CONTROLLER = 200  # 10.77.0.200
FOLDER = "/root/mesh"
PASSPHRASE = "correct horse battery staple lab"
ENVIRONMENT = {"MESHCTL_PASSPHRASE_FILE": "/root/passphrase"}
INVENTORIES = "/lab/src/tests/lab/inventories/"
DEFAULTS = {"--connect-timeout": (15, 600), "--timeout": (60, 3600), "--dead-man": (120, 3600)}  # meshctl's, and the most it takes
LIMITS = dict(dict.fromkeys(("facts", "plan", "status"), ("--connect-timeout", "--timeout")),  # what its verbs have of them
              **dict.fromkeys(("apply", "destroy", "resume", "rollback"), tuple(DEFAULTS)))


def parse_hosts(text):
    """[(name, number, backend)] of a lab inventory: one line a host; the address that the controller uses gives the number."""
    default = re.search(r"(?m)^defaults:.*\bbackend: (\w+)", text)
    hosts = []
    for name, rest in re.findall(r"(?m)^  (\w+): +\{addresses: (.*)$", text):
        number = re.search(r"ssh: \{address: 10\.77\.0\.(\d+)", rest) or re.match(r"\[10\.77\.0\.(\d+)", rest)
        number = number.group(1)
        own = re.search(r"backend: (\w+)", rest)
        if int(number) != CONTROLLER:
            hosts.append((name, int(number), (own or default).group(1)))
    return hosts


class Mesh:
    """`daemons=False`: hosts with sshd alone. `keys`: {host name: name of another host key}. `root`: of all hosts, or {host name: root}."""

    def __init__(self, lab, inventory, daemons=True, keys=None, vault=True, root="hosts"):
        self.lab = lab
        with open(INVENTORIES + inventory + ".yaml") as file:
            self.text = file.read()
        # meshctl was built against this machine's libraries, and the simulated Windows needs its wine.
        self.controller = lab.add(Host("controller", CONTROLLER, root="machine"))
        root_of = {name: root if isinstance(root, str) else root.get(name, "hosts") for name, _, _ in parse_hosts(self.text)}
        root_of.update((name, "machine") for name, _, backend in parse_hosts(self.text) if backend == "windows")
        self.hosts = [lab.host(name, number, backend if daemons else None, (keys or {}).get(name), root_of[name])
                      for name, number, backend in parse_hosts(self.text)]
        self.by_name = {host.name: host for host in self.hosts}
        self._set_up()
        self.inventory(self.text)
        if vault:
            made = self.ctl("keys", "init")
            lab.equal("exit code of keys init", made.code, 0)

    def __getitem__(self, name):
        return self.by_name[name]

    def _set_up(self):
        box = self.controller
        with open("/lab/keys/client") as file:
            box.write("/root/.ssh/id_ed25519", file.read(), 0o600)
        known = ""
        for host in self.hosts:
            with open("/lab/keys/host%d.pub" % host.number) as file:
                kind, key = file.read().split()[:2]
            known += "%s %s %s\n%s %s %s\n" % (host.ip, kind, key, host.ip6, kind, key)
        box.write("/root/.ssh/known_hosts", known, 0o600)
        box.write("/root/passphrase", PASSPHRASE + "\n", 0o600)
        os.makedirs(box.path(FOLDER), 0o700, exist_ok=True)

    def inventory(self, text):
        """Writes inventory.yaml."""
        self.text = text
        self.controller.write(FOLDER + "/inventory.yaml", text)

    def edit(self, old, new):
        """Changes one place of inventory.yaml, as an editor would."""
        assert self.text.count(old) == 1, "%r stands %d times in the inventory" % (old, self.text.count(old))
        self.inventory(self.text.replace(old, new))

    def start(self, *arguments, cwd=FOLDER, **options):
        """meshctl in the background, in the project's folder."""
        env = dict(ENVIRONMENT, **options.pop("env", {}))
        return self.controller.spawn("/lab/bin/meshctl", *slower(arguments), cwd=cwd, env=env, **options)

    def ctl(self, *arguments, timeout=120, **options):
        """Runs meshctl to its end. What it printed is shown: a scenario's log reads like a terminal session."""
        process = self.start(*arguments, **options).wait(timeout)
        shown = (process.out + process.err).strip()
        self.lab.say("$ meshctl %s   -> exit %s" % (" ".join(arguments), process.code))
        for line in shown.splitlines()[:60] if "json" not in arguments else shown.splitlines()[-1:]:
            print("        | " + line[:400], flush=True)
        return process

    def apply(self, *arguments, want=0, **options):
        """`meshctl apply` that must end with this exit code."""
        process = self.ctl("apply", "inventory.yaml", "--yes", *arguments, **options)
        self.lab.equal("exit code of apply", process.code, want)
        return process

    def generations(self, name="current"):
        """{host: generation id} by one of the names `current`, `previous`, `trial`."""
        return {host.name: host.state(name) for host in self.hosts}

    def psks(self):
        """The pre-shared keys that really are on the hosts, by reading their files."""
        keys = set()
        for host in self.hosts:
            for name in ("/etc/racoon/psk.txt", "/etc/swanctl/conf.d/meshctl-secrets.conf"):
                keys |= set(re.findall(r"mk1-[A-Za-z0-9_-]{43}", host.read(name)))
        return keys


def slower(arguments):
    """Where all is slower, the time-outs of meshctl are longer, too: those that are given and the defaults of the others."""
    options = LIMITS.get(arguments[0], ())
    if not options or pace.fresh() == 1:
        return list(arguments)
    arguments = list(arguments)
    for option in options:
        if option not in arguments:
            arguments += [option, str(DEFAULTS[option][0])]
        at = arguments.index(option) + 1
        arguments[at] = str(pace.whole(int(arguments[at]), DEFAULTS[option][1]))
    return arguments


def events(process):
    """The JSON lines of `-o json` so far; a last line that is not complete yet is left out."""
    lines = process.out.split("\n")
    return [json.loads(line) for line in lines[:-1] if line.startswith("{")]
