import pytest

from conf.settings import ConfigurationError, load

STRONG = "kD8f_2mQx-71LrTzVbN4wYcHs9EgJuPa"


def test_without_variables_it_is_a_person_s_own_machine():
    config = load({})
    assert (config["PKYX_ENV"], config["PKYX_URL"]) == ("development", "http://127.0.0.1:5000")


def test_an_empty_variable_counts_as_unset():
    assert load({"PORT": "", "MONGO_URI": ""})["PORT"] == 5000


def test_variables_override_defaults_and_code_overrides_variables():
    assert load({"PORT": "8080"})["PORT"] == 8080
    assert load({"PORT": "8080"}, {"PORT": 9090})["PORT"] == 9090


def test_the_public_address_follows_host_and_port_unless_it_is_given():
    assert load({"HOST": "0.0.0.0", "PORT": "80"})["PKYX_URL"] == "http://127.0.0.1:80"
    assert load({"HOST": "::1", "PORT": "80"})["PKYX_URL"] == "http://[::1]:80"
    assert load({"PKYX_URL": "https://wiki.example.org/"})["PKYX_URL"] == "https://wiki.example.org"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("PORT", "٥"),
        ("PKYX_ENV", "staging"),
        ("PKYX_URL", "wiki.example.org"),
        ("PKYX_URL", "https://"),
        ("PKYX_URL", "HTTPS://wiki.example.org"),
        ("PKYX_URL", "https://wiki.example.org:port"),
        ("PKYX_URL", "https://wiki example.org"),
        ("PKYX_URL", "https://ada@wiki.example.org"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "redis://"),
        ("PKYX_READ_ONLY", "perhaps"),
        ("MONGO_URI", "localhost:27017"),
        ("LOG_LEVEL", "LOUD"),
        ("PKYX_TRUSTED_PROXIES", "-1"),
        ("PKYX_PROXY_ADDRESSES", "10.0.0.0/8,proxy.example.org"),
    ],
)
def test_a_value_that_cannot_work_is_named_in_one_line(variable, value):
    with pytest.raises(ConfigurationError, match=variable) as raised:
        load({variable: value})
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("key", ["", "short", "a" * 64, "secret" * 10])
def test_production_refuses_a_missing_or_weak_key(key):
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        load({"PKYX_ENV": "production", "SECRET_KEY": key})


def test_production_takes_a_strong_key():
    assert load({"PKYX_ENV": "production", "SECRET_KEY": STRONG})["SECRET_KEY"] == STRONG


def test_rate_limits_are_shared_where_there_is_redis():
    config = load({"REDIS_URL": "redis://localhost:6379/0"})
    assert config["RATELIMIT_STORAGE_URI"] == "redis://localhost:6379/0"


def test_the_tests_depend_on_nobody_s_environment():
    assert load({"PKYX_ENV": "testing", "MONGO_URI": "mongodb://production/"})["MONGO_URI"] == ""
