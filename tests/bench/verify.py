#!/usr/bin/python3
"""verify of full meshes, beside reading (cat) and hashing (sha256sum, one process a core) of the same files, all warm. The ratios are of
CPU time, user and system, so that they hold on a machine that does other things as well.

Usage: verify.py MESHCTL [--sizes 100,500,1000] [--backend racoon] [--rounds 3] [--folder DIR]
The rounds are interleaved; the files are read once before the first, so that no round waits for the disk."""
import argparse, os, shutil, tempfile
from common import Run, environment, full_mesh, median, row


def files_below(folder):
    out = []
    for at, _, names in os.walk(folder):
        out += [os.path.join(at, name) for name in names if "/files/" in at + "/"]
    return sorted(out)


def over(files, command, cores, folder):
    """`command` over all files, as many processes as cores."""
    listing = os.path.join(folder, "files.list")
    with open(listing, "w") as f:
        f.write("\0".join(files) + "\0")
    return Run(["sh", "-c", 'xargs -0 -n 64 -P %d %s < "$1" > /dev/null' % (cores, command), "sh", listing])


def bench(meshctl, hosts, backend, rounds, folder):
    inventory, vault = os.path.join(folder, "inventory.yaml"), os.path.join(folder, "vault")
    env = environment(folder)
    full_mesh(inventory, hosts, backend)
    Run([meshctl, "keys", "init", inventory, "--vault", vault], env=env)
    out = os.path.join(folder, "out")
    Run([meshctl, "compile", inventory, "--vault", vault, "--out", out], env=env)
    files = files_below(out)
    size = sum(os.path.getsize(f) for f in files) / 1e6
    cores = os.cpu_count() or 1
    over(files, "cat", cores, folder)
    runs, cats, sums = [], [], []
    for _ in range(rounds):
        runs.append(Run([meshctl, "verify", out]))  # exit code 0: clean
        cats.append(over(files, "cat", cores, folder).cpu)
        sums.append(over(files, "sha256sum", cores, folder).cpu)
    wall, cpu, peak = median([r.wall for r in runs]), median([r.cpu for r in runs]), max(r.peak for r in runs)
    row((hosts, 5), (hosts * (hosts - 1) // 2, 7), ("%.0f" % size, 6), ("%.2f" % wall, 7), ("%.2f" % cpu, 7), ("%.0f" % peak, 6),
        ("%.0f" % (size / wall), 6), ("%.2f" % median(cats), 7), ("%.2f" % median(sums), 10), ("%.1f" % (cpu / median(cats)), 7),
        ("%.1f" % (cpu / median(sums)), 9))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("meshctl")
    parser.add_argument("--sizes", default="100,500,1000")
    parser.add_argument("--backend", default="racoon")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default=None, help="where the files are written")
    args = parser.parse_args()
    print("full mesh, back end %s, %d rounds, medians; peak: largest" % (args.backend, args.rounds))
    row(("hosts", 5), ("links", 7), ("MB", 6), ("wall s", 7), ("CPU s", 7), ("MiB", 6), ("MB/s", 6), ("cat CPU", 7),
        ("sha256 CPU", 10), ("to cat", 7), ("to sha256", 9))
    for hosts in (int(n) for n in args.sizes.split(",")):
        folder = tempfile.mkdtemp(prefix="meshctl-bench-", dir=args.folder)
        try:
            bench(args.meshctl, hosts, args.backend, args.rounds, folder)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
