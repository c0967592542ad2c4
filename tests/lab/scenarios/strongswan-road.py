"""road warriors by certificate: one with an address inside, one without; the gateway blocks what is for the first while it is away"""
from road import certificates, check_blocks, check_frames, check_pings, check_stranger, clear, flood
from sites import Inside

TIER = "full"
SECONDS = 90
TIMEOUT = 300
INNER = "10.9.0.5"


def kill_charon(host):
    for pid in host.pids("charon"):
        host.run("kill", "-9", str(pid), check=True)


def run(lab):
    mesh = lab.mesh("strongswan-road")
    gate, laptop, phone = mesh["gate"], mesh["laptop"], mesh["phone"]
    warriors = {laptop: INNER, phone: None}
    desk = Inside(gate, 1)
    certificates(lab, mesh)
    gate.sh("ip route add 10.9.0.0/24 via 10.77.0.2", check=True)  # as a router would have it: that is where clear packets would go
    with lab.wire() as wire:
        mesh.apply()
        check_pings(lab, desk, warriors)
    lab.contains("SAs of the gateway", gate.run("swanctl", "--list-sas").out, "CN=laptop")
    check_frames(lab, wire, gate, warriors)

    # The laptop goes away without a word, its SA ends: what is for it stays where it is
    with lab.wire() as wire:
        pings = flood(gate, INNER)
        kill_charon(laptop)
        gate.run("swanctl", "--terminate", "--ike", "mc-laptop-1", "--force", check=True)
        lab.equal("replies while it is away", desk.ping(INNER, 3), 0)
        lab.equal("replies to the laptop without charon", lab.ping(laptop, desk.ip, 2), 0)
        for _ in range(3):  # and comes back, and goes: charon's policies come and go, ours stay
            laptop.start_strongswan()
            laptop.run("swanctl", "--load-all", "--noprompt", check=True)
            lab.ping(laptop, desk.ip, 4)
            gate.run("swanctl", "--terminate", "--ike", "mc-laptop-1", "--force")
            kill_charon(laptop)
            laptop.run("ip", "xfrm", "state", "flush", check=True)
            wire.drain()
        pings.kill(2)
        pings.wait(10)
    lab.equal("frames that the capture lost", wire.lost, 0)
    lab.equal("frames in clear", clear(wire), [])
    check_blocks(lab, gate)
    check_stranger(lab, gate, desk, INNER)
    lab.check("the phone was not disturbed", lab.ping(phone, desk.ip, 3) == 3)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 2)  # the laptop's charon is dead
