"""real setkey and racoon accept every file that meshctl emits: the golden files, which have each form of them"""
import glob
import os
import re
import shutil

TIER = "fast"
SECONDS = 25
TIMEOUT = 400
CHECKOUT = "/lab/src/"


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


def run(lab):
    lab.need("setkey", "racoon")
    box = lab.host("alpha", 1)
    box.write("/var/racoon/.keep", "")
    golden = sorted(glob.glob(CHECKOUT + "tests/golden/racoon/*/"))
    lab.check("there are golden files", len(golden) >= 8, len(golden))
    for folder in golden:
        accept(lab, box, folder, "golden " + os.path.basename(folder[:-1]))
