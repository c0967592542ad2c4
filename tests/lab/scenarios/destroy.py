"""destroy, and rollback of a first run: files, modes, owners, policies and daemons as before meshctl came, on all hosts or on none"""
TIER = "full"
SECONDS = 150
TIMEOUT = 600
OWN = "/etc/swanctl/conf.d/meshctl.conf"  # as if somebody had a file of that name


def snapshot(host):
    """All of /etc with modes, owners, links and content; policies; which daemons run."""
    listing = host.sh("cd /etc && find . -printf '%y %m %U:%G %p %l\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum", check=True).out
    return {"files": listing.splitlines(), "policies": host.spd(), "charon runs": bool(host.pids("charon"))}


def check_as_before(lab, mesh, before):
    for host in mesh.hosts:
        now = snapshot(host)
        for what, old in before[host].items():
            if isinstance(old, list):
                lab.equal("%s of %s: what differs" % (what, host.name), sorted(set(old) ^ set(now[what])), [])
            else:
                lab.equal("%s on %s" % (what, host.name), now[what], old)
        lab.equal("SAs of " + host.name, host.sas(), {})
        left = host.sh("cd /var/lib/meshctl && find . -mindepth 1 -maxdepth 1 | sort").out.split()
        lab.equal("what is left of meshctl on " + host.name, left, ["./generations", "./history.jsonl", "./mutex", "./txn"])
        lab.equal("generations left on " + host.name, host.sh("ls /var/lib/meshctl/generations").out, "")


def run(lab):
    mesh = lab.mesh("three-strongswan")
    alpha, beta, gamma = mesh.hosts
    # alpha: a file, a policy and a connection of somebody else in our places; gamma: charon is stopped.
    alpha.write(OWN, "# mine\nconnections {\n}\n", 0o640)
    alpha.run("chown", "1:2", OWN, check=True)
    alpha.run("ip", "xfrm", "policy", "add", "src", alpha.ip + "/32", "dst", beta.ip + "/32", "dir", "out", "priority", "77", "action", "allow", check=True)
    for pid in gamma.pids("charon"):
        gamma.run("kill", str(pid), check=True)
    lab.wait_for("charon of gamma has ended", lambda: not gamma.pids("charon"), 30)
    before = {host: snapshot(host) for host in mesh.hosts}
    lab.equal("policies of alpha before", len(before[alpha]["policies"]), 1)

    mesh.apply()
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)
    mesh.ctl("keys", "rotate", "--link", "alpha", "beta", timeout=60)
    mesh.edit("- [alpha, beta]", "- {between: [alpha, beta], suite: {ike: aes256-sha256-ecp256, esp: aes128gcm16-ecp256}}")
    mesh.apply()
    applied, files = mesh.generations(), beta.read("/etc/meshctl/policies.xfrm")

    lab.say("--- one host cannot: no host is changed")
    beta.run("mv", "/var/lib/meshctl/original", "/var/lib/meshctl/elsewhere", check=True)
    refused = mesh.ctl("destroy", "inventory.yaml", "--yes")
    lab.equal("exit code of destroy", refused.code, 1)
    lab.contains("what it says", refused.out + refused.err, "/var/lib/meshctl/original/files.list is gone")
    lab.equal("generations", mesh.generations(), applied)
    lab.equal("locks", set(mesh.generations("lock").values()), {""})
    beta.run("mv", "/var/lib/meshctl/elsewhere", "/var/lib/meshctl/original", check=True)
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)

    lab.say("--- meshctl is killed while the hosts are in the original state: the dead-man timer reverts that")
    process = mesh.start("destroy", "inventory.yaml", "--yes", "-o", "json", "--dead-man", "40")
    lab.wait_for("beta is in the original state", lambda: not beta.exists("/etc/meshctl/policies.xfrm"), 90)
    process.kill()
    lab.wait_for("all hosts are back", lambda: not any(host.state("lock") for host in mesh.hosts), 180)
    lab.equal("generations", mesh.generations(), applied)
    lab.equal("a file of beta", beta.read("/etc/meshctl/policies.xfrm"), files)
    lab.equal("exit code of resume", mesh.ctl("resume", "inventory.yaml").code, 0)
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)

    lab.say("--- destroy")
    lab.equal("exit code of destroy without --yes and a terminal", mesh.ctl("destroy", "inventory.yaml").code, 6)
    lab.equal("exit code of destroy", mesh.ctl("destroy", "inventory.yaml", "--yes").code, 0)
    check_as_before(lab, mesh, before)
    lab.check("hosts talk in clear, as before", lab.ping(beta, gamma.ip, 3) == 3)
    status = mesh.ctl("status", "inventory.yaml")
    lab.equal("exit code of status", status.code, 2)
    lab.contains("status", status.out, "0 open, 12 absent")
    again = mesh.ctl("destroy", "inventory.yaml", "--yes")
    lab.equal("exit code of another destroy", again.code, 0)
    lab.contains("what it says", again.out, "unchanged")

    lab.say("--- a first run again, and its rollback")
    mesh.apply()
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)
    lab.equal("exit code of rollback", mesh.ctl("rollback", "inventory.yaml", "--yes").code, 0)
    check_as_before(lab, mesh, before)
