"""A reader of our pages: opens an address, ticks boxes, presses a button, as a browser without script would."""

from collections.abc import Iterable
from typing import Any

from bs4 import BeautifulSoup, Tag
from django.test import Client

from portal.domain.bookings.models import BasketLine

PLANNING = "/famille/planning/"
BASKET = "/famille/panier/"


class Page:
    """A page read by the test."""

    def __init__(self, response: Any, url: str) -> None:
        self.response = response
        self.status = response.status_code
        self.url = url
        self.soup = BeautifulSoup(response.content, "html.parser")

    def text(self, selector: str = "body") -> str:
        """The words of a part, spaces made equal; fails when there is no such part."""
        found = self.soup.select_one(selector)
        assert found is not None, f"no {selector} in {self.url}"
        return plain(found.get_text(" "))

    def all(self, selector: str) -> list[Tag]:
        return self.soup.select(selector)

    def texts(self, selector: str) -> list[str]:
        return [plain(found.get_text(" ")) for found in self.soup.select(selector)]

    def box(self, code: str) -> Tag | None:
        """The check box of a cell."""
        return self.soup.select_one(f'input[name="jour"][value="{code}"]')

    def ticked(self) -> list[str]:
        return [str(box["value"]) for box in self.soup.select('input[name="jour"][checked]')]

    def fields(self, form: str = "main form[method=post]") -> dict[str, list[str]]:
        """What the browser would send of a form, buttons apart."""
        found = self.soup.select_one(form)
        assert found is not None, f"no {form} in {self.url}"
        values: dict[str, list[str]] = {}
        for field in found.select("input[name], select[name]"):
            name = str(field["name"])
            kind = field.get("type", "text")
            if field.name == "select":
                options = field.select("option[selected]") or field.select("option")[:1]
                values.setdefault(name, []).extend(str(option["value"]) for option in options)
            elif kind not in {"checkbox", "radio"} or field.has_attr("checked"):
                values.setdefault(name, []).append(str(field.get("value", "")))
        return values


def plain(text: str) -> str:
    """Words with plain spaces, so that a test reads as a person does."""
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


class Reader:
    """A signed-in person and their browser."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, url: str = PLANNING, status: int = 200) -> Page:
        response = self.client.get(url)
        assert response.status_code == status, (url, response.status_code)
        return Page(response, url)

    def press(
        self,
        page: Page,
        button: tuple[str, str],
        *,
        tick: Iterable[str] = (),
        untick: Iterable[str] = (),
        follow: bool = True,
        url: str = "",
        **changes: Any,
    ) -> Page:
        """Sends the form of a page with a button, after some boxes were ticked or unticked."""
        fields = page.fields()
        ticked = (set(fields.get("jour", [])) - set(untick)) | set(tick)
        fields["jour"] = sorted(ticked)
        for name, value in changes.items():
            fields[name] = value if isinstance(value, list) else [value]
        if button[0]:
            fields[button[0]] = [button[1]]
        target = url or page.url
        response = self.client.post(target, fields, follow=follow)
        if follow and response.redirect_chain:
            target = response.redirect_chain[-1][0]
        return Page(response, target)

    def tick_by_htmx(self, page: Page, *, tick: Iterable[str] = (), untick: Iterable[str] = ()) -> Page:
        """What the browser sends 300 ms after a tick."""
        fields = page.fields()
        fields["jour"] = sorted((set(fields.get("jour", [])) - set(untick)) | set(tick))
        url = str(page.all(".weeks")[0]["hx-post"])
        response = self.client.post(url, fields, headers={"HX-Request": "true"})
        assert response.status_code == 200
        return Page(response, url)


def draft_codes() -> dict[str, str]:
    """The wishes of the draft, by code of cell."""
    return {f"{line.child_id}.{line.unit_id}.{line.day}": line.wish for line in BasketLine.objects.all()}
