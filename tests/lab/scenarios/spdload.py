"""emitted setkey files in a real kernel, by our own loader: the policies are those of the file, and setkey's where it is installed"""
import os

TIER = "fast"
SECONDS = 6


def run(lab):
    found = [path for path in ("/lab/bin/tests/meshctl-spdload", "/lab/bin/meshctl-spdload") if os.path.exists(path)]
    if not found:
        lab.skip("meshctl-spdload is not built")
    mesh = lab.mesh("racoon-pair", daemons=False, root="machine")
    done = mesh.ctl("compile", "inventory.yaml", "--out", "out")
    lab.equal("exit code of compile", done.code, 0)
    for host in mesh.hosts:
        text = mesh.controller.read("/root/mesh/out/%s/files/etc/racoon/setkey.conf" % host.name)
        host.write("/tmp/setkey.conf", text)
        loaded = host.run(found[0], "-f", "/tmp/setkey.conf")
        lab.equal(host.name + ": exit code of the loader", loaded.code, 0)
        spd = host.spd()
        # Where Linux has three directions the file has two: what is for `in` stands for forwarded packets as well.
        lab.equal(host.name + ": policies, one for each line of the file and one more for each `in`",
                  len(spd), text.count("\nspdupdate ") + text.count(" -P in "))
        peer = mesh["beta" if host.name == "alpha" else "alpha"]
        lab.check(host.name + ": out to " + peer.name, any(policy.startswith("src %s/32 dst %s/32 dir out" % (host.ip, peer.ip)) and
                                                         "proto esp" in policy for policy in spd))
        if host.run("sh", "-c", "command -v setkey").code == 0:
            host.run("ip", "xfrm", "policy", "flush", check=True)
            real = host.run("setkey", "-f", "/tmp/setkey.conf")
            lab.check(host.name + ": setkey loads the same policies", real.code == 0 and host.spd() == spd, real.out + real.err)
    with lab.wire() as wire:
        lab.equal("replies without an SA", lab.ping(mesh.hosts[0], mesh.hosts[1].ip, 2), 0)
    lab.equal("frames in clear", wire.clear(mesh.hosts), [])
