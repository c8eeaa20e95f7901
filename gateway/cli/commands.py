"""Which commands there are, in the order of `gateway --help`; their modules are imported when they are called."""

from collections.abc import Mapping, Sequence
from importlib import import_module

import click

from gateway.cli.context import FaultGroup

# Name -> module of gateway.cli and what it is called there; then further commands of a group from other modules: one of
# them, or a module that puts its own in.
COMMANDS: Mapping[str, Sequence[str]] = {
    "run": ("server:run",),
    "demo": ("demo:demo",),
    "init": ("server:init",),
    "settings": ("settings:show_settings",),
    "check": ("definitions:check",),
    "apply": ("definitions:apply",),
    "partners": (
        "definitions:partners",
        "sending:try_partner",
        "partners:add_partner",
        "partners:clone_partner",
        "partners:export_partner",
        "partners:import_partner",
        "partners:add_certificate",
        "partners:show_checklist",
        "partners:go_live",
        "partners:back_to_test",
        "partners:show_history",
        "partners:roll_back",
        "partners:print_sheet",
    ),
    "messages": (
        "messages:messages",
        "operations:skip",
        "operations:resubmit",
        "operations:replay_all",
        "operations:replay_cancel",
        "mapping_versions:read_with",
    ),
    "parcels": ("messages:parcels",),
    "send": ("sending:send",),
    "plan": ("planning:plan",),
    "proposals": ("planning:proposals",),
    "measures": ("measures:measures",),
    "promotions": ("promotions:promotions",),
    "stock-agreements": ("collaboration:stock_agreements",),
    "joint-plans": ("collaboration:joint_plans",),
    "orders": ("orders:orders",),
    "invoices": ("invoices:invoices",),
    "returns": ("returns:returns",),
    "expected": ("expected:expected",),
    "catalogue": ("catalogue:catalogue",),
    "prices": ("prices:prices",),
    "items": ("definitions:items",),
    "customers": ("agreements:customers",),
    "calendars": ("agreements:calendars",),
    "crm": ("crm:crm", "crm_reports", "crm_people"),
    "privacy": ("privacy:privacy",),
    "import": ("imports:import_list",),
    "labels": ("labels:labels",),
    "validate": ("edifact:validate",),
    "acknowledge": ("edifact:acknowledge",),
    "show": ("edifact:show",),
    "keys": ("keys:keys",),
    "schemas": ("schemas:schemas",),
    "mappings": (
        "mappings:mappings",
        "previews:preview_mapping",
        "previews:shadow_run",
        "previews:write_guide",
        "mapping_versions:publish_mapping",
        "mapping_versions:list_versions",
        "mapping_versions:restore_version",
        "mapping_versions:share_layer",
    ),
    "lookups": ("lookups:lookup_tables",),
    "translate": ("translate:translate",),
    "holds": ("operations:holds",),
    "alerts": ("alerts:alerts",),
    "nodes": ("operations:nodes",),
    "journal": ("journal:journal",),
    "backup": ("journal:backup",),
    "restore": ("journal:restore",),
    "login-link": ("server:login_link",),
    "open-work": ("server:open_work",),
    "users": ("users:users",),
    "api-keys": ("api_keys:api_keys",),
    "audit": ("users:audit",),
    "doctor": ("doctor:doctor",),
    "completion": ("completion:completion",),
}


class Commands(FaultGroup):
    """The root group. A call pays for the modules of its own command only; --help reads them all."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a name; its modules are imported only now."""
        if cmd_name not in self.commands and cmd_name in COMMANDS:
            first, *further = COMMANDS[cmd_name]
            found = _command(first)
            for each in further:
                module, _, name = each.partition(":")
                if not name:
                    import_module(f"gateway.cli.{module}")
                elif isinstance(found, click.Group):
                    found.add_command(_command(each))
            self.add_command(found, cmd_name)
        return super().get_command(ctx, cmd_name)


def _command(place: str) -> click.Command:
    module, name = place.split(":")
    found = getattr(import_module(f"gateway.cli.{module}"), name)
    assert isinstance(found, click.Command), place
    return found
