"""What `paperboy doctor` looks at in Discord: token, intents, servers and commands, each with the mend."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from adapters.discord.client import PaperboyClient
from adapters.discord.commands import Interaction, add_commands, commands_differ
from adapters.discord.discord_service import check_settings
from adapters.discord.faults import NETWORK, REFUSED, refusal_error, silence_error
from adapters.discord.invalid_requests import InvalidRequests
from adapters.discord.rest import Rest, use_api
from bot.commands.autocomplete import Suggestion
from bot.errors import DeliveryError, SettingsError
from bot.services.doctor import Finding
from bot.settings import Settings

SET_UP, TOKEN, SERVERS = "discord settings", "discord token", "discord servers"
COMMANDS, EVENTS = "discord commands", "discord events"


async def examine_discord(settings: Settings) -> AsyncIterator[Finding]:
    """By real requests; the gateway is not opened."""
    try:
        check_settings(settings)
    except SettingsError as error:
        yield Finding(SET_UP, ok=False, detail=str(error))
        return
    use_api(settings.discord_api_url)
    invalid = InvalidRequests()
    client = PaperboyClient(invalid)
    rest = Rest(client, settings.discord_token.get_secret_value(), invalid)
    try:
        await rest.client()
    except DeliveryError as error:
        yield Finding(TOKEN, ok=False, detail=str(error))
        return
    try:
        async for finding in _logged_in(client):
            yield finding
    except REFUSED as error:
        yield Finding(COMMANDS, ok=False, detail=str(refusal_error(error)))
    except NETWORK as error:
        yield Finding(COMMANDS, ok=False, detail=str(silence_error(error)))
    finally:
        await rest.close()


async def _logged_in(client: PaperboyClient) -> AsyncIterator[Finding]:
    yield Finding(TOKEN, ok=True, detail=f"{client.user}")
    about = await client.application_info()
    if about.interactions_endpoint_url:
        hint = "Remove the Interactions Endpoint URL in the developer portal, General Information."
        yield Finding(EVENTS, ok=False, detail=f"Commands are sent to a URL instead of Paperboy. {hint}")
    else:
        yield Finding(EVENTS, ok=True, detail="come over the gateway; no privileged intent is needed")
    servers = about.approximate_guild_count
    if servers:
        yield Finding(SERVERS, ok=True, detail=f"in {servers:,}")
    else:
        yield Finding(SERVERS, ok=False, detail="in none. `paperboy discord invite` prints the invitation.")
    if await commands_differ(_examine_commands(client)):
        yield Finding(
            COMMANDS, ok=False, detail="are not those of this version. `paperboy run` puts them in place."
        )
    else:
        yield Finding(COMMANDS, ok=True, detail="in place")


def _examine_commands(client: PaperboyClient) -> PaperboyClient:
    async def run(_: Interaction, __: str, ___: Mapping[str, str]) -> None:
        return

    async def suggest(_: Interaction, __: str, ___: str, ____: str) -> list[Suggestion]:
        return []

    add_commands(client, run, suggest)
    return client
