"""racoon, all ICMP is bypassed: apply proves the links without pings, pings go in clear, TCP is ESP"""
import importlib

TIER = "full"
SECONDS = 60
TIMEOUT = 300


def run(lab):
    lab.need("setkey", "racoon")
    importlib.import_module("suite").load("bypass-icmp").run(lab, "racoon-bypass-icmp")
