"""The configuration: `config/gateway.toml`, overridden by the environment, overridden by options.

Environment variables are `BACKFLUSH_SECTION__KEY`. Unknown keys are errors. Secrets come from files or the
environment and are never printed: `without_secrets` may be.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from devices.barcodes.patterns import fault_of
from devices.filters import is_filter, matches
from devices.plain import plain
from devices.sources.source import ForeignSource
from gateway.addresses import has_password, of_file, public
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.schedules import parse_schedule
from gateway.backflush.values.names import quote
from gateway.backflush.values.window_policy import parse_window
from gateway.errors import UsageError
from gateway.files import read_secret, read_text
from gateway.sections import A_YEAR_S, Age, BoardSection, Section, SourceSection, Verb, WebSection, parse_size

PREFIX = "BACKFLUSH_"
DEFAULT_FILE = Path("config/gateway.toml")
_LARGEST = 1 << 62


def _window(value: str) -> str:
    policy = parse_window(value)
    if policy is None or policy.holds_nothing:
        raise ValueError(f"expected reading, 100pc, 30s, shift or scan, got {value!r}")
    return value


def _schedule(value: str) -> str:
    if parse_schedule(value) is None:
        raise ValueError(f"expected 60s, at 22:00, shift, 500 rows or demand, got {value!r}")
    return value


class GatewaySection(Section):
    """The gateway's identity, its data directory and its lines."""

    id: str = Field("gw1", pattern=r"^[A-Za-z0-9_.-]{1,40}$")
    data_dir: Path = Path("data")
    lines: list[str] = Field(["*"], min_length=1)
    lease_s: int = Field(30, ge=3, le=A_YEAR_S)
    """The time for which it keeps its lines without a sign of life."""
    standby: bool = False
    """Whether to wait for lines of another gateway, instead of ending."""


class MqttSection(Section):
    """The broker, the session, and the allowed requests."""

    url: str = "mqtt://127.0.0.1:1883"
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    client_id: str = ""
    base_topic: str = "bf/v1"
    session_expiry_s: int = Field(1_209_600, ge=0, lt=1 << 32)
    receive_maximum: int = Field(65_535, ge=1, le=65_535)
    keepalive_s: int = Field(30, ge=5, le=3600)
    allow_requests: list[Verb] = Field(["run-start", "run-stop", "work"])
    home_assistant: bool = False
    """Whether Home Assistant discovers the lines."""

    def secret(self) -> str | None:
        """Return the password, from its file or the environment; None if there is none."""
        if self.password_file is not None:
            return read_secret(self.password_file, "mqtt.password_file")
        return self.password.get_secret_value() or None


class DatabaseSection(Section):
    """The ledger's address; empty is SQLite in the data directory."""

    url: SecretStr = SecretStr("")


