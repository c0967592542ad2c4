"""Debian 13: swanctl, charon 6.0 and iproute2 take every file that meshctl emits: the golden files and the lab's inventories"""
from swan_files import accept_all

TIER = "full"
SECONDS = 60
TIMEOUT = 400


def run(lab):
    accept_all(lab, lab.need_root("trixie"))
