#!/usr/bin/env python3
"""cluster.py stop|start NAME - a server of the cluster that run.py has started, for tests of what pages do without it."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent.parent / "tests" / "portal_api"))
import seed


def main():
    deed, name = sys.argv[1:]
    bin_dir = pathlib.Path(os.environ["LANEMQ_CLI"]).parent
    cluster = seed.PagesCluster(os.environ["LANEMQ_RUN_DIR"], bin_dir)
    with cluster.locked():
        if deed == "stop":
            assert cluster.stop(name), f"{name} was not running"
        else:
            assert cluster.start_server(name), f"{name} is running"


if __name__ == "__main__":
    main()
