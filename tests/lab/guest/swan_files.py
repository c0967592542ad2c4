"""What meshctl emits for strongSwan hosts, given to the real tools of one release: swanctl and charon, iproute2, and the agent's comparison of policies."""
import glob
import os
import re
import shutil

from mesh import PASSPHRASE

KEYS = {"rsa": [("keys", "rsa")], "x509": [("keys", "ca", "init"), ("keys", "issue")], "manual": [("keys", "manual")]}
COMPLAINT = re.compile(r"(?i)invalid|fail|error|unsupported|unknown|discard|unable|not found|warning")
ACTIVATION = "/lab/src/src/backend/strongswan/activation.sh"


def compiled(lab, box, source):
    """Compiles one inventory on the controller. [(host name, folder of its files)] of its strongSwan hosts."""
    stem = os.path.basename(source)[:-5]
    with open(source) as file:
        text = file.read()
    box.write("/root/passphrase", PASSPHRASE + "\n", 0o600)
    box.write("/root/%s/inventory.yaml" % stem, text)
    wanted = set(re.findall(r"auth: (\w+)", text))
    commands = [("keys", "init")] + [words for auth in sorted(KEYS) if auth in wanted for words in KEYS[auth]]
    for words in commands + [("compile", "inventory.yaml", "--out", "out")]:
        done = box.run("/lab/bin/meshctl", *words, cwd="/root/" + stem, env={"MESHCTL_PASSPHRASE_FILE": "/root/passphrase"})
        lab.check("%s: meshctl %s" % (stem, " ".join(words[:3])), done.code == 0, done.err[-600:])
    return [(path.split("/")[-4], os.path.dirname(path)) for path in sorted(glob.glob(box.path("/root/%s/out/*/files/etc/meshctl" % stem)))]


def children_in(text):
    """{connection: [children]} of meshctl.conf."""
    found, connection = {}, ""
    for indent, name in re.findall(r"(?m)^( *)([\w+-]+) \{$", text):
        if len(indent) == 2:
            connection = name
            found[name] = []
        elif len(indent) == 6:
            found[connection].append(name)
    return found


def children_loaded(host):
    """The same of charon."""
    found, connection = {}, ""
    for indent, name in re.findall(r"(?m)^(| {2})([\w+-]+): +(?:IKE|TRANSPORT|TUNNEL|PASS|DROP)", host.run("swanctl", "--list-conns", check=True).out):
        if not indent:
            connection = name
            found[name] = []
        else:
            found[connection].append(name)
    return found


def accept(lab, host, folder, name):
    """`folder` is a host's /etc. All of it is loaded without a complaint, and the kernel lists what the files say."""
    host.sh("find /etc/swanctl -name 'meshctl*' -delete; rm -rf /etc/meshctl; ip xfrm policy flush; ip xfrm state flush", check=True)
    shutil.copytree(folder, host.path("/etc"), dirs_exist_ok=True)
    host.sh("chmod -R go= /etc/swanctl /etc/meshctl", check=True)
    done = host.run("swanctl", "--load-all", "--noprompt", "--clear")
    text = done.out + done.err
    bad = [line for line in text.splitlines() if COMPLAINT.search(line)]
    lab.check("swanctl takes " + name, done.code == 0 and not bad, "\n".join(bad) or "%d lines" % text.count("\n"))
    wanted = children_in(host.read("/etc/swanctl/conf.d/meshctl.conf"))
    lab.equal("children of charon for " + name, children_loaded(host), wanted)
    keys = host.sh("find /etc/swanctl/private /etc/swanctl/x509 /etc/swanctl/x509ca /etc/swanctl/pubkey /etc/swanctl/x509crl -name 'meshctl*' 2>/dev/null").out.split()
    lab.equal("key files that swanctl has not loaded", [key for key in keys if not re.search(r"loaded .* from '%s'" % re.escape(key), text)], [])
    for kind, missing in (("policies", "be_missing"), ("states", "be_missing_states")):
        path = "/etc/meshctl/%s.xfrm" % kind
        if not host.exists(path):
            continue
        done = host.run("ip", "-batch", path)
        lab.equal("what iproute2 says of the %s of %s" % (kind, name), (done.code, done.err), (0, ""))
        done = host.sh("mc_run() { \"$@\"; }; . %s; %s %s" % (ACTIVATION, missing, path), check=True)
        lab.equal("%s that the agent does not find in the kernel" % kind, done.out, "")
    return len(wanted)


def accept_all(lab, root):
    """The golden files, and what the lab's inventories compile to."""
    from mesh import CONTROLLER
    from host import Host
    box, host = lab.add(Host("controller", CONTROLLER, root="machine")), lab.host("alpha", 1, "strongswan", root=root)
    lab.say(host.run("swanctl", "--help").out.split("\n")[0] + ", " + host.run("ip", "-V").out.strip())
    golden = sorted(glob.glob("/lab/src/tests/golden/strongswan/**/etc", recursive=True))
    lab.check("there are golden files", len(golden) >= 6, len(golden))
    connections = sum(accept(lab, host, folder, "golden " + folder.split("/golden/strongswan/")[1]) for folder in golden)
    for source in sorted(glob.glob("/lab/src/tests/lab/inventories/*.yaml")):
        with open(source) as file:
            if "strongswan" not in file.read():
                continue
        for name, folder in compiled(lab, box, source):
            connections += accept(lab, host, folder, "%s of %s" % (name, os.path.basename(source)))
    lab.check("there were connections", connections > 40, connections)
