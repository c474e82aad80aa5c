from munistem.settings import *  # noqa: F403

ROOT_URLCONF = "bench.stream"
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405 - hundreds of threads would keep hundreds of connections
