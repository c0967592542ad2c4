"""A strongSwan that plays a Windows host: its connections are made from the netsh lines that meshctl compiled for that host, or from the rules that the
simulator's netsh keeps, by the names that docs/windows.md and the reference of both sides give, and offer nothing else. IKEv1 main mode, no DPD, no MOBIKE; it
starts and rekeys as a Windows host would."""
import re

FILES = "/root/mesh/out/%s/files/ProgramData/meshctl/"
GROUPS = {"dhgroup2": "modp1024", "dhgroup14": "modp2048", "ecdhp256": "ecp256", "ecdhp384": "ecp384"}


def compiled(mesh, name):
    """(folder of the host's files on the controller, its netsh lines)"""
    mesh.lab.equal("exit code of compile", mesh.ctl("compile", "inventory.yaml", "--out", "out").code, 0)
    folder = FILES % name
    script = mesh.controller.read(folder + "apply.cmd")
    keys = mesh.controller.sh("cat %srules/*.add 2>/dev/null" % folder).out
    return folder, [line.strip() for line in (script + keys).splitlines() if "advfirewall" in line]


def values(line):
    return {key: value.strip('"') for key, value in re.findall(r'(\w+)=("[^"]*"|\S+)', line)}


def main_proposal(item):
    """dhgroup14:aes256-sha256"""
    group, methods = item.split(":")
    return "%s-%s" % (methods, GROUPS[group])


def quick_proposal(item, pfs):
    """esp:sha256-aes256+60min+100000kb: (proposal, seconds, bytes)"""
    integrity, encryption, minutes, kilobytes = re.fullmatch(r"esp:(\w+)-(\w+)\+(\d+)min\+(\d+)kb", item).groups()
    gcm = re.fullmatch(r"aesgcm(\d+)", encryption)
    methods = "aes%sgcm16" % gcm.group(1) if gcm else "%s-%s" % (encryption, integrity)
    group = "" if pfs == "none" else "-" + GROUPS[pfs]
    return methods + group, int(minutes) * 60, int(kilobytes) * 1000


CONNECTION = """
  w%(number)d {
    version = 1
    local_addrs = %(endpoint1)s
    remote_addrs = %(endpoint2)s
    proposals = %(main)s
    reauth_time = %(ike_seconds)ds
    over_time = 0
    mobike = no
    dpd_delay = 0
    local {
%(local)s
    }
    remote {
%(remote)s
    }
    children {
      all {
        mode = transport
        local_ts = %(local_ts)s
        remote_ts = %(remote_ts)s
        esp_proposals = %(quick)s
        rekey_time = %(seconds)ds
        life_time = %(seconds)ds
        rekey_bytes = %(bytes)d
        life_bytes = %(bytes)d
        start_action = trap
      }
    }
  }
"""


def configuration(lines):
    """swanctl.conf for what the netsh lines say; main mode is the machine's (`set global mainmode`)."""
    text = "\n".join(lines)
    main = re.search(r"set global mainmode mmsecmethods (\S+)", text).group(1)
    minutes = re.search(r"set global mainmode mmkeylifetime (\d+)min", text).group(1)
    return connections_for([values(line) for line in lines if "consec add rule" in line], main, int(minutes))


def traffic(rule):
    """What the rule protects at either end, for `dynamic[protocol/port]`."""
    if rule["protocol"] == "any":
        return {"local_ts": "dynamic", "remote_ts": "dynamic"}
    ports = ["" if rule.get(key, "any") == "any" else "/" + rule[key] for key in ("port1", "port2")]
    return {key: "dynamic[%s%s]" % (rule["protocol"], port) for key, port in zip(("local_ts", "remote_ts"), ports)}


def connections_for(rules, main, minutes):
    """rules: the words of `consec` rules; main: `mmsecmethods`; minutes: the life of main mode."""
    connections, secrets = "", ""
    for number, rule in enumerate(rules, 1):
        if rule["action"] == "noauthentication":
            continue
        quick, seconds, volume = quick_proposal(rule["qmsecmethods"], rule["qmpfs"])
        if rule["auth1"] == "computerpsk":
            local, remote = ("      auth = psk\n      id = " + rule[end] for end in ("endpoint1", "endpoint2"))
            secrets += "  ike-%d {\n    id-1 = %s\n    id-2 = %s\n    secret = \"%s\"\n  }\n" % (
                number, rule["endpoint1"], rule["endpoint2"], rule["auth1psk"])
        else:  # Windows finds its certificate by the CA's name and takes any that the CA has signed
            local, remote = "      auth = pubkey\n      certs = host.cer", "      auth = pubkey\n      cacerts = ca.cer"
        connections += CONNECTION % dict(rule, number=number, main=",".join(map(main_proposal, main.split(","))), ike_seconds=minutes * 60,
                                         local=local, remote=remote, quick=quick, seconds=seconds, bytes=volume, **traffic(rule))
    return "connections {%s}\nsecrets {\n%s}\n" % (connections, secrets)


def exempt(host, lines):
    """`set global ipsec defaultexemptions neighbordiscovery,…`: what passes in clear."""
    words = re.search(r"defaultexemptions (\S+)", "\n".join(lines)).group(1).split(",")
    for kind in range(133, 138) if "neighbordiscovery" in words else []:
        for direction in ("in", "out"):
            host.run("ip", "xfrm", "policy", "update", "src", "::/0", "dst", "::/0", "proto", "ipv6-icmp", "type", str(kind), "dir", direction,
                     "priority", "1", check=True)


def load(mesh, host, lines, folder):
    """Gives the host its exemptions and connections, and the certificates that the scripts would import."""
    exempt(host, lines)
    host.write("/etc/swanctl/conf.d/windows.conf", configuration(lines), 0o600)
    if mesh.controller.exists(folder + "host.pfx"):
        host.write("/etc/swanctl/x509ca/ca.cer", mesh.controller.read(folder + "ca-1.cer"), 0o600)
        for part, target in (("-nokeys", "x509/host.cer"), ("-nocerts -noenc", "private/host.key")):
            opened = mesh.controller.sh("openssl pkcs12 -in %shost.pfx -passin pass: %s" % (folder, part))
            host.write("/etc/swanctl/" + target, opened.out, 0o600)
    loaded = host.run("swanctl", "--load-all", "--noprompt", "--clear")
    mesh.lab.equal("what %s thinks of its connections" % host.name, (loaded.code, loaded.err), (0, ""))
