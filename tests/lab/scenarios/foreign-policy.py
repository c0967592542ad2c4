"""a policy of somebody else that the kernel asks before a link's: apply refuses and changes nothing; one that comes later shows in status"""
TIER = "full"
SECONDS = 20
SELECTOR = "src 10.77.0.0/24 dst 10.77.0.2/32 proto tcp dir out"


def run(lab):
    mesh = lab.mesh("foreign-policy")
    alpha, beta = mesh.hosts
    alpha.sh("ip xfrm policy add %s priority 5" % SELECTOR, check=True)
    before = alpha.spd()
    done = mesh.apply(want=1)
    lab.contains("the report", done.out + done.err, "src 10.77.0.0/24 dst 10.77.0.2/32 proto 6 dir out priority 5 action allow")
    lab.equal("generations", mesh.generations(), {"alpha": "", "beta": ""})
    lab.equal("policies of alpha", alpha.spd(), before)
    lab.equal("policies of beta", beta.spd(), [])

    alpha.sh("ip xfrm policy delete %s" % SELECTOR, check=True)
    alpha.sh("ip xfrm policy add src 10.77.0.0/24 dst 10.77.9.0/24 dir out priority 5", check=True)     # no traffic of ours
    mesh.apply()
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=8192)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 0)

    alpha.sh("ip xfrm policy add %s priority 5" % SELECTOR, check=True)
    done = mesh.ctl("status", "inventory.yaml")
    lab.equal("exit code of status", done.code, 2)
    lab.contains("status", done.out + done.err, "proto 6 dir out priority 5")
    mesh.apply()        # nothing to change: it is not looked at
    alpha.sh("ip xfrm policy delete %s" % SELECTOR, check=True)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 0)
