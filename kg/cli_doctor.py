"""The command ``kg doctor``: whether the installation is whole and works."""

from __future__ import annotations

import json

import click

from kg.cli_options import json_option

__all__ = ["doctor"]


@click.command()
@click.option("--quick", is_flag=True, help="Without the self test, which takes some seconds.")
@json_option
def doctor(quick: bool, as_json: bool) -> int:
    """Check the installation: Python, dependencies, weights, processor, extras, and a small graph end to end.

    Exit code 1 if something is wrong. Nothing is sent anywhere.
    """
    from kg.doctor import diagnose

    checks = []
    for check in diagnose(with_self_test=not quick):
        checks.append(check)
        if not as_json:
            click.echo(check.line())
    wrong = sum(check.status == "wrong" for check in checks)
    if as_json:
        click.echo(json.dumps({"ok": not wrong, "checks": [check.to_json() for check in checks]}, ensure_ascii=False))
    else:
        click.echo(f"{wrong} of {len(checks)} checks found something wrong" if wrong else "all is well")
    return 1 if wrong else 0
