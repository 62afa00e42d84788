"""``trialkit serve``: the web application."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.cli.door import study_argument


@click.command("serve")
@study_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any free one."
)
@click.option("--path-prefix", default="", metavar="/PATH", help="Where a proxy in front mounts it.")
@click.option(
    "--metrics-port", type=click.IntRange(1, 65535), help="Counters for Prometheus, at 127.0.0.1 alone."
)
@click.option("--log-requests", is_flag=True, help="One JSON line a request on standard error.")
def command(
    study: Path, host: str, port: int, path_prefix: str, metrics_port: int | None, log_requests: bool
) -> None:
    """Serve a study to browsers, until Ctrl+C. Prints its address when it answers.

    It speaks clear text: put a proxy with TLS in front of anything but this machine.
    """
    from trialkit.web import serve

    def tell(address: str) -> None:
        click.echo(f"Serving {address}")

    serve(
        study,
        host=host,
        port=port,
        path_prefix=path_prefix,
        metrics_port=metrics_port,
        log_requests=log_requests,
        tell=tell,
    )
