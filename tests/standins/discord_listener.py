"""A small real client of discord.py that listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import app_commands, ui

from tests.standins.discord_standin import DiscordStandin

NONE = discord.AllowedMentions.none()


class Client(discord.AutoShardedClient):
    """One that does not wait 5 seconds between two sessions."""

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Nothing."""


@asynccontextmanager
async def connected(standin: DiscordStandin) -> AsyncIterator[discord.AutoShardedClient]:
    client = Client(intents=discord.Intents(guilds=True), allowed_mentions=NONE, guild_ready_timeout=0.05)
    tree = app_commands.CommandTree(client)
    _listen(tree)
    await client.login(standin.token)
    await tree.sync()
    running = asyncio.create_task(client.connect())
    try:
        await client.wait_until_ready()
        yield client
    finally:
        await client.close()
        await running


class Shown(ui.LayoutView):
    text: ui.TextDisplay[Any] = ui.TextDisplay("Found.")
    row: ui.ActionRow[Any] = ui.ActionRow()

    @row.button(label="More", custom_id="more")
    async def more(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
        self.text.content = "Found more."
        await interaction.response.edit_message(view=self)

    @row.button(label="Edit", custom_id="edit")
    async def edit(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
        await interaction.response.send_modal(Form())


class Picked(ui.View):
    @ui.select(custom_id="days", options=[discord.SelectOption(label="Every day", value="daily")])
    async def days(self, interaction: discord.Interaction, chosen: ui.Select[Any]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"{chosen.values}", view=None)


class Form(ui.Modal, title="Edit"):
    topic: ui.Label[Any] = ui.Label(text="Topic", component=ui.TextInput(custom_id="topic"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        typed = self.topic.component
        assert isinstance(typed, ui.TextInput)
        await interaction.response.send_message(f"Now {typed.value}.", ephemeral=True)


def _listen(tree: app_commands.CommandTree[Any]) -> None:
    @tree.command(description="Search.")
    @app_commands.choices(period=[app_commands.Choice(name="week", value="week")])
    async def papers(interaction: discord.Interaction, query: str, period: str = "") -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(view=Shown())
        await interaction.followup.send(f"{query} {period}".strip(), ephemeral=True)

    @papers.autocomplete("query")
    async def _suggest(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}s", value=typed)]

    @tree.command(description="Be slow.")
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def sleep(interaction: discord.Interaction) -> None:
        await asyncio.sleep(0.3)
        await interaction.response.send_message("Awake.")

    @tree.command(description="Choose.")
    async def pick(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Days?", view=Picked())

    @tree.context_menu(name="Find related papers")
    async def _related(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(message.content, ephemeral=True)
