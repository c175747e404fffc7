"""conf/compose.yaml: valid by the Compose Specification's schema, and what it promises holds."""

import hashlib
import re
import subprocess

import pytest
import yaml
from compose_spec import ComposeSpecification, PyCompose

from app import create_app
from tests.conftest import ROOT

TEXT = (ROOT / "conf" / "compose.yaml").read_text(encoding="utf-8")
TLS = (ROOT / "conf" / "compose.tls.yaml").read_text(encoding="utf-8")
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::([-?])([^}]*))?\}")
SECRETS = {"SECRET_KEY", "MONGO_ROOT_PASSWORD", "MONGO_PASSWORD", "REDIS_PASSWORD"}


def interpolated(text=TEXT, **given):
    """What a file says with its variables, as Compose reads it; KeyError for a required one."""

    def value(match):
        name, sort, rest = match.groups()
        if given.get(name):
            return given[name]
        if sort == "-":
            return rest
        raise KeyError(name)

    def walked(part):
        if isinstance(part, dict):
            return {key: walked(below) for key, below in part.items()}
        if isinstance(part, list):
            return [walked(below) for below in part]
        return VARIABLE.sub(value, part).replace("$$", "$") if isinstance(part, str) else part

    return walked(yaml.safe_load(text))


GIVEN = {name: hashlib.sha256(name.encode()).hexdigest() for name in SECRETS} | {
    "PKYX_URL": "https://wiki.example.org"
}


@pytest.fixture(scope="module")
def compose():
    return interpolated(**GIVEN)


def test_it_is_valid_by_the_schema_and_by_a_second_reader(compose):
    ComposeSpecification.model_validate(compose)
    # This reader allows a tag or a digest; of both, Docker goes by the digest.
    PyCompose.from_yaml(re.sub(r"(image: \w+):[^@\s]+@", r"\1@", yaml.safe_dump(compose)))


def test_tls_is_switched_on_as_without_docker():
    with pytest.raises(KeyError, match="TLS_FOLDER"):
        interpolated(TLS)
    added = interpolated(TLS, TLS_FOLDER="/etc/ssl/pkyx")
    ComposeSpecification.model_validate(added)
    (nginx,) = added["services"].values()
    assert nginx["volumes"] == ["/etc/ssl/pkyx:/etc/ssl/pkyx:ro"]
    program = nginx["command"][2].partition(" > ")[0].replace("/etc/pkyx/", f"{ROOT}/conf/")
    seen = subprocess.run(["/bin/sh", "-c", program], capture_output=True, text=True, check=True).stdout
    assert "server app:5000 " in seen and not re.search(r"(?m)^ *#tls |#plain$", seen)
    assert "listen 443 ssl" in seen and seen.count("{") == seen.count("}")


@pytest.mark.parametrize("missing", sorted(GIVEN))
def test_it_does_not_start_without_what_has_no_default(missing):
    with pytest.raises(KeyError, match=missing):
        interpolated(**{name: value for name, value in GIVEN.items() if name != missing})


def test_no_secret_has_a_default_anywhere():
    sorts = {name: sort for name, sort, _ in VARIABLE.findall(TEXT) if name in SECRETS}
    assert sorts == dict.fromkeys(SECRETS, "?")
    example = (ROOT / "conf" / "compose.environment.example").read_text(encoding="utf-8")
    given = dict(line.split("=", 1) for line in example.splitlines() if line and not line.startswith("#"))
    assert given == dict.fromkeys(GIVEN, "")


def test_every_service_is_confined(compose):
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name


def test_only_nginx_is_reachable_and_databases_reach_nobody(compose):
    services = compose["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("mongo1", "mongo2", "mongo3", "redis", "replica-set"):
        assert services[name]["networks"] == ["inside"], name
    assert services["nginx"]["networks"] == ["outside"]


def test_every_service_that_stays_is_checked_and_waited_for(compose):
    services = compose["services"]
    for name, service in services.items():
        passing = service["healthcheck"].get("disable", False)
        assert passing == (name in ("assets", "replica-set")), name
        for other, wait in service.get("depends_on", {}).items():
            ends = services[other]["healthcheck"].get("disable", False)
            expected = "service_completed_successfully" if ends else "service_healthy"
            assert wait == {"condition": expected}, (name, other)


def test_images_are_pinned_by_version_and_digest(compose):
    named = [service["image"] for service in compose["services"].values() if "build" not in service]
    named += re.findall(r"^ARG PYTHON=(.+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {image.partition(":")[0] for image in named} == {"mongo", "nginx", "python", "redis"}
    for image in named:
        assert re.fullmatch(r"\w+:\d+\.\d+\.\d+(-[a-z-]+)?@sha256:[0-9a-f]{64}", image), image


def test_the_site_starts_with_what_it_is_told(compose, monkeypatch, tmp_path):
    for name, value in compose["services"]["app"]["environment"].items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("PKYX_DATA", str(tmp_path))
    app = create_app()
    assert app.config["MONGO_URI"].startswith(
        f"mongodb://pkyx:{GIVEN['MONGO_PASSWORD']}@mongo1,mongo2,mongo3/"
    )
    assert app.config["PKYX_TRUSTED_PROXIES"] == 1
    assert app.config["PKYX_ENV"] == "production"


def test_what_is_mounted_and_replaced_exists(compose):
    nginx = (ROOT / "conf" / "nginx.conf").read_text(encoding="utf-8")
    old = re.search(r"sed 's/([^/]+)/", " ".join(compose["services"]["nginx"]["command"])).group(1)
    assert nginx.count(old) == 1
    assert "root /var/www/pkyx;" in nginx
    assert (ROOT / "conf" / "replica_set.py").is_file()
