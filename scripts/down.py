#!/usr/bin/env python3
"""./dev down: stops the cluster that ./dev up started."""

import argparse
import pathlib
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from local_cluster import ClusterError, LocalCluster, near

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main(argv):
    parser = argparse.ArgumentParser(prog="./dev down", description="Stops what ./dev up started. The data stays.")
    parser.add_argument("--purge", action="store_true", help="remove the data, logs and state too")
    parser.add_argument("--run-dir", type=pathlib.Path, default=ROOT / ".run", metavar="DIR",
                        help="where ./dev up put them (default: .run)")
    options = parser.parse_args(argv)
    run_dir = options.run_dir.resolve()
    if not run_dir.exists():
        print("Nothing is running.")
        return 0
    # --purge must not remove a folder that somebody named by mistake.
    if options.purge and not (run_dir / "state.json").exists() and any(run_dir.iterdir()):
        print(f"./dev down: {run_dir} has no state.json: not a folder of ./dev up, not removed", file=sys.stderr)
        return 1
    try:
        cluster = LocalCluster(run_dir, ROOT / "build" / "release" / "bin")
        with cluster.locked():
            stopped = 0
            # Clients first, then brokers: they leave the registry while the metaserver still listens.
            for name in [*reversed(cluster.all_names()), "database"]:
                began = time.monotonic()
                if cluster.database.stop() if name == "database" else cluster.stop(name):
                    stopped += 1
                    print(f"  {name.replace('-', ' '):<11} stopped {time.monotonic() - began:54.1f} s", flush=True)
            if options.purge:
                shutil.rmtree(run_dir)
        shown = near(run_dir)
        print(f"{'Stopped' if stopped else 'Nothing was running'}; "
              + (f"{shown} is removed." if options.purge else f"the data stays in {shown}."))
        return 0
    except ClusterError as error:
        print(f"./dev down: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
