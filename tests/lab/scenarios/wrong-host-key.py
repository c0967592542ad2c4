"""a host with another SSH key than known: refused, nothing sent, no other host touched"""
TIER = "fast"
SECONDS = 5


def run(lab):
    mesh = lab.mesh("three-strongswan", daemons=False, keys={"beta": "other"})
    done = mesh.ctl("apply", "inventory.yaml", "--yes")
    lab.equal("exit code of apply", done.code, 5)
    lab.contains("the report", done.out + done.err, "beta")
    lab.contains("the report", done.out + done.err, "host key")
    lab.equal("logins on beta", mesh["beta"].ssh_sessions(), (0, 0))
    for host in mesh.hosts:
        lab.check(host.name + ": nothing written", not host.exists("/var/lib/meshctl"))

    mesh.controller.write("/root/.ssh/known_hosts", "", 0o600)
    done = mesh.ctl("apply", "inventory.yaml", "--yes")
    lab.equal("exit code of apply without known keys", done.code, 5)
    lab.equal("logins on alpha", mesh["alpha"].ssh_sessions()[1] <= 1, True)
