// A module that has no source yet still is a library.
