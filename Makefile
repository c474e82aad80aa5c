# Each target is one line and complete on a fresh machine with Python 3.11+ and make; docs/operations.md says more.
PYTHON = python3
IN = exec $(PYTHON) -I munistem/bootstrap.py
.PHONY: run test test-heavy check bench format words lock shots .venv
.venv: ;  @$(IN) dev
run: ;    @$(IN) run manage.py serve
check: ;  @$(IN) dev -m munistem.checks
test: ;   @$(IN) dev -m munistem.checks --test
bench: ;  @$(IN) dev -m bench.run
format: ; @$(IN) dev -m munistem.checks --format
words: ;  @$(IN) dev -m munistem.catalogs extract
lock: ;   @$(IN) dev -m munistem.checks --lock
test-heavy: ; @$(IN) dev -m pytest -n 0 -rP tests/heavy/heavy_*.py
shots: ;  @$(IN) dev -m tests.screens
