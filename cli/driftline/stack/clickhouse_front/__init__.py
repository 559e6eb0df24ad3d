"""ClickHouse's HTTP interface on the embedded engine, for one machine.

One process owns the engine's folder; every other process reaches it here with an ordinary ClickHouse client. It listens
on loopback, knows the one user `default` without a password, and refuses what a web page could send. Requests may be
compressed; responses never are, because they do not leave the machine.

request.py   what a request asks for
engine.py    runs it, in sessions or alone
answer.py    puts the result, or the error, into HTTP
"""
