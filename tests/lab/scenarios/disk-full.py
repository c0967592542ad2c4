"""a host whose disk is full refuses before anything is activated anywhere; with space again the next apply works"""
TIER = "full"
SECONDS = 35


def run(lab):
    mesh = lab.mesh("three-strongswan")
    beta = mesh["beta"]
    mesh.apply()
    old = mesh.generations()
    beta.sh("cp -a /var/lib/meshctl /var/lib/kept && mount -t tmpfs -o mode=700,size=2m small /var/lib/meshctl && "
            "cp -a /var/lib/kept/. /var/lib/meshctl/ && dd if=/dev/zero of=/var/lib/meshctl/ballast bs=1k 2>/dev/null; true", check=True)
    mesh.edit("level: require}", "level: require, child_lifetime: 1800}")
    done = mesh.ctl("apply", "inventory.yaml", "--yes")
    lab.equal("exit code of apply", done.code, 1)
    lab.contains("the report", done.out + done.err, "beta")
    lab.contains("the report", done.out + done.err, "pace")
    lab.equal("generations", mesh.generations(), old)
    for host in mesh.hosts:
        lab.equal(host.name + ": nothing half done", host.sh("cd /var/lib/meshctl && ls -A trial generations/.??* 2>/dev/null").out, "")
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)
    beta.run("rm", "/var/lib/meshctl/ballast", check=True)
    mesh.apply()
    lab.check("beta has the new generation", mesh.generations()["beta"] != old["beta"])
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)
