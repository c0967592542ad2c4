"""manual keys, setkey at one end and ip xfrm at the other: a tunnel, and AH around ESP"""
import importlib

TIER = "full"
SECONDS = 60
TIMEOUT = 320


def run(lab):
    lab.need("setkey", "racoon")
    importlib.import_module("suite").load("racoon-manual").traffic(lab, lab.mesh("racoon-strongswan-manual"))
