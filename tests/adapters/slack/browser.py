"""An installer's browser: from “install” to Slack's page of consent, and back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import aiohttp

from tests.standins.slack import SlackStandin


async def begin(browser: aiohttp.ClientSession, origin: str) -> dict[str, str]:
    """Press “install”: what Slack's page of consent is asked, with the cookie for the way back."""
    async with browser.get(f"{origin}/slack/install", allow_redirects=False) as answer:
        assert answer.status == 302
        asked = parse_qs(urlsplit(answer.headers["Location"]).query)
        # A browser keeps this cookie for HTTPS alone, and the test speaks HTTP.
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return {name: values[0] for name, values in asked.items()} | {"cookie": cookie}


async def back(browser: aiohttp.ClientSession, origin: str, cookie: str, **query: str) -> tuple[int, str]:
    """Come back from Slack's page of consent."""
    url = f"{origin}/slack/oauth_redirect"
    async with browser.get(url, params=query, headers={"Cookie": cookie}) as answer:
        return answer.status, await answer.text()


async def install(slack: SlackStandin, origin: str, team: str) -> tuple[int, str]:
    """The whole way."""
    slack.codes["code-of-" + team] = team
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        asked = await begin(browser, origin)
        return await back(browser, origin, asked["cookie"], code="code-of-" + team, state=asked["state"])
