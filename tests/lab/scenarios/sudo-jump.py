"""a host reached as an ordinary user with sudo, through another host: apply, status"""
TIER = "full"
SECONDS = 20


def run(lab):
    lab.need("sudo")
    mesh = lab.mesh("sudo-jump")
    alpha, beta = mesh.hosts
    # beta lets nobody in but user ops, and only from alpha.
    beta.sh("useradd -m -s /bin/sh ops && mkdir -p /home/ops/.ssh && cp /root/.ssh/authorized_keys /home/ops/.ssh/ && "
            "chown -R ops: /home/ops && usermod -p '*' ops && mkdir -p /etc/sudoers.d && "
            "echo 'ops ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/ops && chmod 440 /etc/sudoers.d/ops", check=True)
    beta.write("/etc/ssh/sshd_config", beta.read("/etc/ssh/sshd_config") + "AllowUsers ops@10.77.0.1\n")
    beta.sh("kill -HUP $(cat /run/sshd.pid)", check=True)
    mesh.apply()
    lab.check("beta was reached from alpha only", "Accepted publickey for ops from 10.77.0.1" in beta.ssh_log())
    lab.equal("logins on beta past alpha", beta.ssh_log().count("from 10.77.0.200"), 0)
    lab.check_esp(mesh.hosts)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 0)
    beta.run("rm", "/etc/sudoers.d/ops", check=True)
    mesh.edit("level: require", "child_lifetime: 1800, level: require")
    old = mesh.generations()
    done = mesh.ctl("apply", "inventory.yaml", "--yes")
    lab.check("apply without sudo rights is refused", done.code in (1, 5), done.code)
    lab.contains("the report", done.out + done.err, "sudo")
    lab.equal("generations", mesh.generations(), old)
