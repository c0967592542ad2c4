"""kill -9 of meshctl after the first confirm: every host is on a confirmed generation, resume converges, no leak"""
from killing import change, kill_at, settled

TIER = "full"
SECONDS = 150
TIMEOUT = 400


def run(lab):
    mesh = lab.mesh("three-strongswan")
    alpha, beta, _ = mesh.hosts
    mesh.apply()
    for number, event in enumerate(["began", "ended"]):
        lab.say("--- confirm " + event)
        old = mesh.generations()
        change(mesh, number)
        with lab.wire() as wire:
            traffic = alpha.spawn("ping", "-q", "-n", "-i", "0.2", beta.ip)
            kill_at(lab, mesh, "confirm", event)
            lab.wait_for("no host runs an unconfirmed generation", lambda: settled(mesh), 90)
            half = mesh.generations()
            lab.say("after the kill: " + ", ".join("%s %s" % (name, "old" if half[name] == old[name] else "new") for name in half))
            unfinished = mesh.ctl("plan", "inventory.yaml")
            lab.check("plan says that a run is unfinished", "W6003" in unfinished.err, unfinished.err)
            resumed = mesh.ctl("resume", "inventory.yaml", "--yes", timeout=180)
            lab.equal("exit code of resume", resumed.code, 0)
            traffic.kill(2)
        lab.equal("frames in clear", wire.clear(mesh.hosts), [])
        new = mesh.generations()
        moved = [name for name in new if new[name] != old[name]]
        if event == "ended":
            lab.equal("hosts on the new generation", moved, ["alpha", "beta", "gamma"])
        else:
            lab.check("all hosts on one side", len(moved) in (0, 3), moved)
        lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)
        plan = mesh.ctl("plan", "inventory.yaml", "--detailed-exitcode")
        lab.equal("exit code of plan", plan.code, 0 if moved else 2)
        lab.check("plan says so no more", "W6003" not in plan.err, plan.err)
