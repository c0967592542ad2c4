"""road warriors by certificate: one with an address inside, one without; the gateway blocks what is for the first while it is away"""
import re

from sites import Inside

TIER = "full"
SECONDS = 90
TIMEOUT = 300


def run(lab):
    mesh = lab.mesh("strongswan-road")
    gate, laptop, phone = mesh["gate"], mesh["laptop"], mesh["phone"]
    desk = Inside(gate, 1)
    lab.equal("exit code of keys ca init", mesh.ctl("keys", "ca", "init").code, 0)
    lab.equal("exit code of keys issue", mesh.ctl("keys", "issue").code, 0)
    gate.sh("ip route add 10.9.0.0/24 via 10.77.0.2", check=True)  # as a router would have it: that is where clear packets would go
    with lab.wire() as wire:
        mesh.apply()
        lab.check("ping laptop > desk", lab.ping(laptop, desk.ip, 6) >= 3)
        lab.check("ping desk > laptop", desk.ping("10.9.0.5") >= 3)
        lab.check("ping phone > desk", lab.ping(phone, desk.ip, 6) >= 3)
    lab.contains("SAs of the gateway", gate.run("swanctl", "--list-sas").out, "CN=laptop")
    for host in (laptop, phone):
        lab.check("ESP between gate and " + host.name, wire.kinds(gate, host).get("esp", 0) >= 8, wire.kinds(gate, host))

    def clear():
        return ["%s > %s %s" % frame[1:4] for frame in wire.frames
                if frame.source.startswith(("10.1.0.", "10.9.0.")) or frame.target.startswith(("10.1.0.", "10.9.0."))]
    lab.equal("frames in clear", clear(), [])

    # The laptop goes away without a word, its SA ends: what is for it stays where it is
    with lab.wire() as wire:
        flood = desk.gateway.spawn("ip", "netns", "exec", "inside", "ping", "-q", "-n", "-i", "0.01", "10.9.0.5")
        for pid in laptop.pids("charon"):
            laptop.run("kill", "-9", str(pid), check=True)
        gate.run("swanctl", "--terminate", "--ike", "mc-laptop-1", "--force", check=True)
        lab.equal("replies while it is away", desk.ping("10.9.0.5", 3), 0)
        lab.equal("replies to the laptop without charon", lab.ping(laptop, desk.ip, 2), 0)
        for _ in range(3):  # and comes back, and goes: charon's policies come and go, ours stay
            laptop.start_strongswan()
            laptop.run("swanctl", "--load-all", "--noprompt", check=True)
            lab.ping(laptop, desk.ip, 4)
            gate.run("swanctl", "--terminate", "--ike", "mc-laptop-1", "--force")
            for pid in laptop.pids("charon"):
                laptop.run("kill", "-9", str(pid), check=True)
            laptop.run("ip", "xfrm", "state", "flush", check=True)
            wire.drain()
        flood.kill(2)
        flood.wait(10)
    lab.equal("frames that the capture lost", wire.lost, 0)
    lab.equal("frames in clear", clear(), [])
    blocked = int(re.search(r"XfrmOutPolBlock\s+(\d+)", gate.run("cat", "/proc/net/xfrm_stat").out).group(1))
    lab.check("the gateway's block was asked", blocked > 50, blocked)

    # A stranger on the wire pretends to be the laptop
    stranger = lab.add(type(gate)("stranger", 9))
    stranger.sh("ip addr add 10.9.0.5/32 dev lo; ip route add 10.1.0.0/24 via 10.77.0.1", check=True)
    before = desk.echoes()
    for target in (desk.ip, "10.1.0.1"):
        with lab.wire() as wire:
            stranger.run("ping", "-q", "-n", "-c", "3", "-i", "0.2", "-W", "1", "-I", "10.9.0.5", target)
        lab.equal("its packets, and no answer", {frame[1:3] for frame in wire.frames if "10.9.0.5" in frame[1:3]}, {("10.9.0.5", target)})
    lab.equal("what got through the gateway", desk.echoes() - before, 0)
    lab.check("the phone was not disturbed", lab.ping(phone, desk.ip, 3) == 3)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 2)  # the laptop's charon is dead
