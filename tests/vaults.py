"""The vaults of tests that are not about pass phrases open with a key file: deriving a key from a pass phrase takes 0.2 s of CPU, each time."""
OPENERS = ("apply", "compile", "destroy", "import", "keys", "plan", "resume", "rollback", "status", "validate", "verify")


def opened(key_file, words):
    """The arguments of meshctl, for a vault that this file opens. `keys init` makes the file, too."""
    return [*words, "--key-file", key_file] if words and words[0] in OPENERS else list(words)
