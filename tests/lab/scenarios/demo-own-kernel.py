"""a machine without a lab kernel, but with ESP in its own: the demonstration in namespaces there"""
import re
import subprocess

TIER = "full"
SECONDS = 150


def run(lab):
    """The guest plays that machine. It has too little memory for a guest of its own."""
    before = kernel()
    done = subprocess.run(["/lab/src/tests/demo/run", "--build", "/lab/bin"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout, flush=True)
    lab.equal("exit code", done.returncode, 0)
    lab.contains("the demonstration", done.stdout, "of memory is free")
    lab.contains("the demonstration", done.stdout, "Three hosts in namespaces on this machine's kernel instead.")
    proofs = re.findall(r"kernel: (\d+) packets through its SAs \| wire: (\d+) ESP, (\d+) in clear", done.stdout)
    lab.equal("proofs: three links, one, three", len(proofs), 7)
    lab.equal("what the machine itself has of it afterwards", kernel(), before)


def kernel():
    """Links, policies, SAs and mounts of the machine itself."""
    return [subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            for command in (["ip", "-o", "link"], ["ip", "xfrm", "policy"], ["ip", "xfrm", "state"], ["cat", "/proc/self/mounts"])]
