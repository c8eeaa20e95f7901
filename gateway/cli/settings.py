"""settings: what may stand in config.yaml, partner.yaml and planning.yaml, in the reader's language."""

from typing import get_args

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.output import json_option, print_json
from gateway.config.known_settings import SettingsFile, known_settings
from gateway.texts.settings_words import setting_words

_FILES = get_args(SettingsFile)


@click.command("settings")
@click.argument("word", required=False, default="")
@click.option("--file", type=click.Choice(_FILES), help="Of this file only.")
@json_option
@invocation
def show_settings(call: Invocation, *, word: str, file: SettingsFile | None, as_json: bool) -> None:
    """List settings with what may stand there, what counts without it, and what it means; all, or those with WORD."""
    chinese = call.language == "zh-CN"
    found = []
    for each in (file,) if file else _FILES:
        for setting in known_settings(each):
            words = setting_words(each, setting.key)
            meaning = words[chinese] if words else ""
            if word.lower() in f"{setting.key} {meaning}".lower():
                found.append((each, setting, meaning))
    if as_json:
        print_json(
            [
                {
                    "file": each,
                    "key": setting.key,
                    "values": setting.values,
                    "default": setting.default or None,
                    "required": setting.needed,
                    "meaning": meaning,
                }
                for each, setting, meaning in found
            ]
        )
        return
    shown = None
    for each, setting, meaning in found:
        if each != shown:
            click.echo(f"{'' if shown is None else chr(10)}# {each}")
            shown = each
        mark = " *" if setting.needed else f" [{setting.default}]" if setting.default else ""
        click.echo(f"{setting.key}: {setting.values}{mark}\n    {meaning}")
