"""A private cluster whose servers ask who is there, beside local_cluster.py, whose servers ask nobody."""

import os
import secrets

from local_cluster import DEMO_NAMES, LocalCluster

PASSWORD_BYTES = 18


def write_secret(path, text):
    """For its owner's eyes alone."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")


class GuardedCluster(LocalCluster):
    """The first admin's token is made by the metaserver; those of the other servers with it."""

    portal_flags = ()
    demo_person = None  # Whom one click signs in at the portal.

    @property
    def setup_token(self):
        return self.run_dir / "setup.token"

    def token_of(self, service, kind):
        """The file with the token of a service, which is made with it when there is none."""
        path = self.run_dir / f"{service}.token"
        if not path.exists():
            for words in [["service", "put", service, "--kind", kind], ["token", "issue", service, "--output-file", str(path)]]:
                self.must(*words)
        return path

    def password_file(self, person):
        """The file with the password that a person has, or is to have."""
        path = self.run_dir / f"{person}.password"
        if not path.exists():
            write_secret(path, secrets.token_urlsafe(PASSWORD_BYTES))
        return path

    def launch(self, name, argv):
        if name in DEMO_NAMES:
            return super().launch(name, argv)
        flags = [] if name in ("portal", "canary") else ["--auth=token"]
        if name == "metaserver":
            flags.append(f"--setup-token-file={self.setup_token}")
        elif name == "portal":
            flags.append(f"--token-file={self.token_of('portal', 'gateway')}")
            if self.demo_person:
                flags += [f"--demo-person={self.demo_person}", f"--demo-password-file={self.password_file(self.demo_person)}"]
        else:
            flags.append(f"--token-file={self.token_of('servers', 'server')}")
        return super().launch(name, [*argv, *flags])

    def cli_command(self, *arguments):
        """As the first admin; a later --token-file is somebody else, and an empty one nobody."""
        program, bootstrap, *rest = super().cli_command(*arguments)
        flags = [] if "--token-file=" in rest else [f"--token-file={self.setup_token}"]
        return [program, bootstrap, *flags, *(word for word in rest if word != "--token-file=")]
