"""two applies at once on three fresh strongSwan hosts, one that does nothing at all, a change of one link while the others go on, and its rollback"""
from lab import Steady
from mesh import events

TIER = "fast"
SECONDS = 75
WATCHED = "/etc/swanctl /etc/rcS.d /etc/init.d /etc/ipsec.d /var/lib/meshctl /etc/strongswan.d"


def snapshot(host):
    """Every file's name, size and times to the nanosecond, and charon's process."""
    files = host.sh("find %s -printf '%%p %%s %%m %%T@ %%C@\\n' 2>/dev/null | sort" % WATCHED).out
    return files, host.pids("charon"), host.spd(), sorted(host.sas())


def the_first_of_two_wins(lab, mesh):
    """The second ends with exit code 6 and changes nothing, from another person's checkout (no common journal) and from the same folder."""
    mesh.controller.run("cp", "-a", "/root/mesh", "/root/colleague", check=True)
    first = mesh.start("apply", "inventory.yaml", "--yes", "-o", "json")
    lab.wait_for("the first apply holds every host", lambda: sum(
        event.get("phase") == "stage" and event.get("event") == "ended" for event in events(first)) == 3, 60)
    second = mesh.ctl("apply", "inventory.yaml", "--yes", cwd="/root/colleague")
    lab.equal("exit code of the second apply", second.code, 6)
    lab.contains("it", second.out + second.err, "another run")
    same = mesh.ctl("apply", "inventory.yaml", "--yes")
    lab.equal("exit code of a second apply in the same folder", same.code, 6)
    lab.equal("exit code of the first apply", first.wait(120).code, 0)


def every_pair_talks(lab, mesh):
    current = mesh.generations()
    lab.check("every host has a confirmed generation", all(len(current[name]) == 32 for name in current), current)
    lab.equal("hosts with a trial left", [name for name, trial in mesh.generations("trial").items() if trial], [])
    lab.check_esp(mesh.hosts)
    status = mesh.ctl("status", "inventory.yaml")
    lab.equal("exit code of status", status.code, 0)


def a_later_apply_does_nothing(lab, mesh):
    before = {host: (snapshot(host), host.ssh_sessions()) for host in mesh.hosts}
    mesh.apply()
    for host in mesh.hosts:
        lab.check(host.name + ": same files, times, charon, policies and SAs", snapshot(host) == before[host][0],
                  "%d files" % before[host][0][0].count("\n"))
        connections, programs = (now - then for now, then in zip(host.ssh_sessions(), before[host][1]))
        lab.equal(host.name + ": SSH connections and programs of the second apply", (connections, programs), (1, 1))

    plan = mesh.ctl("plan", "inventory.yaml", "--detailed-exitcode")
    lab.equal("exit code of plan --detailed-exitcode with nothing to do", plan.code, 0)


def a_change_and_back(lab, mesh):
    alpha, beta, gamma = mesh.hosts
    old = mesh.generations()
    kept = alpha.spis(gamma)
    lab.check("alpha - gamma has SAs", len(kept) >= 2, kept)

    mesh.edit("- [alpha, beta]", "- {between: [alpha, beta], suite: {ike: aes256-sha256-ecp256, esp: aes128gcm16-ecp256}}")
    plan = mesh.ctl("plan", "inventory.yaml", "--detailed-exitcode")
    lab.equal("exit code of plan --detailed-exitcode with a change", plan.code, 2)
    lab.contains("plan", plan.out, "beta")
    lab.equal("generations after plan", mesh.generations(), old)

    with lab.wire() as wire:
        pings = Steady(alpha, gamma.ip)
        mesh.apply()
        lab.equal("pings lost over the unchanged link during apply", pings.end(), [])
    lab.equal("frames in clear during apply", wire.clear(mesh.hosts), [])
    lab.check("alpha - gamma kept its SAs", kept <= alpha.spis(gamma), alpha.spis(gamma))
    new = mesh.generations()
    lab.equal("hosts with a new generation", sorted(name for name in new if new[name] != old[name]), ["alpha", "beta"])
    lab.check("alpha - beta uses AES-GCM with 128 bits now", "rfc4106(gcm(aes))" in
              alpha.run("ip", "xfrm", "state", "list", "dst", beta.ip).out)
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=65536)

    back = mesh.ctl("rollback", "inventory.yaml", "--yes")
    lab.equal("exit code of rollback", back.code, 0)
    lab.equal("generations after rollback", mesh.generations()["alpha"], old["alpha"])
    lab.equal("generation of beta after rollback", mesh.generations()["beta"], old["beta"])
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=65536)


def run(lab):
    mesh = lab.mesh("three-strongswan")
    the_first_of_two_wins(lab, mesh)
    every_pair_talks(lab, mesh)
    a_later_apply_does_nothing(lab, mesh)
    a_change_and_back(lab, mesh)
