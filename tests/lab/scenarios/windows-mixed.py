"""two Linux hosts and a simulated Windows host in the same transactions: apply, nothing to do, failure on Windows, change, rollback"""
import os

TIER = "full"
SECONDS = 600
TIMEOUT = 1200
STATE = "/var/win/prefix/drive_c/ProgramData/meshctl/"
RULE = "name=meshctl-lab-partner"


def know_windows(lab, mesh):
    win = mesh["win"]
    lab.check("the simulated Windows host is up", "simulated" in win.simulator.out, win.simulator.out + win.simulator.err)
    mesh.controller.write("/root/win-id", win.read("/var/win/id"), 0o600)
    mesh.edit("SHA256:" + 43 * "A", " ".join(win.read("/var/win/hostkey.pub").split()[:2]))
    # Nothing negotiates there: this is what `netsh monitor` shows.
    win.write("/var/win/prefix/drive_c/simulator/associations.txt", "qmsa 10.77.0.3 10.77.0.9\n")
    return win


def rules(win):
    return [line for line in win.read("/var/win/prefix/drive_c/simulator/policy.txt").splitlines() if RULE in line]


def state(mesh, name):
    """{host: word of the file}, on Windows, too."""
    return dict({host.name: host.state(name) for host in mesh.hosts if host.name != "win"}, win=mesh["win"].read(STATE + name).split(" ")[0].strip())


def calm(lab, mesh):
    lab.equal("locks left", state(mesh, "lock"), {"alpha": "", "beta": "", "win": ""})
    lab.equal("tasks left", [name for name in os.listdir(mesh["win"].path("/var/win/prefix/drive_c/simulator/tasks")) if name.endswith(".xml")], [])


def apply(mesh, *arguments, want=0):
    return mesh.apply("--timeout", "240", "--connect-timeout", "60", "--dead-man", "600", *arguments, want=want, timeout=900)


def run(lab):
    if not os.path.exists("/lab/src/build/windows/drive/complete"):
        lab.skip("the Windows simulator is not built: tests/windows/run.py does it")
    mesh = lab.mesh("windows-mixed")
    win = know_windows(lab, mesh)
    linux = [mesh["alpha"], mesh["beta"]]

    apply(mesh)
    first = state(mesh, "current")
    lab.check("all three have a generation", all(len(word) == 32 for word in first.values()), first)
    lab.equal("rules on the Windows host", len(rules(win)), 1)
    lab.check_esp(linux, families=["ip"], tcp_size=8192)
    lab.contains("a second apply", apply(mesh).out, "unchanged")
    lab.equal("exit code of plan with nothing to do", mesh.ctl("plan", "inventory.yaml", "--detailed-exitcode", "--connect-timeout", "60").code, 0)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml", "--connect-timeout", "60").code, 0)
    calm(lab, mesh)
    before = rules(win)

    lab.say("--- the Windows host fails in the middle of its activation: all three go back")
    mesh.edit("  - [alpha, beta]\n  - [win, partner]", "  - {among: server, suite: {ike: aes256-sha256-ecp256, esp: aes128gcm16-ecp256}}\n"
              "  - {between: [win, partner], select: [{protocol: tcp, port: 445}]}")
    # What the new generation alone has: its way back must not fail as well.
    win.write("/var/win/prefix/drive_c/simulator/faults.txt", "fail -445\n")
    failed = apply(mesh, want=1)
    lab.contains("the report", failed.out + failed.err, "win")
    lab.contains("the report", failed.out + failed.err, "activate")
    lab.equal("generations", state(mesh, "current"), first)
    calm(lab, mesh)
    win.write("/var/win/prefix/drive_c/simulator/faults.txt", "")

    lab.say("--- and now it does not")
    apply(mesh)
    second = state(mesh, "current")
    lab.check("all three have another generation", not set(second.values()) & set(first.values()), second)
    lab.contains("the rule", rules(win)[0], "=445")

    lab.say("--- rollback takes all three back")
    done = mesh.ctl("rollback", "inventory.yaml", "--yes", "--timeout", "240", "--connect-timeout", "60", "--dead-man", "600", timeout=900)
    lab.equal("exit code of rollback", done.code, 0)
    lab.equal("generations", state(mesh, "current"), first)
    lab.equal("rules on the Windows host", rules(win), before)
    lab.check_esp(linux, families=["ip"], tcp_size=8192)
