"""charon under SIGSTOP while a change is activated: the host is back a minute after the dead-man timer's deadline, without charon"""
TIER = "full"
SECONDS = 150
TIMEOUT = 800
DEAD_MAN = 60


def transaction(host):
    return "/var/lib/meshctl/txn/%s/" % (host.state("lock").split() or ["-"])[0]


def run(lab):
    mesh = lab.mesh("three-strongswan")
    alpha, beta, _ = mesh.hosts
    mesh.apply()
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=8192)
    old, policies, file = mesh.generations(), alpha.spd(), alpha.read("/etc/meshctl/policies.xfrm")
    mesh.inventory(mesh.text + "bypass: [nd, icmp-errors, ike, icmp]\n")
    for pid in alpha.pids("charon"):
        alpha.run("kill", "-STOP", str(pid), check=True)
    process = mesh.start("apply", "inventory.yaml", "--yes", "-o", "json", "--dead-man", str(DEAD_MAN), "--timeout", "90")
    lab.wait_for("alpha has policies of the trial", lambda: alpha.exists(transaction(alpha) + "pid") and alpha.spd() != policies, 120)
    process.kill()  # nobody but the host itself
    lab.wait_for("alpha has the old policies again", lambda: alpha.spd() == policies, DEAD_MAN + 60)
    lab.wait_for("and its old files", lambda: alpha.read("/etc/meshctl/policies.xfrm") == file, 30)
    lab.check("the rest waits for charon", alpha.exists(transaction(alpha) + "expired"))
    for pid in alpha.pids("charon"):
        alpha.run("kill", "-CONT", str(pid), check=True)
    lab.wait_for("nothing is left to do", lambda: not any(host.state("lock") for host in mesh.hosts), 180)
    mesh.ctl("resume", "inventory.yaml", "--yes")
    lab.equal("generations", mesh.generations(), old)
    # beta found a dead peer meanwhile and deleted its SAs; alpha's charon finds out by its own dead peer detection.
    lab.wait_for("alpha reaches beta again", lambda: lab.ping(alpha, beta.ip, 2) > 0, 300)
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=8192)
