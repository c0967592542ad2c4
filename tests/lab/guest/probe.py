"""For check_launcher.py: ends with a given status, or makes a host and sleeps."""
import time

from lab import Lab


def main(arguments):
    if arguments[0] == "exit":
        return int(arguments[1])
    Lab("/out").host("alpha", 1)
    print("sleeping", flush=True)
    time.sleep(600)
