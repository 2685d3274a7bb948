"""A visit to the shop or its app: pages, clicks, and what goes wrong on them."""

from pipeline.simulator.event import Json
from pipeline.simulator.people import Device, Person, new_cookie
from pipeline.simulator.retailer import Retailer
from pipeline.simulator.shapes import SECOND, lognormal

SHOP = "https://shop.example.org"
MEASURED_SHARE = 0.25


class Visit:
    """A person at a device. Its clock moves on as they read and click."""

    def __init__(self, retailer: Retailer, person: Person, device: Device, time: int, *, probe: bool = False) -> None:
        self.retailer = retailer
        self.person = person
        self.device = device
        self.time = time
        self.probe = probe
        self.worst = 0
        """Severity of the worst friction so far: people call about it."""
        if device.kind != "kiosk" and retailer.happens(retailer.policy.cookie_rotation):
            device.cookie = new_cookie(retailer.rng)
            device.signed_in = ""
        self.signed_in = bool(device.signed_in) and device.signed_in == person.name
        self._identifiers = self._known()

    @property
    def identifiers(self) -> dict[str, str]:
        """What the shop knows this visitor by at the moment."""
        return self._identifiers

    def emit(self, type_: str, identifiers: dict[str, str] | None = None, /, **data: Json) -> None:
        """Send a shop event of this visit, now; `identifiers` are added to those that the shop knows anyway."""
        if self.device.kind == "app":
            data["channel"] = "app"
        if self.probe:
            data["probe"] = True
        known = {**self._identifiers, **identifiers} if identifiers else self._identifiers
        source = "/shop/app" if self.device.kind == "app" else "/shop/web"
        self.retailer.world.emit(self.person.name, type_, self.time, known, data, source)

    def wait(self, median_seconds: float) -> None:
        """Let time pass."""
        self.time += int(lognormal(self.retailer.rng, median_seconds, 0.8) * SECOND) + 1

    def page(self, path: str, title: str = "", referrer: str = "") -> None:
        """Look at a page for a while."""
        status = self._status(path)
        data: dict[str, Json] = {"url": SHOP + path, "status": status}
        if title:
            data["title"] = title
        if referrer:
            data["referrer"] = referrer
        self.emit("web.page_viewed", **data)
        if status >= 400:
            self.worst = max(self.worst, 3 if status >= 500 else 2)
            self.wait(4)
            return
        if self.retailer.happens(MEASURED_SHARE):
            self._measure(path)
        if self.retailer.happens(self.retailer.trouble.page_error):
            self.error(path, "TypeError: undefined is not a function", after_ms=1_400)
        self.wait(14)

    def click(self, target: str, path: str = "/") -> None:
        """Click on something; sometimes nothing happens, or too much."""
        rng, trouble = self.retailer.rng, self.retailer.trouble
        chance = rng.random()
        if chance < trouble.rage_click:
            self.rage(target, path)
        elif chance < trouble.rage_click + trouble.dead_click:
            self._click(target, path, dead=True)
        else:
            self._click(target, path, dead=False)
            if chance > 1 - trouble.error_click:
                self.error(path, "NetworkError: request failed", after_ms=350)
                self.worst = max(self.worst, 2)
        self.wait(1.5)

    def rage(self, target: str, path: str) -> None:
        """Click repeatedly on something that does not respond."""
        for _ in range(3 + self.retailer.rng.randrange(4)):
            self._click(target, path, dead=False)
            self.time += 90 + self.retailer.rng.randrange(160)
        self.worst = max(self.worst, 2)

    def error(self, path: str, message: str, after_ms: int) -> None:
        """A script of the page fails."""
        self.time += after_ms
        self.emit("web.error_occurred", message=message, url=SHOP + path)

    def sign_in(self) -> None:
        """Sign in with the account, if there is one."""
        if self.signed_in or not self.person.customer_id:
            return
        self.page("/account/sign-in", "Sign in")
        self.signed_in = True
        self.device.signed_in = self.person.name
        self._identifiers = self._known()
        extra = {"email": self.person.email}
        if self.person.loyalty_id:
            extra["loyalty_id"] = self.person.loyalty_id
        self.emit("web.signed_in", extra, method="passkey" if self.device.kind == "app" else "password")

    def sign_out(self) -> None:
        """Sign out, so that the device is free for the next person."""
        if self.signed_in:
            self.emit("web.signed_out")
            self.signed_in = False
            self.device.signed_in = ""
            self._identifiers = self._known()

    def fill_form(self, form: str, rejected: float) -> None:
        """Send a form until it is accepted, or until patience ends after five tries."""
        for attempt in range(5):
            accepted = not self.retailer.happens(rejected if attempt == 0 else 0.5)
            self.emit("web.form_submitted", form=form, accepted=accepted)
            self.wait(12)
            if accepted:
                return
            if attempt == 2:
                self.worst = max(self.worst, 2)

    def _known(self) -> dict[str, str]:
        known = {"anonymous_id": self.device.cookie}
        if self.device.device_id:
            known["device_id"] = self.device.device_id
        if self.signed_in:
            known["customer_id"] = self.person.customer_id
        return known

    def _click(self, target: str, path: str, *, dead: bool) -> None:
        rng = self.retailer.rng
        position: dict[str, Json] = {"x": rng.randrange(20, 1200), "y": rng.randrange(40, 900)}
        if dead:
            position["dead"] = True
        self.emit("web.clicked", target=target, url=SHOP + path, **position)

    def _status(self, path: str) -> int:
        chance = self.retailer.rng.random()
        if path.startswith("/checkout") and self.retailer.incident_at(self.time):
            return 503 if chance < self.retailer.trouble.incident_server_error else 200
        if chance < self.retailer.trouble.server_error:
            return 500
        return 404 if chance > 1 - self.retailer.trouble.broken_link else 200

    def _measure(self, path: str) -> None:
        rng = self.retailer.rng
        slowness = 1.25 if self.device.mobile else 1.0
        self.emit(
            "web.page_measured",
            url=SHOP + path,
            lcp_ms=round(lognormal(rng, 1_300 * slowness, 0.45)),
            inp_ms=round(lognormal(rng, 80 * slowness, 0.55)),
            cls=round(rng.expovariate(1 / 0.025), 3),
        )
