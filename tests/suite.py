"""What tests/agent/run.py and tests/windows/run.py share: unittest modules run here, or side by side. Last line: `N passed, N failed, N skipped`."""
import concurrent.futures, os, subprocess, sys, unittest


def _run(names):
    """(result, ids of the tests that failed)"""
    result = unittest.TextTestRunner(stream=sys.stdout).run(unittest.defaultTestLoader.loadTestsFromNames(names))
    return result, sorted({test.id().split(" ")[0] for test, _ in result.failures + result.errors})


def run_here(names, again=False):
    """(passed, failed, skipped); names as for unittest. `again`: what fails is run once more, and only what fails twice counts."""
    result, failed = _run(names)
    if again and failed and not any(name.startswith("setUp") for name in failed):
        print("once more: " + " ".join(failed))
        failed = _run(failed)[1]
    return result.testsRun - len(failed) - len(result.skipped), len(failed), len(result.skipped)


def run_all(command, modules):
    """Each module by `COMMAND MODULE`, four to a processor: much of their time is waiting. The slowest come first."""
    total = (0, 0, 0)
    with concurrent.futures.ThreadPoolExecutor(4 * (os.cpu_count() or 1)) as pool:
        ended = pool.map(lambda name: subprocess.run(command + [name], stdout=subprocess.PIPE, text=True).stdout.splitlines(), modules)
        for name, lines in zip(modules, ended):
            print("%s\n%s" % (name, "\n".join(lines[:-1])), flush=True)
            counts = [int(word) for word in lines[-1].replace(",", "").split()[::2]] if lines and "passed" in lines[-1] else (0, 1, 0)
            total = tuple(a + b for a, b in zip(total, counts))
    return total


def report(passed, failed, skipped):
    """The exit status."""
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0
