"""systemd as PID 1, Debian 12 and 13: policies before network and daemons at each boot, the dead-man timer as a service, the controller gone, a reboot during a trial"""
import re

from host import batch, wait_for
from killing import change, kill_at, settled
from mesh import CONTROLLER, events

TIER = "full"
SECONDS = 240
TIMEOUT = 700
WATCHED = ("networking", "ssh", "strongswan")
# Before each of these units starts: what the kernel has by then.
WITNESS = """[Service]
ExecStartPre=/bin/sh -c 'exec >>/var/lib/witness; echo "unit %s"; ip -o addr show dev eth0 scope global; ip -o xfrm policy list dir out'
"""


def at_start(host):
    """{unit: (addresses that the card had, policies)} of the last boot."""
    parts = re.split(r"(?m)^unit (\w+)\n", host.read("/var/lib/witness"))[1:]
    return {unit: ([line for line in text.splitlines() if "eth0" in line], [line for line in text.splitlines() if "priority" in line])
            for unit, text in zip(parts[::2], parts[1::2])}


def boot(lab, host, peer, how):
    """A boot by the function `how`, under a flood: what stood when, and nothing in clear."""
    policies = host.spd()
    host.run("rm", "-f", "/var/lib/witness", check=True)
    with lab.wire() as wire:
        flood = peer.spawn("ping", "-q", "-n", "-i", "0.05", host.ip)
        how()
        lab.wait_for("%s reaches %s again" % (peer.name, host.name), lambda: lab.ping(peer, host.ip, 3) > 0, 60)
        flood.kill(2)
    lab.equal("frames in clear during the boot", wire.clear([host, peer]), [])
    seen = at_start(host)
    lab.equal("units that started", sorted(seen), sorted(WATCHED))
    lab.equal("addresses before the network", seen["networking"][0], [])
    for unit in WATCHED:
        lab.check("policies for %s before %s starts" % (peer.name, unit), any("dst %s/32" % peer.ip in line for line in seen[unit][1]),
                  "%d policies" % len(seen[unit][1]))
    ended = int(host.unit("meshctl-boot.service", "ExecMainExitTimestampMonotonic")["ExecMainExitTimestampMonotonic"])
    for unit in WATCHED:
        began = int(host.unit(unit + ".service", "ExecMainStartTimestampMonotonic")["ExecMainStartTimestampMonotonic"])
        lab.check("%s began after meshctl's boot unit had ended" % unit, 0 < ended < began, "%.2f s later" % ((began - ended) / 1e6))
    lab.equal("policies of " + host.name, host.spd(), policies)
    check_units(lab, host)


def check_units(lab, host):
    state = host.unit("meshctl-boot.service", "ActiveState", "Result", "UnitFileState")
    lab.equal("the boot unit of " + host.name, state, {"ActiveState": "active", "Result": "success", "UnitFileState": "enabled"})
    journal = host.run("journalctl", "-b", "--no-pager", check=True).out
    lab.equal("ordering cycles on " + host.name, re.findall(r".*ordering cycle.*", journal), [])


def timers(host):
    return sorted(set(re.findall(r"meshctl-expire-\S+\.(?:timer|service)", host.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "meshctl-*").out)))


def run(lab):
    mesh = lab.mesh("foreign-policy", root={"alpha": lab.need_root("bookworm", "systemd"), "beta": lab.need_root("trixie", "systemd")})
    alpha, beta = mesh.hosts
    for host in mesh.hosts:
        lab.contains(host.name, host.read("/proc/1/comm"), "systemd")
    mesh.apply()
    lab.check_esp(mesh.hosts)
    for host in mesh.hosts:
        lab.equal("timers left on " + host.name, timers(host), [])
        for unit in WATCHED:
            host.write("/etc/systemd/system/%s.service.d/witness.conf" % unit, WITNESS % unit)

    for host, peer, how in ((alpha, beta, alpha.reboot), (beta, alpha, beta.recreate)):
        lab.say("--- %s: %s" % (host.name, "reboot" if how == alpha.reboot else "power cut"))
        boot(lab, host, peer, how)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 0)
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)

    dead_man(lab, mesh)
    controller_gone(lab, mesh)
    trial_reboot(lab, mesh)


