#!/usr/bin/python3
"""compile of full meshes, beside merely writing as many files of the same sizes; both end in syncfs.

Usage: compile.py MESHCTL [--sizes 10,100,500,1000] [--backend racoon] [--rounds 3] [--folder DIR]
The rounds are interleaved, and nothing is deleted before the last one: ext4 creates files slowly after a deletion."""
import argparse, os, shutil, tempfile, time
from common import Run, environment, full_mesh, median, row, syncfs


def sizes_below(folder):
    out = []
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            out.append((os.path.relpath(path, folder), os.path.getsize(path)))
    return sorted(out)


def write_as_much(folder, files):
    """The limit: the same tree, its bytes ready in memory, written by one thread."""
    block = bytes(max(size for _, size in files))
    begin = time.monotonic()
    made = set()
    for name, size in files:
        path = os.path.join(folder, name)
        parent = os.path.dirname(path)
        if parent not in made:
            os.makedirs(parent, exist_ok=True)
            made.add(parent)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(fd, memoryview(block)[:size])
        os.close(fd)
    syncfs(folder)
    return time.monotonic() - begin


def bench(meshctl, hosts, backend, rounds, folder):
    inventory = os.path.join(folder, "inventory.yaml")
    vault = os.path.join(folder, "vault")
    env = environment(folder)
    full_mesh(inventory, hosts, backend)
    Run([meshctl, "keys", "init", inventory, "--vault", vault], env=env)
    runs, writes, files = [], [], []
    for turn in range(rounds):
        out = os.path.join(folder, "out%d" % turn)
        syncfs(folder)
        runs.append(Run([meshctl, "compile", inventory, "--vault", vault, "--out", out], env=env))
        files = files or sizes_below(out)
        copy = os.path.join(folder, "copy%d" % turn)
        os.makedirs(copy)
        writes.append(write_as_much(copy, files))
    wall, cpu, peak = median([r.wall for r in runs]), median([r.cpu for r in runs]), max(r.peak for r in runs)
    size = sum(s for _, s in files) / 1e6
    row((hosts, 5), (hosts * (hosts - 1) // 2, 7), (len(files), 6), ("%.1f" % size, 8), ("%.2f" % wall, 8), ("%.2f" % cpu, 7),
        ("%.0f" % peak, 7), ("%.0f" % (size / wall), 7), ("%.2f" % median(writes), 8), ("%.2f" % (wall / median(writes)), 6))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("meshctl")
    parser.add_argument("--sizes", default="10,100,500,1000")
    parser.add_argument("--backend", default="racoon")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default=None, help="on the file system to measure")
    args = parser.parse_args()
    print("full mesh, back end %s, %d rounds, medians; peak: largest" % (args.backend, args.rounds))
    row(("hosts", 5), ("links", 7), ("files", 6), ("MB", 8), ("wall s", 8), ("CPU s", 7), ("MiB", 7), ("MB/s", 7), ("write s", 8),
        ("ratio", 6))
    for hosts in (int(n) for n in args.sizes.split(",")):
        folder = tempfile.mkdtemp(prefix="meshctl-bench-", dir=args.folder)
        try:
            bench(args.meshctl, hosts, args.backend, args.rounds, folder)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
