"""The broker that is shipped: `config/mosquitto.conf` and `config/acl` themselves, with paths and ports of a test.

What stands there behind marks (the TLS listeners, people and systems) is switched on by removing the marks, as the
files tell people to do. Certificates are made here, by an authority of the test's own.
"""

import re
import shutil
import ssl
import subprocess
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple, Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.servers import SHIPPED_CONF, Mosquitto, free_port, mosquitto_program

ANSWER_S = 10


class Certificate(NamedTuple):
    """A certificate and its key."""

    file: Path
    key: Path


class Authority:
    """Issues certificates; `ca_file` is what trusts them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.ca_file = folder / "ca.crt"
        self._key = folder / "ca.key"
        signs = "-addext", "keyUsage=critical,keyCertSign,cRLSign"
        _openssl("req", "-x509", *_NEW, self._key, *signs, "-days", "90", "-subj", "/CN=tests", "-out", self.ca_file)

    def issue(self, name: str, *, server: bool = False, days: int = 60) -> Certificate:
        """Issue a certificate whose common name is a login, or a server's for `localhost`; it ends after `days`."""
        made = Certificate(self._folder / f"{name}.crt", self._folder / f"{name}.key")
        request, names = self._folder / f"{name}.csr", self._folder / "names"
        _openssl("req", *_NEW, made.key, "-subj", f"/CN={name}", "-out", request)
        use = "subjectAltName=DNS:localhost" if server else "extendedKeyUsage=clientAuth"
        names.write_text(f"authorityKeyIdentifier=keyid\n{use}\n")
        signed = ("-CA", self.ca_file, "-CAkey", self._key, "-CAcreateserial", "-days", str(days), "-extfile", names)
        _openssl("x509", "-req", "-in", request, *signed, "-out", made.file)
        return made


_NEW = "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class ShippedBroker(Mosquitto):
    """The shipped broker with logins; its listeners are `port`, `tls_port` and `certificate_port`.

    All marks are removed, unless it is to run `as_is`; `access` is added to the access list.
    """

    def __init__(self, folder: Path, logins: Mapping[str, str], *, access: str = "", as_is: bool = False) -> None:
        self.authority = Authority(folder / "certs")
        server = self.authority.issue("localhost", server=True)
        shutil.copy(server.file, folder / "certs" / "server.crt")
        shutil.copy(server.key, folder / "certs" / "server.key")
        self.tls_port, self.certificate_port = free_port(), free_port()
        _write_passwords(folder / "passwd", logins)
        rights, text = SHIPPED_CONF.with_name("acl").read_text(), SHIPPED_CONF.read_text()
        if not as_is:
            rights, text = unmarked(rights), unmarked(text)
        (folder / "acl").write_text(f"{rights}\n{access}")
        for shipped, here in (
            ("/var/lib/mosquitto/", f"{folder}/"),
            ("/etc/mosquitto/", f"{folder}/"),
            ("listener 1883 ", "listener {port} "),
            ("listener 8883\n", f"listener {self.tls_port} 127.0.0.1\n"),
            ("listener 8884\n", f"listener {self.certificate_port} 127.0.0.1\n"),
        ):
            assert shipped in text or as_is, shipped
            text = text.replace(shipped, here)
        super().__init__(text)

    @property
    def tls_url(self) -> str:
        """Where logins are asked for, over TLS."""
        return f"mqtts://localhost:{self.tls_port}"

    @property
    def certificate_url(self) -> str:
        """Where certificates are asked for."""
        return f"mqtts://localhost:{self.certificate_port}"


def unmarked(text: str) -> str:
    """Remove the marks of what is shipped switched off: a mark without a space after it."""
    return re.sub(r"^#(?=\S)", "", text, flags=re.MULTILINE)


def _write_passwords(file: Path, logins: Mapping[str, str]) -> None:
    file.write_text("".join(f"{login}:{password}\n" for login, password in logins.items()), encoding="utf-8")
    program = mosquitto_program()
    found = shutil.which("mosquitto_passwd") or shutil.which(
        "mosquitto_passwd", path=f"{program.parent}:{program.parent.parent / 'bin'}"
    )
    assert found, "mosquitto_passwd comes with Mosquitto"
    subprocess.run([found, "-U", file], check=True)


class Speaker:
    """A client with a login, which is its password as well, or with a certificate; and what reaches it."""

    def __init__(
        self,
        broker: Mosquitto,
        login: str,
        password: str = "",
        client_id: str = "anything",
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._came: SimpleQueue[tuple[str, str]] = SimpleQueue()
        self._news: SimpleQueue[str] = SimpleQueue()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, reconnect_on_failure=False)
        if login:
            self._client.username_pw_set(login, password or login)
        if tls is not None:
            self._client.tls_set_context(tls)
        self._client.on_connect = lambda _client, _data, _flags, reason, _properties: self._news.put(str(reason))
        self._client.on_disconnect = lambda _client, _data, _flags, _reason, _properties: self._news.put("disconnected")
        self._client.on_subscribe = lambda _client, _data, _mid, _reasons, _properties: self._news.put("subscribed")
        self._client.on_message = self._hear
        self._client.connect("localhost" if tls else "127.0.0.1", port or broker.port)
        self._client.loop_start()
        self.answer = self._news.get(timeout=ANSWER_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def subscribe(self, *filters: str) -> None:
        """Subscribe and wait for the answer, which MQTT 3.1.1 gives to denied filters as well."""
        self._client.subscribe([(topic, 1) for topic in filters])
        assert self.news() == "subscribed"

    def say(self, *messages: tuple[str, str]) -> None:
        """Publish and wait for the acknowledgements, which MQTT 3.1.1 gives to denied messages as well."""
        for topic, payload in messages:
            self._client.publish(topic, payload, qos=1).wait_for_publish(ANSWER_S)

    def news(self) -> str:
        """Wait for what happens next to the connection."""
        return self._news.get(timeout=ANSWER_S)

    def hears_until(self, last: tuple[str, str]) -> list[tuple[str, str]]:
        """Return the messages that came, up to and with the last one."""
        came = [self._came.get(timeout=ANSWER_S)]
        while came[-1] != last:
            came.append(self._came.get(timeout=ANSWER_S))
        return came

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._came.put((message.topic, message.payload.decode()))
