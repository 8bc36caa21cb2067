from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.discord.discord_doctor import examine_discord
from adapters.discord.discord_service import check_settings
from adapters.discord.invite import PERMISSIONS, invitation
from bot.errors import SettingsError
from bot.settings import Settings
from tests.adapters.discord.wire_app import paperboy_on
from tests.apps import SetClock
from tests.standins.discord_standin import DiscordStandin


def set_up(discord: DiscordStandin, **more: object) -> Settings:
    token = SecretStr(discord.token)
    return Settings(_env_file=None, discord_token=token, discord_api_url=discord.url, **more)  # type: ignore[arg-type]


async def seen(settings: Settings) -> dict[str, tuple[bool, str]]:
    return {found.what: (found.ok, found.detail) async for found in examine_discord(settings)}


async def test_all_is_well_once_it_has_run(discord: DiscordStandin, tmp_path: Path) -> None:
    before = await seen(set_up(discord))
    assert not before["discord commands"][0]
    assert "paperboy run" in before["discord commands"][1]

    async with paperboy_on(discord, tmp_path, SetClock("2025-10-09T18:00")):
        await discord.until(lambda: bool(discord.called("PUT /applications/{application}/commands")))
    found = await seen(set_up(discord))
    assert list(found) == ["discord token", "discord events", "discord servers", "discord commands"]
    assert found["discord commands"] == (True, "in place")


async def test_a_refused_token_comes_with_its_mend(discord: DiscordStandin) -> None:
    settings = set_up(discord).model_copy(update={"discord_token": SecretStr("other.token.here")})
    [(what, (ok, detail))] = (await seen(settings)).items()

    assert (what, ok) == ("discord token", False)
    assert "Reset Token" in detail


async def test_nobody_answers(discord: DiscordStandin) -> None:
    settings = set_up(discord).model_copy(update={"discord_api_url": "http://127.0.0.1:1"})

    assert (await seen(settings))["discord token"] == (False, "Discord cannot be reached.")


@pytest.mark.parametrize(
    ("shards", "count", "is_well"), [((), 0, True), ((0, 1), 2, True), ((0, 2), 2, False), ((0,), 0, False)]
)
def test_shards_are_below_their_count(shards: tuple[int, ...], count: int, *, is_well: bool) -> None:
    settings = Settings(
        _env_file=None,
        discord_token=SecretStr("a.b.c"),
        discord_shard_ids=shards,
        discord_shard_count=count,
    )
    if is_well:
        check_settings(settings)
        return
    with pytest.raises(SettingsError, match="PAPERBOY_DISCORD_SHARD_COUNT"):
        check_settings(settings)


def test_the_invitation_asks_for_the_least() -> None:
    url = invitation("MTIzNDU2Nzg5MDEyMzQ1Njc4.x.y")

    assert "client_id=123456789012345678" in url
    assert "scope=bot+applications.commands" in url
    assert f"permissions={sum(1 << bit for bit in (10, 11, 14, 16, 35, 38))}" in url
    assert len(PERMISSIONS) == 6


@pytest.mark.parametrize("token", ["", "no token", "Zm9v.x.y", "\u00fc.x.y", "MTIz.x.y"])
def test_without_a_token_there_is_no_invitation(token: str) -> None:
    with pytest.raises(SettingsError, match="DISCORD_TOKEN"):
        invitation(token)
