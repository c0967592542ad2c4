"""a strongSwan host boots on a kernel that refuses a manual SA: policies stand, nothing in clear, console and status say so"""
TIER = "full"
SECONDS = 90
STATES = "files/etc/meshctl/states.xfrm"


def run(lab):
    mesh = lab.mesh("strongswan-manual")
    alpha, beta = mesh.hosts
    lab.equal("exit code of keys manual", mesh.ctl("keys", "manual").code, 0)
    mesh.apply()
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)
    policies, sas = alpha.spd(), set(alpha.sas())
    # As after an upgrade to a kernel without that cipher: the generation is the same, one SA cannot be made.
    path = "/var/lib/meshctl/generations/%s/%s" % (alpha.state("current").split()[0], STATES)
    states = alpha.read(path)
    first = next(line for line in states.splitlines() if line.startswith("xfrm state add") and " dst %s " % beta.ip in line)
    alpha.write(path, states.replace(first, first.replace("cbc(aes)", "cbc(none)")), 0o600)
    with lab.wire() as wire:
        flood = beta.spawn("ping", "-q", "-n", "-i", "0.05", alpha.ip)
        alpha.recreate()
        lab.ping(alpha, beta.ip, 5)
        lab.equal("replies by the SAs of the other family", lab.ping(alpha, beta.ip6, 3), 3)
        flood.kill(2)
    lab.equal("frames in clear", wire.clear(mesh.hosts), [])
    lab.equal("policies of alpha", alpha.spd(), policies)
    lab.equal("SAs of alpha that are missing", len(sas) - len(set(alpha.sas())), 1)
    lab.contains("what boot said", alpha.read("/var/log/meshctl-boot.log"), "the kernel does not take 1 of the manual SAs")
    status = mesh.ctl("status", "inventory.yaml")
    lab.equal("exit code of status", status.code, 2)
    lab.contains("status", status.out, "boot: the kernel does not take 1 of the manual SAs")
    # The module is there again: nobody has to do anything.
    alpha.write(path, states, 0o600)
    lab.wait_for("all SAs are loaded", lambda: set(alpha.sas()) == sas, 90)
    lab.wait_for("status is well", lambda: mesh.ctl("status", "inventory.yaml").code == 0, 30)
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)
