# Replaced below.
