"""racoon towards a Windows host, played as in windows-peer"""
import importlib

TIER = "full"
SECONDS = 90
TIMEOUT = 300


def run(lab):
    lab.need("setkey", "racoon")
    importlib.import_module("suite").load("windows-peer").run(lab, "windows-peer-racoon")
