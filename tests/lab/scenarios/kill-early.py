"""kill -9 of meshctl before the first confirm, at each phase: all hosts go back to the old generation by themselves, no leak"""
from killing import change, kill_at, settled

TIER = "full"
SECONDS = 230
TIMEOUT = 500
PHASES = ["connect", "stage", "check", "arm", "activate", "links", "reconnect"]


def run(lab, phases=PHASES):
    mesh = lab.mesh("three-strongswan")
    alpha, beta, _ = mesh.hosts
    mesh.apply()
    old = mesh.generations()
    policies = {host: host.spd() for host in mesh.hosts}
    for number, phase in enumerate(phases):
        lab.say("--- " + phase)
        change(mesh, number)
        with lab.wire() as wire:
            traffic = [alpha.spawn("ping", "-q", "-n", "-i", "0.2", beta.ip), beta.spawn("ping", "-q", "-n", "-i", "0.2", alpha.ip6)]
            kill_at(lab, mesh, phase, dead_man=40 if phase in ("links", "reconnect") else 15)  # those come late on a busy machine
            lab.wait_for("all hosts are back by themselves", lambda: settled(mesh), 90)
            lab.equal("generations", mesh.generations(), old)
            for process in traffic:
                process.kill(2)
        lab.equal("frames in clear", wire.clear(mesh.hosts), [])
        for host in mesh.hosts:
            lab.equal(host.name + ": policies", host.spd(), policies[host])
            lab.equal(host.name + ": nobody is locked out", mesh.controller.run("ssh", "root@" + host.ip, "echo in").out, "in\n")
        resumed = mesh.ctl("resume", "inventory.yaml", "--yes")
        lab.check("resume takes back what is left", resumed.code in (0, 1), resumed.code)
        lab.equal("generations after resume", mesh.generations(), old)
        lab.equal("locks after resume", sorted(set(mesh.generations("lock").values())), [""])
    change(mesh, len(phases))
    mesh.apply()
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)
