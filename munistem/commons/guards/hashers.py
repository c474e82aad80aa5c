from django.contrib.auth.hashers import Argon2PasswordHasher


class TunedArgon2(Argon2PasswordHasher):
    """Argon2id at OWASP's recommended floor: about 50 ms of one core here, 19 MiB of memory.

    Source: OWASP Password Storage Cheat Sheet (m=19 MiB, t=2, p=1).
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
