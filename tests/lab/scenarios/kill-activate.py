"""kill -9 of meshctl while it activates: all hosts go back to the old generation by themselves, no leak"""
import importlib

TIER = "fast"
SECONDS = 70


def run(lab):
    importlib.import_module("suite").load("kill-early").run(lab, ["activate"])
