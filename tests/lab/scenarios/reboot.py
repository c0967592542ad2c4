"""a rebooted host: policies stand before the network does, nothing in clear, the link comes up again"""
TIER = "fast"
SECONDS = 55


def run(lab):
    mesh = lab.mesh("three-strongswan")
    alpha, beta, _ = mesh.hosts
    mesh.apply()
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=65536)
    generation = alpha.state("current")
    # A later script of the same run level, still before the network, sees what meshctl's has done, and that the network is still down.
    alpha.write("/etc/rcS.d/S50meshctl-witness", "#!/bin/sh\n(ip -o link show eth0; ip xfrm policy) > /var/lib/at-boot 2>&1\n", 0o755)
    with lab.wire() as wire:
        flood = beta.spawn("ping", "-q", "-n", "-i", "0.05", alpha.ip)
        alpha.recreate()
        lab.wait_for("beta reaches alpha again", lambda: lab.ping(beta, alpha.ip, 3) > 0, 60)
        flood.kill(2)
    lab.equal("frames in clear during the reboot", wire.clear([alpha, beta]), [])
    at_boot = alpha.read("/var/lib/at-boot")
    lab.check("no network when the policies were loaded", "does not exist" in at_boot, at_boot.split("\n")[0])
    lab.check("policies for beta before the network", "dst " + beta.ip in at_boot, "%d lines" % at_boot.count("\n"))
    lab.equal("generation after the reboot", alpha.state("current"), generation)
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=65536)
