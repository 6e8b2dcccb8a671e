# Everything starts here: `make demo`, `make test`, `make check`. `make help` tells the rest.
SHELL := /bin/sh
COMMUNE ?= les-rousses
PORT ?= 8000
HOST ?= 127.0.0.1
FAMILIES ?= 400
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
ARGS ?=

# The first Python that suits; a virtual environment that works is kept as it is.
PYTHON = $(shell for candidate in .venv/bin/python python3.12 python3.13 python3.11 python3 \
	"$$HOME"/.pyenv/versions/3.12*/bin/python "$$HOME"/.pyenv/versions/3.13*/bin/python \
	"$$HOME"/.pyenv/versions/3.11*/bin/python; do \
	"$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo "$$candidate" && break; done)
define PREPARE
	@python="$(PYTHON)"; if [ -z "$$python" ]; then \
	echo "Il faut Python 3.11, 3.12 ou 3.13. Sur Debian : sudo apt-get install python3 python3-venv" >&2; exit 1; fi; \
	"$$python" scripts/prepare.py
endef
RUN = .venv/bin/python

.PHONY: help demo demo-reset stop test check quality screenshots messages exigences requirements
.DEFAULT_GOAL := help

help: ## Cette liste.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Variables : COMMUNE=$(COMMUNE) PORT=$(PORT) HOST=$(HOST) FAMILIES=$(FAMILIES) JOBS=$(JOBS)"

demo: ## Un portail complet, de rien : installe, remplit, sert. Ctrl-C arrête tout.
	$(PREPARE) demo
	@exec $(RUN) scripts/demo.py run --commune "$(COMMUNE)" --port "$(PORT)" --host "$(HOST)" --families "$(FAMILIES)"

demo-reset: ## Efface les données de la démonstration et les refait.
	$(PREPARE) demo
	@$(RUN) scripts/demo.py reset --commune "$(COMMUNE)" --families "$(FAMILIES)"

stop: ## Arrête la démonstration, PostgreSQL et Redis.
	@if [ -x $(RUN) ]; then $(RUN) scripts/demo.py stop; fi

test: ## Toute la suite, parcours dans un vrai navigateur compris. ARGS="…" va à pytest.
	$(PREPARE) test
	@$(RUN) -m pytest -n "$(JOBS)" $(ARGS)

check: ## Mise en forme, règles, couches, types, gabarits, migrations, sécurité.
	$(PREPARE) check
	@$(RUN) scripts/check.py

quality: ## Les pages jugées par d’autres : axe-core, vérificateur HTML du W3C, Lighthouse (docs/quality.md).
	$(PREPARE) test
	@$(RUN) -m scripts.quality --commune "$(COMMUNE)" $(ARGS)

screenshots: ## Refait les captures d’écran des guides (docs/images/).
	$(PREPARE) test
	@$(RUN) -m scripts.screenshots --commune "$(COMMUNE)" $(ARGS)

messages: ## Relit les textes des écrans, compile leur traduction, dit ce qui reste à traduire.
	$(PREPARE) check
	@$(RUN) scripts/messages.py

exigences: ## Chaque exigence avec les tests qui la prouvent.
	$(PREPARE) check
	@$(RUN) scripts/exigences.py

requirements: ## Renouvelle les versions épinglées, avec leurs empreintes.
	$(PREPARE) check
	@for name in base dev build; do .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url \
	$$([ $$name = base ] || echo "-c requirements/base.txt") "requirements/$$name.in" -o "requirements/$$name.txt"; done
