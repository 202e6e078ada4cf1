"""A private cluster whose servers ask who is there, beside local_cluster.py, whose servers ask nobody."""

from local_cluster import ClusterError, LocalCluster


class GuardedCluster(LocalCluster):
    """The first admin's token is made by the metaserver; those of the other servers with it."""

    portal_flags = ()

    @property
    def setup_token(self):
        return self.run_dir / "setup.token"

    def token_of(self, service, kind):
        """The file with the token of a service, which is made with it when there is none."""
        path = self.run_dir / f"{service}.token"
        if not path.exists():
            for words in [["service", "put", service, "--kind", kind], ["token", "issue", service, "--output-file", str(path)]]:
                done = self.cli(*words)
                if done.returncode != 0:
                    raise ClusterError(f"lanemq {' '.join(words)}: {done.stderr.decode(errors='replace').strip()}")
        return path

    def launch(self, name, argv):
        flags = [] if name in ("portal", "canary") else ["--auth=token"]
        if name == "metaserver":
            flags.append(f"--setup-token-file={self.setup_token}")
        elif name == "portal":
            flags.append(f"--token-file={self.token_of('portal', 'gateway')}")
        else:
            flags.append(f"--token-file={self.token_of('servers', 'server')}")
        return super().launch(name, [*argv, *flags])

    def cli_command(self, *arguments):
        """As the first admin; a later --token-file is somebody else, and an empty one nobody."""
        program, bootstrap, *rest = super().cli_command(*arguments)
        flags = [] if "--token-file=" in rest else [f"--token-file={self.setup_token}"]
        return [program, bootstrap, *flags, *(word for word in rest if word != "--token-file=")]
