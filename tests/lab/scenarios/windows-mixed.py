"""two Linux hosts and a simulated Windows host in the same transactions: apply, nothing to do, failure on Windows, change, lost connection, rollback"""
import os

from host import batch
from mesh import CONTROLLER, events

TIER = "full"
SECONDS = 700
TIMEOUT = 1800
FOLDER = "/var/win/prefix/drive_c/"
STATE = FOLDER + "ProgramData/meshctl/"
WAITS = ("--timeout", "240", "--connect-timeout", "60")


def know_windows(lab, mesh):
    win = mesh["win"]
    lab.check("the simulated Windows host is up", "simulated" in win.simulator.out, win.simulator.out + win.simulator.err)
    mesh.controller.write("/root/win-id", win.read("/var/win/id"), 0o600)
    mesh.edit("SHA256:" + 43 * "A", " ".join(win.read("/var/win/hostkey.pub").split()[:2]))
    return win


def rules(win):
    return sorted(line for line in win.read(FOLDER + "simulator/policy.txt").splitlines() if "name=meshctl-lab-" in line)


def state(mesh, name):
    """{host: word of the file}, on Windows, too."""
    return dict({host.name: host.state(name) for host in mesh.hosts if host.name != "win"}, win=mesh["win"].read(STATE + name).split(" ")[0].strip())


def tasks(win):
    return [name for name in os.listdir(win.path(FOLDER + "simulator/tasks")) if name.endswith(".xml")]


def calm(lab, mesh):
    lab.equal("locks left", state(mesh, "lock"), {"alpha": "", "beta": "", "win": ""})
    lab.equal("tasks left", tasks(mesh["win"]), [])


def apply(mesh, *arguments, want=0):
    return mesh.apply(*WAITS, "--dead-man", "600", *arguments, want=want, timeout=900)


def traffic(lab, mesh):
    """ESP between the Linux hosts, and with the Windows host."""
    for peer in ("beta", "win"):
        lab.check_esp([mesh["alpha"], mesh[peer]], families=["ip"], tcp_size=8192)


def run(lab):
    if not os.path.exists("/lab/src/build/windows/drive/complete"):
        lab.skip("the Windows simulator is not built: tests/windows/run.py does it")
    mesh = lab.mesh("windows-mixed")
    win = know_windows(lab, mesh)

    apply(mesh)
    first = state(mesh, "current")
    lab.check("all three have a generation", all(len(word) == 32 for word in first.values()), first)
    lab.equal("rules on the Windows host", len(rules(win)), 2)
    traffic(lab, mesh)
    lab.contains("a second apply", apply(mesh).out, "unchanged")
    lab.equal("exit code of plan with nothing to do", mesh.ctl("plan", "inventory.yaml", "--detailed-exitcode", "--connect-timeout", "60").code, 0)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml", "--connect-timeout", "60").code, 0)
    calm(lab, mesh)
    before = rules(win)

    fails_on_windows(lab, mesh, first)
    lab.equal("rules on the Windows host", rules(win), before)

    lab.say("--- and now it does not")
    apply(mesh)
    second = state(mesh, "current")
    lab.check("all three have another generation", not set(second.values()) & set(first.values()), second)
    lab.check("the rule of the new port", any("=445" in rule for rule in rules(win)), len(rules(win)))
    traffic(lab, mesh)

    lab.say("--- rollback takes all three back")
    done = mesh.ctl("rollback", "inventory.yaml", "--yes", *WAITS, "--dead-man", "600", timeout=900)
    lab.equal("exit code of rollback", done.code, 0)
    lab.equal("generations", state(mesh, "current"), first)
    lab.equal("rules on the Windows host", rules(win), before)
    traffic(lab, mesh)

    loses_the_controller(lab, mesh, first)
    lab.equal("rules on the Windows host", rules(win), before)
    traffic(lab, mesh)


def fails_on_windows(lab, mesh, first):
    lab.say("--- the Windows host fails in the middle of its activation: all three go back")
    mesh.edit("  - [alpha, beta]\n", "  - {between: [alpha, beta], suite: {ike: aes256-sha256-ecp256, esp: aes128gcm16-ecp256}}\n")
    mesh.edit("port: 3389}", "port: 445}")
    # What the new generation alone has: its way back must not fail as well.
    mesh["win"].write(FOLDER + "simulator/faults.txt", "fail -445\n")
    failed = apply(mesh, want=1)
    lab.contains("the report", failed.out + failed.err, "win")
    lab.contains("the report", failed.out + failed.err, "activate")
    lab.equal("generations", state(mesh, "current"), first)
    calm(lab, mesh)
    mesh["win"].write(FOLDER + "simulator/faults.txt", "")


def loses_the_controller(lab, mesh, first):
    lab.say("--- the controller's network goes when all three run the change: each host goes back by itself")
    process = mesh.start("apply", "inventory.yaml", "--yes", *WAITS, "--dead-man", "240", "-o", "json")
    lab.wait_for("all run the change", lambda: any(one.get("phase") == "links" for one in events(process)) or process.poll() is not None, 300)
    lab.check("the new rule is there", any("=445" in rule for rule in rules(mesh["win"])), process.out[-500:])
    port = "v%d" % CONTROLLER
    batch(["link set %s down" % port])
    lab.wait_for("alpha and beta are back", lambda: not any(host.state("trial") for host in mesh.hosts if host.name != "win"), 400)
    lab.wait_for("the Windows host is back", lambda: not tasks(mesh["win"]), 600)
    calm(lab, mesh)
    lab.equal("generations", state(mesh, "current"), first)
    batch(["link set %s up" % port])
    ended = process.wait(600)
    lab.check("apply says that it failed", ended.code in (1, 3), ended.code)
    done = mesh.ctl("resume", "inventory.yaml", "--yes", *WAITS, timeout=600)
    lab.equal("exit code of resume", done.code, 0)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml", "--connect-timeout", "60").code, 0)
