# For people who work on DECLoss; needs requirements-dev.txt installed.
.PHONY: check test lint types format

check: lint types test  ## everything

test:
	python -m pytest

lint:
	ruff check .
	ruff format --check .

types:
	mypy

format:
	ruff check --fix .
	ruff format .
