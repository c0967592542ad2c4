"""a policy that cuts the controller off: refused without --allow-lockout; with it the dead man brings the host back"""
from mesh import events

TIER = "full"
SECONDS = 80
TIMEOUT = 300
LINK = "  - [alpha, boss]\n"


def run(lab):
    mesh = lab.mesh("cut-off")
    alpha, beta = mesh.hosts
    mesh.apply()
    old, policies = mesh.generations(), alpha.spd()
    mesh.inventory(mesh.text + LINK)

    done = mesh.ctl("apply", "inventory.yaml", "--yes")
    lab.equal("exit code without --allow-lockout", done.code, 6)
    lab.contains("the report", done.out + done.err, "alpha")
    lab.equal("generations", mesh.generations(), old)

    lab.say("--- the host stays up")
    done = mesh.ctl("apply", "inventory.yaml", "--yes", "--allow-lockout", "--dead-man", "15", "--timeout", "10", timeout=200)
    lab.check("apply failed, and said so", done.code in (1, 3), done.code)
    lab.contains("the report", done.out + done.err, "alpha")
    lab.wait_for("alpha is back", lambda: not alpha.state("trial") and alpha.state("current") == old["alpha"], 60)
    lab.wait_for("the controller reaches it", lambda: reaches(lab, mesh, alpha), 30)
    lab.equal("generations", mesh.generations(), old)
    lab.equal("policies of alpha", alpha.spd(), policies)
    mesh.ctl("resume", "inventory.yaml", "--yes")

    lab.say("--- the host is rebooted inside the window")
    process = mesh.start("apply", "inventory.yaml", "--yes", "-o", "json", "--allow-lockout", "--dead-man", "300", "--timeout", "20")
    lab.wait_for("alpha runs the trial", lambda: any(one.get("phase") == "links" for one in events(process)) or
                 alpha.exists("/var/lib/meshctl/txn/%s/activated" % (alpha.state("lock").split() or ["-"])[0]), 90)
    lab.check("the controller is cut off", not reaches(lab, mesh, alpha))
    alpha.recreate()
    lab.wait_for("the controller reaches it", lambda: reaches(lab, mesh, alpha), 30)
    lab.equal("generation of alpha", alpha.state("current"), old["alpha"])
    lab.equal("trial of alpha", alpha.state("trial"), "")
    lab.check("apply failed, and said so", process.wait(200).code in (1, 3), process.code)
    mesh.ctl("resume", "inventory.yaml", "--yes")
    lab.equal("generations", mesh.generations(), old)
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=8192)


def reaches(lab, mesh, host):
    return mesh.controller.run("ssh", "-o", "ConnectTimeout=" + lab.seconds(2), "-o", "BatchMode=yes", "root@" + host.ip, "echo in").out == "in\n"
