"""A first visit on a bad line: what the home page weighs with its styles and scripts, as a server sends them."""

import gzip

import pytest
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.test import Client

MOST = 100_000


@pytest.mark.usefixtures("whole_town")
@pytest.mark.exigence("C12")
def test_the_first_page_weighs_less_than_a_hundred_kilobytes(client: Client) -> None:
    answer = client.get("/")
    weights = {"/": len(gzip.compress(answer.content))}
    page = BeautifulSoup(answer.content.decode(), "html.parser")
    linked = [link["href"] for link in page.select("link[rel~=stylesheet], link[rel~=icon]")]
    scripts = [script["src"] for script in page.select("script[src]")]
    for address in (*linked, *scripts):
        plain = str(address).partition("?")[0]
        if plain.startswith("/static/"):
            found = finders.find(plain.removeprefix("/static/"))
            assert found, address
            with open(found, "rb") as file:
                content = file.read()
        else:
            content = client.get(str(address)).getvalue()
        weights[plain] = len(gzip.compress(content))
    assert len(weights) > 4, weights
    assert sum(weights.values()) < MOST, weights
