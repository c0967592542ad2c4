"""two racoon hosts and a strongSwan host over IKEv1: real setkey and racoon accept every file, ESP over both families on each link, a change and a rollback"""
TIER = "fast"
SECONDS = 90
TIMEOUT = 240


def run(lab):
    lab.need("setkey", "racoon")
    mesh = lab.mesh("racoon")
    alpha, beta, _ = mesh.hosts
    for host in [alpha, beta]:
        accept(lab, mesh, host)
    mesh.apply(timeout=180)
    lab.check_esp(mesh.hosts)
    old, kept = mesh.generations(), alpha.spd()

    mesh.edit("level: require", "child_lifetime: 1800, level: require")
    mesh.apply(timeout=180)
    lab.check("every host moved", all(mesh.generations()[name] != old[name] for name in old))
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)
    back = mesh.ctl("rollback", "inventory.yaml", "--yes", timeout=180)
    lab.equal("exit code of rollback", back.code, 0)
    lab.equal("generations after rollback", mesh.generations(), old)
    lab.equal("policies of alpha after rollback", alpha.spd(), kept)
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)


def accept(lab, mesh, host):
    """What compile writes for the host, given to the real tools on the host itself."""
    mesh.ctl("compile", "inventory.yaml", "--out", "out")
    host.run("mkdir", "-p", "/tmp/check", check=True)
    host.sh("cd /tmp/check && tar xf -", check=True,
            stdin=tar_of(mesh.controller.path("/root/mesh/out/%s/files" % host.name)))
    for name in host.sh("find /tmp/check -name '*.conf' -path '*racoon*'").out.split():
        text = host.read(name)
        if "spdadd" in text:
            done = host.run("setkey", "-n", "-f", name)
            lab.check("setkey accepts " + name, done.code == 0 and not done.err, done.out[-200:] + done.err)
        elif "remote " in text:
            host.write(name + ".here", text.replace("/etc/racoon/psk.txt", "/tmp/check/etc/racoon/psk.txt"), 0o600)
            done = host.run("racoon", "-t", "-f", name + ".here")
            lab.check("racoon accepts " + name, done.code == 0, done.out[-300:] + done.err[-300:])


def tar_of(folder):
    import io
    import tarfile
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.add(folder, ".")
    return data.getvalue()
