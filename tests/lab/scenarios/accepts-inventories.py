"""real setkey and racoon accept all inventories of the checkout and those of the how-to pages, with every host on racoon and keys of every kind"""
import glob
import importlib
import os
import re
import shutil

TIER = "full"
SECONDS = 110
TIMEOUT = 600
CHECKOUT = "/lab/src/"
# Needs keys of third parties; the golden files have what is in it.
WITH_FOREIGN_KEYS = {"gateways.yaml"}
KEY_COMMANDS = [("keys", "init"), ("keys", "make", "inventory.yaml")]


def all_racoon(text):
    return re.sub(r"backend: (strongswan|auto)\b", "backend: racoon", text)


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
    for words in KEY_COMMANDS + [("compile", "inventory.yaml", "--out", "out")]:
        done = box.run("/lab/bin/meshctl", *words, **options)
        lab.check("%s: meshctl %s" % (stem, " ".join(words[:3])), done.code == 0, done.err[-600:])
    return [(path.split("/")[-4], path) for path in sorted(glob.glob(work + "/out/*/files/etc/racoon"))]


def run(lab):
    lab.need("setkey", "racoon")
    accept = importlib.import_module("suite").load("accepts").accept
    box = lab.host("alpha", 1)
    box.write("/root/passphrase", "accepts all files\n", 0o600)
    box.write("/var/racoon/.keep", "")
    count = 0
    for source in sorted(glob.glob(CHECKOUT + "inventories/*.yaml") + glob.glob(CHECKOUT + "inventories/seeds/*.yaml")):
        if os.path.basename(source) in WITH_FOREIGN_KEYS:
            continue
        hosts = compiled(lab, box, source)
        lab.check(os.path.basename(source) + " has racoon hosts", hosts, [name for name, _ in hosts])
        for name, folder in hosts:
            accept(lab, box, folder, "%s of %s" % (name, os.path.basename(source)))
            count += 1
    lab.check("there were hosts", count >= 34, count)