class PostingSection(Section):
    """The rules by which readings become documents."""

    window: Annotated[str, AfterValidator(_window)] = "1s"
    skew_s: int = Field(300, ge=1, le=A_YEAR_S)
    late_max_h: int = Field(72, ge=0, le=10 * A_YEAR_S // 3600)
    feedback_timeout_ms: int = Field(300, ge=10, le=3_600_000)
    duplicate_window_s: int = Field(3, ge=0, le=A_YEAR_S)
    worklist: Annotated[str, AfterValidator(_schedule)] = "demand"
    """The schedule of the background worklist: `60s`, `at 22:00`, `shift`, `500 rows`, `demand`."""
    open_names: list[Literal["reasons", "operators", "sales_orders"]] = Field([])
    """Kinds of names that need not be maintained in the master data."""


def _pattern(value: str) -> str:
    fault = fault_of(value)
    if fault:
        raise ValueError(fault)
    return value


class ScanSection(Section):
    """How scanned texts are read."""

    patterns: Annotated[
        list[Annotated[str, AfterValidator(_pattern)]],
        Field(max_length=20),
        BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    ] = Field([])
    """Forms of the site's own labels: regular expressions with named groups."""


class JournalSection(Section):
    """The journal's limits of time and disk space; batches that are not consumed are never pruned."""

    keep_days: int = Field(14, ge=0, le=36_500)
    max_bytes: Annotated[int, Field(ge=1 << 20, le=_LARGEST), BeforeValidator(parse_size)] | None = None
    min_free: Annotated[int, Field(ge=0, le=_LARGEST), BeforeValidator(parse_size)] = 512 << 20


class WatchSection(Section):
    """The limits above which alerts are raised."""

    worklist_age: Age = 36 * 3600
    """The seconds that an open worklist row may wait; 0: no limit."""
    backlog_age: Age = 3 * 86_400
    flaps: int = Field(6, ge=0, le=1_000_000)
    """The number of times that a device may come and go within ten minutes."""


class LogSection(Section):
    """Level and format of the log on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


def _fault_at(place: str, text: str) -> InitErrorDetails:
    return {
        "type": PydanticCustomError("value_error", "{error}", {"error": text}),
        "loc": tuple(place.split(".")),
        "input": None,
    }


class Settings(Section):
    """The whole configuration."""

    gateway: GatewaySection = GatewaySection()
    mqtt: MqttSection = MqttSection()
    database: DatabaseSection = DatabaseSection()
    posting: PostingSection = PostingSection()
    scan: ScanSection = ScanSection()
    source: list[SourceSection] = Field([], max_length=200)
    journal: JournalSection = JournalSection()
    watch: WatchSection = WatchSection()
    web: WebSection = WebSection()
    board: BoardSection = BoardSection()
    log: LogSection = LogSection()

    def _may_answer(self, source: SourceSection) -> bool:
        """Return whether answers may go to the topic of a source: no source, and not the gateway, hears it."""
        heard = (f"{self.mqtt.base_topic}/#", *(other.filter for other in self.source))
        is_topic = is_filter(source.answers) and not set(source.answers) & set("+#")
        return source.decoder == "proglove" and is_topic and not any(matches(each, source.answers) for each in heard)

    @model_validator(mode="after")
    def _sources_agree(self) -> Self:
        """Refuse sources with a fault, or that overlap: a message has one meaning."""
        if not self.source:
            return self
        from devices.sources.judge import faults as faults_of  # noqa: PLC0415 - loads all decoders

        found = [(f"{f.source}.{f.setting}", f.text) for f in faults_of(self.sources, self.mqtt.base_topic)]
        logins = {self.mqtt.username, self.client_id}
        for number, source in enumerate(self.source):
            if source.has_login and not source.host:
                text = "expected a login with a host alone, which has a connection of its own"
                found.append((f"{number}.username", text))
            if source.answers and not self._may_answer(source):
                text = "expected one topic, for proglove alone, outside the base topic and every source"
                found.append((f"{number}.answers", f"{text}, got {quote(source.answers)}"))
            if source.username and source.username in logins:
                text = f"{source.username} is that of another connection of this gateway, and would disconnect it"
                found.append((f"{number}.username", text))
            logins.add(source.username)
        if found:
            raise ValidationError.from_exception_data("Settings", [_fault_at(f"source.{f[0]}", f[1]) for f in found])
        return self

    @property
    def sources(self) -> tuple[ForeignSource, ...]:
        """The sources, as values."""
        return tuple(section.source for section in self.source)

    @property
    def logins(self) -> dict[str, MqttSection | SourceSection]:
        """The logins of the gateway and of its host applications, by the section that names each."""
        hosts = {f"source.{number}": source for number, source in enumerate(self.source) if source.host}
        return {"mqtt": self.mqtt, **hosts}

    @property
    def certificates(self) -> dict[str, Path]:
        """The certificates that it shows or trusts, by setting."""
        files = {f"{place}.cert_file": login.cert_file for place, login in self.logins.items()}
        return {setting: file for setting, file in {"mqtt.ca_file": self.mqtt.ca_file, **files}.items() if file}

    @property
    def database_url(self) -> str:
        """The ledger's address; the default is a SQLite file in the data directory."""
        configured = self.database.url.get_secret_value()
        return configured or of_file(self.gateway.data_dir / "ledger.sqlite")

    @property
    def journal_path(self) -> Path:
        """The journal's file."""
        return self.gateway.data_dir / "journal.sqlite"

    @property
    def checkpoints_path(self) -> Path:
        """The folder of the ledger's checkpoints."""
        return self.gateway.data_dir / "checkpoints"

    @property
    def control_path(self) -> Path:
        """The socket for commands to the running gateway."""
        return self.gateway.data_dir / "control.sock"

    @property
    def web_path(self) -> Path:
        """The socket for the requests of the web process, if it has one of its own."""
        return self.web.socket or self.gateway.data_dir / "web.sock"

    @property
    def accounts_path(self) -> Path:
        """The file of users, sessions, tokens and displays of the web process."""
        return self.gateway.data_dir / "web.sqlite"

    @property
    def client_id(self) -> str:
        """The gateway's MQTT client id."""
        return self.mqtt.client_id or f"bf-{self.gateway.id}"

    @property
    def rules(self) -> Rules:
        """The part of the configuration that decides the meaning of journal entries."""
        posting = self.posting
        return Rules(
            window=posting.window,
            skew=posting.skew_s * 1_000_000,
            late_max=posting.late_max_h * 3_600_000_000,
            duplicate_window=posting.duplicate_window_s * 1_000_000,
            worklist=posting.worklist,
            base=self.mqtt.base_topic,
            requests=tuple(sorted(self.mqtt.allow_requests)),
            lines=tuple(sorted(self.gateway.lines)),
            open_names=tuple(sorted({*posting.open_names})),
            edition=EDITION,
            patterns=tuple(self.scan.patterns),
            sources=tuple(source.text for source in self.sources),
        )

    def without_secrets(self) -> dict[str, Any]:
        """Return the configuration without its secrets."""
        shown = self.model_dump(mode="json")
        shown["mqtt"]["password"] = "***" if self.mqtt.secret() else ""
        shown["mqtt"]["url"] = public(self.mqtt.url)
        shown["database"]["url"] = public(self.database_url)
        return shown


def holds_secrets(file: Path) -> bool:
    """Return whether a configuration file itself holds a password; an unreadable one holds none."""
    try:
        said = tomllib.loads(read_text(file, "configuration"))
    except (UsageError, ValueError, RecursionError):
        return False
    mqtt, database = (part if isinstance(part, dict) else {} for part in (said.get("mqtt"), said.get("database")))
    return bool(mqtt.get("password")) or any(has_password(str(part.get("url", ""))) for part in (mqtt, database))


def load_settings(file: Path | None, options: dict[str, dict[str, Any]] | None = None) -> Settings:
    """Read the configuration; one UsageError holds every finding.

    A named file must exist; the default one need not. `options` are the command line's, by section.
    """
    path = file or DEFAULT_FILE
    try:
        return Settings.model_validate(_values(file, options or {}))
    except ValidationError as error:
        findings = [f"{place}: {text}" for place, text in faults(error)]
        raise UsageError(f"{path}: " + "; ".join(findings)) from error


def load_log(file: Path | None) -> LogSection:
    """Read the log settings even from a wrong configuration: its errors must be logged as well."""
    try:
        return LogSection.model_validate(_values(file, {}).get("log", {}))
    except (UsageError, ValidationError):
        return LogSection.model_validate(
            {k: v for k, v in _environment().get("log", {}).items() if (k, v) == ("format", "json")}
        )


def _values(file: Path | None, options: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the values of file, environment and options, section by section."""
    path = file or DEFAULT_FILE
    values: dict[str, Any] = {}
    if path.exists():
        try:
            values = tomllib.loads(read_text(path, "configuration"))
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path}: {error}") from error
    elif file is not None:
        raise UsageError(f"{path}: expected a configuration file, found none")
    for source in (_environment(), options):
        for section, keys in source.items():
            if isinstance(part := values.setdefault(section, {}), dict):  # else it is refused below
                part.update(keys)
            elif isinstance(part, list):
                values[section] = keys  # a list of tables is a matter of the file: this is refused as well
    return values


def faults(error: ValidationError) -> list[tuple[str, str]]:
    """Return the faults of settings: name and expectation of each."""
    return [(_place(each), _describe_error(each)) for each in error.errors(include_input=False, include_url=False)]


def _place(error: ErrorDetails) -> str:
    """Name the setting; an unknown one may have any name."""
    name = ".".join(map(str, error["loc"]))
    return name if name.isprintable() else ascii(name)


def _describe_error(error: ErrorDetails) -> str:
    if error["type"] in ("model_type", "model_attributes_type"):
        return f"expected a section, [{error['loc'][0]}]"
    if error["type"] != "extra_forbidden":
        return plain(error)
    meant = _variable_for(str(error["loc"][0]))
    return f"expected two underscores, {meant}" if meant else "there is no such setting"


def _variable_for(variable: str) -> str:
    """Return the intended variable for one with a single underscore; empty if there is none.

    >>> _variable_for("BACKFLUSH_MQTT_URL"), _variable_for("BACKFLUSH_FAILPOINT")
    ('BACKFLUSH_MQTT__URL', '')
    """
    section, _, key = variable.removeprefix(PREFIX).partition("_")
    field = Settings.model_fields.get(section.lower()) if variable.startswith(PREFIX) else None
    known = field is not None and key.lower() in getattr(type(field.default), "model_fields", ())
    return f"{PREFIX}{section}__{key}" if known else ""


_LISTS = {
    ("gateway", "lines"),
    ("mqtt", "allow_requests"),
    ("posting", "open_names"),
    ("web", "proxy"),
    ("web", "allow_requests"),
}


def _environment() -> dict[str, dict[str, Any]]:
    """Collect `BACKFLUSH_SECTION__KEY`; lists are comma-separated. Similar names are kept, to be refused."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in os.environ.items():
        if _variable_for(name):
            found[name] = {}
        section, separator, key = name.removeprefix(PREFIX).lower().partition("__")
        if name.startswith(PREFIX) and separator:
            is_list = (section, key) in _LISTS
            found.setdefault(section, {})[key] = (
                [v.strip() for v in value.split(",") if v.strip()] if is_list else value
            )
    return found
