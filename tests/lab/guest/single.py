"""Runs one file of the checkout in the guest: the file's main(arguments) gives the exit status."""
import importlib.util

import pace


def main(arguments):
    spec = importlib.util.spec_from_file_location("single_file", "/lab/src/" + arguments[0])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pace.begin()
    return module.main(arguments[1:])
