"""real setkey and racoon accept every file of the how-to pages' set-ups, with keys of every kind"""
import importlib

TIER = "full"
SECONDS = 60
TIMEOUT = 400


def run(lab):
    importlib.import_module("suite").load("accepts").inventories(lab, "inventories/seeds/*.yaml")