def back(lab, mesh, old, policies):
    lab.equal("generations", mesh.generations(), old)
    for host in mesh.hosts:
        lab.equal("policies of " + host.name, host.spd(), policies[host])
        lab.equal("timers left on " + host.name, timers(host), [])
    lab.check("resume takes back what is left", mesh.ctl("resume", "inventory.yaml", "--yes").code in (0, 1))
    lab.equal("generations after resume", mesh.generations(), old)
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)


def dead_man(lab, mesh):
    lab.say("--- meshctl is killed: a transient service takes each host back")
    old, policies = mesh.generations(), {host: host.spd() for host in mesh.hosts}
    change(mesh, 0)
    with lab.wire() as wire:
        kill_at(lab, mesh, "links", dead_man=40)
        armed = {host: timers(host) for host in mesh.hosts}
        for host in mesh.hosts:
            lab.equal("dead-man timers on " + host.name, len(armed[host]), 1)
            state = host.unit(armed[host][0], "SubState", "MainPID")
            lab.equal("state of " + armed[host][0], state["SubState"], "running")
            # What belonged to the session of sshd is gone (KillUserProcesses), the timer is not.
            wait_for(lambda: re.findall(r"(?m)^ *(\d+) .*agent\.sh", host.run("ps", "-eo", "pid,args").out) == [state["MainPID"]], 30,
                     "no other agent runs on " + host.name)
        lab.wait_for("all hosts are back by themselves", lambda: settled(mesh), 90)
    lab.equal("frames in clear", wire.clear(mesh.hosts), [])
    for host in mesh.hosts:
        unit = armed[host][0]
        journal = host.run("journalctl", "-b", "--no-pager", "-u", unit, check=True).out
        lab.contains("journal of " + unit, journal, "Started ")
        wait_for(lambda: not timers(host), 30, "its units are gone from " + host.name)
    back(lab, mesh, old, policies)


def controller_gone(lab, mesh):
    lab.say("--- the controller's network goes while the trial runs")
    old, policies = mesh.generations(), {host: host.spd() for host in mesh.hosts}
    change(mesh, 1)
    process = mesh.start("apply", "inventory.yaml", "--yes", "-o", "json", "--dead-man", "30", "--timeout", "15")
    lab.wait_for("both run the trial", lambda: any(one.get("phase") == "links" for one in events(process)), 90)
    batch(["link set v%d down" % CONTROLLER])
    lab.wait_for("all hosts are back by themselves", lambda: settled(mesh), 120)
    batch(["link set v%d up" % CONTROLLER])
    lab.check("apply says that it failed", process.wait(200).code in (1, 3), process.code)
    for host in mesh.hosts:
        wait_for(lambda: not timers(host), 30, "its units are gone from " + host.name)
    back(lab, mesh, old, policies)


def trial_reboot(lab, mesh):
    for host, peer, how in ((mesh["alpha"], mesh["beta"], mesh["alpha"].recreate), (mesh["beta"], mesh["alpha"], mesh["beta"].reboot)):
        lab.say("--- %s during a trial: %s" % ("power cut" if how == mesh["alpha"].recreate else "reboot", host.name))
        old, policies = mesh.generations(), {one: one.spd() for one in mesh.hosts}
        change(mesh, 2 if host.name == "alpha" else 3)
        process = mesh.start("apply", "inventory.yaml", "--yes", "-o", "json", "--dead-man", "300", "--timeout", "20")
        lab.wait_for("%s runs the trial" % host.name, lambda: host.state("trial") not in ("", old[host.name]), 90)
        process.kill()
        with lab.wire() as wire:
            how()
            lab.equal("trial of %s after its boot" % host.name, host.state("trial"), "")
            lab.equal("generation of " + host.name, host.state("current"), old[host.name])
            lab.equal("policies of " + host.name, host.spd(), policies[host])
        lab.equal("frames in clear", wire.clear(mesh.hosts), [])
        check_units(lab, host)
        lab.check("resume takes the other one back", mesh.ctl("resume", "inventory.yaml", "--yes").code in (0, 1))
        lab.wait_for("no host runs a trial", lambda: settled(mesh), 30)
        back(lab, mesh, old, policies)
