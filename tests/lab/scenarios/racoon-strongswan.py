"""one racoon and one strongSwan host over IKEv1: ESP over both families, a change and a rollback"""
import importlib

TIER = "fast"
SECONDS = 60
TIMEOUT = 240


def run(lab):
    importlib.import_module("suite").load("racoon-pair").run(lab, "mixed")
