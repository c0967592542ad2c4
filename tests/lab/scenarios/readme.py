"""README's own sequence, line by line as it is written there: init to destroy"""
import re

from mesh import FOLDER

TIER = "fast"
SECONDS = 50
ASK = ("apply", "rollback", "destroy")  # on a terminal
EXPECTED = ["init", "validate", "keys", "compile", "plan", "apply", "status", "rollback", "destroy"]


def commands():
    with open("/lab/src/README.md") as file:
        block = re.search(r"## Sixty seconds\n+```\n(.*?)```", file.read(), re.S).group(1)
    return [line.split("#")[0].split()[1:] for line in block.splitlines() if line.startswith("meshctl ")]


def run(lab):
    mesh = lab.mesh("three-strongswan", vault=False)
    text = mesh.text
    mesh.controller.run("rm", FOLDER + "/inventory.yaml", check=True)
    lines = commands()
    lab.equal("verbs", sorted({words[0] for words in lines}), sorted(EXPECTED))
    for words in lines:
        done = mesh.ctl(*words, *(["--yes"] if words[0] in ASK else []))
        lab.equal("exit code of meshctl " + " ".join(words), done.code, 0)
        if words[0] == "init":
            lab.check("an inventory to edit", mesh.controller.exists(FOLDER + "/inventory.yaml"))
            mesh.inventory(text)
        if words[0] == "apply":
            lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)
        if words[0] in ("rollback", "destroy"):
            lab.equal("generations", set(mesh.generations().values()), {""})
            for host in mesh.hosts:
                lab.equal("policies of " + host.name, host.spd(), [])
                lab.check("no file of ours on " + host.name, not host.exists("/etc/swanctl/conf.d/meshctl.conf"))
