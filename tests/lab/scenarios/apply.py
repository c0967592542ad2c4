"""apply on three fresh strongSwan hosts: every pair talks ESP over both families, a second apply does nothing at all"""
TIER = "fast"
SECONDS = 45
WATCHED = "/etc/swanctl /etc/rcS.d /etc/init.d /etc/ipsec.d /var/lib/meshctl /etc/strongswan.d"


def snapshot(host):
    """Every file's name, size and times to the nanosecond, and charon's process."""
    files = host.sh("find %s -printf '%%p %%s %%m %%T@ %%C@\\n' 2>/dev/null | sort" % WATCHED).out
    return files, host.pids("charon"), host.spd(), sorted(host.sas())


def run(lab):
    mesh = lab.mesh("three-strongswan")
    mesh.apply()
    current = mesh.generations()
    lab.check("every host has a confirmed generation", all(len(current[name]) == 32 for name in current), current)
    lab.equal("hosts with a trial left", [name for name, trial in mesh.generations("trial").items() if trial], [])
    lab.check_esp(mesh.hosts)
    status = mesh.ctl("status", "inventory.yaml")
    lab.equal("exit code of status", status.code, 0)

    before = {host: (snapshot(host), host.ssh_sessions()) for host in mesh.hosts}
    mesh.apply()
    for host in mesh.hosts:
        lab.check(host.name + ": same files, times, charon, policies and SAs", snapshot(host) == before[host][0],
                  "%d files" % before[host][0][0].count("\n"))
        connections, programs = (now - then for now, then in zip(host.ssh_sessions(), before[host][1]))
        lab.equal(host.name + ": SSH connections and programs of the second apply", (connections, programs), (1, 1))

    plan = mesh.ctl("plan", "inventory.yaml", "--detailed-exitcode")
    lab.equal("exit code of plan --detailed-exitcode with nothing to do", plan.code, 0)
