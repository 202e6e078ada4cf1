"""A small provider of identities, which does as it should until a test tells it not to."""

import base64
import hashlib
import hmac
import http.server
import json
import secrets
import ssl
import threading
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

LOOPBACK = "127.0.0.1"
CLIENT_ID = "lanemq portal"
CLIENT_SECRET = "canary&secret/of the client"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size=None):
    return base64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Key:
    """`kid` names it; RSA or P-256."""

    def __init__(self, kid, is_rsa=True):
        self.kid, self.is_rsa = kid, is_rsa
        self.private = rsa.generate_private_key(65537, 2048) if is_rsa else ec.generate_private_key(ec.SECP256R1())

    @property
    def alg(self):
        return "RS256" if self.is_rsa else "ES256"

    def jwk(self):
        numbers = self.private.public_key().public_numbers()
        common = {"kid": self.kid, "use": "sig", "alg": self.alg}
        if self.is_rsa:
            return {**common, "kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
        return {**common, "kty": "EC", "crv": "P-256", "x": number(numbers.x, 32), "y": number(numbers.y, 32)}

    def public_pem(self):
        return self.private.public_key().public_bytes(serialization.Encoding.PEM,
                                                      serialization.PublicFormat.SubjectPublicKeyInfo)

    def signature(self, data):
        if self.is_rsa:
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = utils.decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def sign(self, claims, alg=None):
        """`alg`: as it should not: "none", or "HS256" with the public key as the secret."""
        alg = alg or self.alg
        head = base64url(json.dumps({"alg": alg, "kid": self.kid, "typ": "JWT"}).encode())
        data = f"{head}.{base64url(json.dumps(claims).encode())}"
        if alg == "none":
            return data + "."
        if alg == "HS256":
            return f"{data}.{base64url(hmac.digest(self.public_pem(), data.encode(), 'sha256'))}"
        return f"{data}.{base64url(self.signature(data.encode()))}"


class Provider:
    """HTTPS on a port of its own, with the certificate of the cluster's servers. A context manager."""

    def __init__(self, certificate, key):
        self.key = Key("k1")
        self.published = [self.key]
        self.sub = "ann"
        self.changes = {}  # Of the claims; None takes one away.
        self.alg = None
        self.codes = {}  # Code to what it was asked with.
        self.given = []  # Codes and tokens: secrets, which no log may have.
        self.faults = []
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, key)
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                provider.get(self)

            def do_POST(self):  # noqa: N802
                provider.post(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self.server.socket = self.tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.server.handle_error = lambda *_: None
        self.issuer = f"https://{LOOPBACK}:{self.server.server_address[1]}/realm"

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @staticmethod
    def answer(request, status, body=None, location=None):
        data = json.dumps(body).encode() if body is not None else b""
        request.send_response(status)
        if location:
            request.send_header("Location", location)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def get(self, request):
        path, _, query = request.path.partition("?")
        if path == "/realm/.well-known/openid-configuration":
            return self.answer(request, 200, {
                "issuer": self.issuer, "authorization_endpoint": self.issuer + "/authorize",
                "token_endpoint": self.issuer + "/token", "jwks_uri": self.issuer + "/keys"})
        if path == "/realm/keys":
            return self.answer(request, 200, {"keys": [key.jwk() for key in self.published]})
        if path == "/realm/authorize":
            return self.authorize(request, dict(urllib.parse.parse_qsl(query)))
        return self.answer(request, 404)

    def authorize(self, request, asked):
        wanted = {"response_type": "code", "client_id": CLIENT_ID, "code_challenge_method": "S256"}
        self.faults += [f"{name} is {asked.get(name)}" for name, value in wanted.items() if asked.get(name) != value]
        code = secrets.token_urlsafe(24)
        self.given += [code]
        self.codes[code] = asked
        back = urllib.parse.urlencode({"code": code, "state": asked["state"]})
        return self.answer(request, 302, location=f"{asked['redirect_uri']}?{back}")

    def post(self, request):
        form = dict(urllib.parse.parse_qsl(request.rfile.read(int(request.headers["Content-Length"])).decode()))
        asked = self.codes.pop(form.get("code"), None)
        password = ":".join(urllib.parse.quote(text, safe="") for text in (CLIENT_ID, CLIENT_SECRET))
        known = "Basic " + base64.b64encode(password.encode()).decode()
        challenge = base64url(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if request.headers["Authorization"] != known:
            return self.answer(request, 401, {"error": "invalid_client"})
        if not asked or challenge != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return self.answer(request, 400, {"error": "invalid_grant"})
        token = self.token(asked["nonce"])
        self.given += [token, form["code_verifier"]]
        return self.answer(request, 200, {"access_token": "not looked at", "token_type": "Bearer", "id_token": token})

    def token(self, nonce):
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": self.sub, "aud": CLIENT_ID, "exp": now + 300, "iat": now, "nonce": nonce}
        claims.update(self.changes)
        return self.key.sign({name: value for name, value in claims.items() if value is not None}, self.alg)
