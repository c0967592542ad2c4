"""the very first apply fails on one host: every host is as it was before meshctl came"""
TIER = "fast"
SECONDS = 8


def run(lab):
    mesh = lab.mesh("three-strongswan")
    beta = mesh["beta"]
    mesh["alpha"].write("/etc/swanctl/conf.d/old.conf", "# what was there before\n")
    beta.write("/etc/swanctl/swanctl.conf", "# somebody wanted no conf.d\n")
    done = mesh.apply(want=1)
    lab.contains("the report", done.out + done.err, "beta")
    lab.equal("generations", mesh.generations(), {"alpha": "", "beta": "", "gamma": ""})
    lab.equal("locks", mesh.generations("lock"), {"alpha": "", "beta": "", "gamma": ""})
    for host in mesh.hosts:
        lab.equal(host.name + ": policies", host.spd(), [])
        lab.check(host.name + ": no file of ours is live", not host.exists("/etc/swanctl/conf.d/meshctl.conf"))
    lab.equal("the file that was there", mesh["alpha"].read("/etc/swanctl/conf.d/old.conf"), "# what was there before\n")
    lab.check("hosts still talk in clear, as before", lab.ping(mesh["alpha"], beta.ip, 3) == 3)
