"""Certificates of the simulated cluster, made on the spot."""
import pathlib
import subprocess

CONFIG = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1, DNS:localhost
"""


class Authority:
    """Signs what it is asked to, for a month. `certificate`: the file that tells who may be trusted."""

    def __init__(self, folder, name="Demo cluster"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "openssl.cnf").write_text(CONFIG)
        self.certificate, self.key = self._make("authority", name, "authority")

    def server(self):
        """Files of the certificate and the key of a server on this machine."""
        return self._make("server", "localhost", "server", "-CA", self.certificate, "-CAkey", self.key)

    def _make(self, file, name, section, *signer):
        certificate, key = self.folder / f"{file}.crt", self.folder / f"{file}.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-config", self.folder / "openssl.cnf", "-extensions", section,
             "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", f"/CN={name}",
             *signer, "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )
        return certificate, key
