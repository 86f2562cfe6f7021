"""Reads keys in one of the seed articles' ways; prints the time it took, ms."""

import sys
import time

import redis

port, way, calls = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
keys = [f"bench:small:{turn % 1000}" for turn in range(calls)]


def client():
    return redis.Redis(host="127.0.0.1", port=port)


def client_per_call():
    for key in keys:
        with client() as one:
            one.get(key)


def one_warm_client(warm):
    for key in keys:
        warm.get(key)


def pipeline(warm):
    commands = warm.pipeline(transaction=False)
    for key in keys:
        commands.get(key)
    commands.execute()


warm = client()
warm.get(keys[0])
started_at = time.perf_counter()
if way == "a client per call":
    client_per_call()
elif way == "one warm client":
    one_warm_client(warm)
else:
    pipeline(warm)
print((time.perf_counter() - started_at) * 1000)
