"""the lab itself: hosts, clear traffic is seen as clear, ESP as ESP, a re-created host keeps its files"""
import re
import subprocess

from mesh import DEFAULTS, LIMITS

TIER = "fast"
SECONDS = 5
KEY = "0x" + "11" * 20
SA = "src {0} dst {1} proto esp spi {2} mode transport reqid 1 aead rfc4106(gcm(aes)) " + KEY + " 128"
POLICY = "src {0} dst {1} dir {2} tmpl proto esp reqid 1 mode transport"


def run(lab):
    alpha, beta = lab.host("alpha", 1), lab.host("beta", 2)
    with lab.wire() as wire:
        lab.equal("ping in clear", lab.ping(alpha, beta.ip, 2), 2)
        lab.equal("TCP in clear", lab.tcp(alpha, beta, beta.ip6, 65536), 65536)
    lab.check("clear traffic is seen", wire.kinds(alpha, beta).get("icmp") == 4, wire.kinds(alpha, beta))
    lab.check("and counted as clear", len(wire.clear([alpha, beta])) > 20, len(wire.clear([alpha, beta])))

    for host, peer in ((alpha, beta), (beta, alpha)):
        lines = ["xfrm state add " + SA.format("10.77.0.1", "10.77.0.2", "0x101"),
                 "xfrm state add " + SA.format("10.77.0.2", "10.77.0.1", "0x102"),
                 "xfrm policy add " + POLICY.format(host.ip, peer.ip, "out"),
                 "xfrm policy add " + POLICY.format(peer.ip, host.ip, "in")]
        host.run("ip", "-batch", "-", stdin="\n".join(lines) + "\n", check=True)
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=65536)
    lab.equal("policies of alpha", len(alpha.spd()), 2)
    lab.equal("SPIs of alpha with beta", alpha.spis(beta), {"0x00000101", "0x00000102"})

    boot = alpha.read("/proc/sys/kernel/random/boot_id")
    alpha.write("/var/lib/kept", "yes")
    alpha.write("/etc/rcS.d/S01meshctl-test", "#!/bin/sh\nip -o link show eth0 2>/dev/null | wc -l > /var/lib/links-at-boot\n", 0o755)
    alpha.recreate()
    lab.equal("a file after the re-creation", alpha.read("/var/lib/kept"), "yes")
    lab.equal("policies after the re-creation", alpha.spd(), [])
    lab.equal("interfaces when the boot script ran", alpha.read("/var/lib/links-at-boot").strip(), "0")
    lab.check("another boot id", alpha.read("/proc/sys/kernel/random/boot_id") != boot)
    check_limits(lab)
    lab.equal("ping in clear again", lab.ping(beta, alpha.ip, 2), 0)  # beta's policy still asks for ESP, and alpha has no SA


def check_limits(lab):
    """What the lab believes of meshctl's own time-outs, which it multiplies where all is slower."""
    for verb, options in LIMITS.items():
        text = subprocess.run(["/lab/bin/meshctl", verb, "--help"], stdout=subprocess.PIPE, text=True).stdout
        lab.equal("time-outs of " + verb, [option for option in DEFAULTS if option in text], list(options))
        for option in options:
            told = re.search(option + r"\b[^(]*\(default\s+(\d+);\s+\d+\s+to\s+(\d+)\)", text)
            lab.equal("numbers in what %s --help says of %s" % (verb, option), told and tuple(map(int, told.groups())), DEFAULTS[option])
