"""What is done with the bytes people send, in a process of its own: ``python -I child/__main__.py DEED ARGUMENT…``.

Imports nothing of the portal, and of the libraries only what the deed needs; memory, time and the size of what is
written are limited before the first byte is read. Answers with JSON on standard output:
``{"refused": code}`` for what we do not take, else the deed's findings.
"""
