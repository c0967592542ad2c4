"""real setkey and racoon accept every file that meshctl emits: all inventories of the checkout with every host on racoon, the golden files"""
import glob
import os
import re
import shutil

TIER = "fast"
SECONDS = 50
TIMEOUT = 400
CHECKOUT = "/lab/src/"
# Needs keys of third parties; the golden files have what is in it.
WITH_FOREIGN_KEYS = {"gateways.yaml"}


def accept(lab, host, folder, name):
    """The files at their live paths; setkey -n parses without loading, racoon -t reads its keys as well and ends."""
    live = host.path("/etc/racoon")
    shutil.rmtree(live, ignore_errors=True)
    shutil.copytree(folder, live)
    for base, _, files in os.walk(live):
        for file in files:
            os.chmod(os.path.join(base, file), 0o600)  # git does not keep modes, and racoon refuses keys that others may read
    for file in ("setkey.conf", "setkey-sa.conf"):
        if not os.path.exists(live + "/" + file):
            continue
        done = host.run("setkey", "-n", "-f", "/etc/racoon/" + file)
        lab.check("setkey accepts %s of %s" % (file, name), done.code == 0 and not done.err, done.out[-300:] + done.err[-300:])
    if os.path.exists(live + "/racoon.conf"):
        done = host.run("racoon", "-t", "-f", "/etc/racoon/racoon.conf")
        text = done.out + done.err
        bad = [line for line in text.splitlines() if "ERROR" in line or "WARNING" in line]
        lab.check("racoon accepts " + name, done.code == 0 and not bad, "\n".join(bad) if done.code == 0 else text[-600:])
    for script in ("routes.sh", "load.sh", "roaming.sh"):
        if os.path.exists(live + "/" + script):
            done = host.run("sh", "-n", "/etc/racoon/" + script)
            lab.check("sh accepts %s of %s" % (script, name), done.code == 0, done.err[-300:])
    if os.path.exists(live + "/roaming.sh"):
        with open(live + "/roaming.sh") as file:
            lines = re.findall(r"(?m)^\S+ (spdupdate .*;)$", file.read())
        done = host.run("setkey", "-n", "-f", "-", stdin="\n".join(lines).replace("LOCAL", "10.30.30.30") + "\n")
        lab.check("setkey accepts the policies in roaming.sh of " + name, lines and done.code == 0 and not done.err, done.out[-300:] + done.err[-300:])


def all_racoon(text):
    return re.sub(r"backend: (strongswan|auto)\b", "backend: racoon", text)


def key_commands(text):
    """What makes the keys that the inventory asks for."""
    wanted = set(re.findall(r"auth: (\w+)", text))
    made = {"rsa": [("keys", "rsa")], "x509": [("keys", "ca", "init"), ("keys", "issue")], "manual": [("keys", "manual")]}
    return [("keys", "init")] + [command for auth in sorted(made) if auth in wanted for command in made[auth]]


def compiled(lab, box, source):
    """[(host name, folder of its racoon files)] of one inventory."""
    stem = os.path.basename(source)[:-5]
    work = box.path("/root/" + stem)
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(os.path.dirname(source), work)  # with its includes and its lock file
    with open(source) as file:
        text = all_racoon(file.read())
    box.write("/root/%s/inventory.yaml" % stem, text)
    if not os.path.exists(work + "/keys"):
        box.write("/root/%s/keys/partner.psk" % stem, "a-key-that-the-partner-chose\n", 0o600)
    options = {"cwd": "/root/" + stem, "env": {"MESHCTL_PASSPHRASE_FILE": "/root/passphrase"}}
    for words in key_commands(text) + [("compile", "inventory.yaml", "--out", "out")]:
        done = box.run("/lab/bin/meshctl", *words, **options)
        lab.check("%s: meshctl %s" % (stem, " ".join(words[:3])), done.code == 0, done.err[-600:])
    return [(path.split("/")[-4], path) for path in sorted(glob.glob(work + "/out/*/files/etc/racoon"))]


def inventories(lab, pattern):
    """Compiles each of them and gives every host's files to the tools."""
    lab.need("setkey", "racoon")
    box = lab.host("alpha", 1)
    box.write("/root/passphrase", "accepts all files\n", 0o600)
    box.write("/var/racoon/.keep", "")
    count = 0
    for source in sorted(glob.glob(CHECKOUT + pattern)):
        if os.path.basename(source) in WITH_FOREIGN_KEYS:
            continue
        hosts = compiled(lab, box, source)
        lab.check(os.path.basename(source) + " has racoon hosts", hosts, [name for name, _ in hosts])
        for name, folder in hosts:
            accept(lab, box, folder, "%s of %s" % (name, os.path.basename(source)))
            count += 1
    lab.check("there were hosts", count >= 8, count)
    return box


def run(lab):
    box = inventories(lab, "inventories/*.yaml")
    golden = sorted(glob.glob(CHECKOUT + "tests/golden/racoon/*/"))
    lab.check("there are golden files", len(golden) >= 8, len(golden))
    for folder in golden:
        accept(lab, box, folder, "golden " + os.path.basename(folder[:-1]))
