"""A browser as far as login needs one, and the session cookies that it keeps, opened and made."""
import base64
import ctypes
import ctypes.util
import datetime
import email.utils
import json
import os
import urllib.parse

SESSION = "kiali-token-Kubernetes"
COUNT = "kiali-token-chunks-Kubernetes"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Cookie:
    """One Set-Cookie line."""

    def __init__(self, line):
        pair, *attributes = line.split("; ")
        self.name, _, self.value = pair.partition("=")
        self.flags = {name.lower(): value for name, _, value in (a.partition("=") for a in attributes)}

    def ended(self):
        return self.flags.get("max-age") == "0"

    def expires(self):
        return email.utils.parsedate_to_datetime(self.flags["expires"])


def cookies_in(answer):
    return [Cookie(line) for line in answer.headers.get_all("Set-Cookie", [])]


class Visitor:
    """Asks one console and keeps its cookies as a browser does. `api` judges every answer."""

    def __init__(self, api, token=None):
        self.api = api
        self.cookies = {}
        if token is not None:
            self.login(token)

    def get(self, path, status=200, method="GET", headers=None, body=None, **parameters):
        sent = dict(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.api.get(path, status, method, sent, body, **parameters)
        for cookie in cookies_in(answer):
            if cookie.ended():
                self.cookies.pop(cookie.name, None)
            else:
                self.cookies[cookie.name] = cookie.value
        return answer

    def login(self, token, status=200, headers=None):
        form = urllib.parse.urlencode({"token": token})
        return self.get("/api/authenticate", status, "POST", {**FORM, **(headers or {})}, form)

    def info(self):
        return self.get("/api/auth/info").json()["sessionInfo"]

    def namespaces(self, **how):
        return [one["name"] for one in self.get("/api/namespaces", **how).json()]

    def session(self, key):
        """What the session cookies say."""
        count = int(self.cookies.get(COUNT, 1))
        names = [SESSION] + [f"{SESSION}-{index}" for index in range(1, count)]
        text = "".join(self.cookies[name] for name in names)
        return json.loads(open_sealed(key, base64.b64decode(text, validate=True)))


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def web_token(user, **claims):
    """A token of the simulated cluster that is a JSON web token."""
    def part(text):
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    head = part(json.dumps({"alg": "none"}))
    body = part(json.dumps({"sub": f"system:serviceaccount:demo:{user}", **claims}))
    return f"{head}.{body}.{part('demo')}"


def kialis_session(token, expires, strategy="token", cluster="Kubernetes"):
    """The text that Kiali seals; `expires` as Go writes it."""
    return json.dumps({
        "cluster": cluster, "expiresOn": expires, "payload": {"token": token},
        "sessionId": "8e6f6a2c-0d8f-4b52-9d4e-0a3f5b1c7d10", "strategy": strategy,
    })


def rfc3339(seconds_from_now):
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds_from_now)
    return time.strftime("%Y-%m-%dT%H:%M:%S.%f") + "789Z"


def _crypto():
    """OpenSSL's library: Python's own has no AES."""
    lib = ctypes.CDLL(ctypes.util.find_library("crypto"))
    lib.EVP_CIPHER_CTX_new.restype = ctypes.c_void_p
    for name in ("EVP_aes_128_gcm", "EVP_aes_192_gcm", "EVP_aes_256_gcm"):
        getattr(lib, name).restype = ctypes.c_void_p
    return lib


_LIB = _crypto()
_GET_TAG, _SET_TAG = 0x10, 0x11


def _gcm(key, nonce, text, encrypts, tag):
    cipher = getattr(_LIB, f"EVP_aes_{len(key) * 8}_gcm")
    context = ctypes.c_void_p(_LIB.EVP_CIPHER_CTX_new())
    try:
        _LIB.EVP_CipherInit_ex(context, ctypes.c_void_p(cipher()), None, key, nonce, int(encrypts))
        out = ctypes.create_string_buffer(len(text) + 16)
        size, rest = ctypes.c_int(), ctypes.c_int()
        _LIB.EVP_CipherUpdate(context, out, ctypes.byref(size), text, len(text))
        if not encrypts:
            _LIB.EVP_CIPHER_CTX_ctrl(context, _SET_TAG, 16, tag)
        good = _LIB.EVP_CipherFinal_ex(context, ctypes.byref(out, size.value), ctypes.byref(rest))
        assert good == 1, "another key sealed this, or it was changed"
        if encrypts:
            _LIB.EVP_CIPHER_CTX_ctrl(context, _GET_TAG, 16, tag)
        return out.raw[:size.value]
    finally:
        _LIB.EVP_CIPHER_CTX_free(context)


def seal(key, text):
    """Kiali's layout: nonce, ciphertext, tag."""
    nonce, tag = os.urandom(12), ctypes.create_string_buffer(16)
    sealed = _gcm(key.encode(), nonce, text.encode(), True, tag)
    return nonce + sealed + tag.raw


def open_sealed(key, sealed):
    tag = ctypes.create_string_buffer(sealed[-16:], 16)
    return _gcm(key.encode(), sealed[:12], sealed[12:-16], False, tag).decode()
