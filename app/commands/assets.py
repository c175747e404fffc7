"""``assets``: style sheets and scripts as files, for a web server to serve by itself."""

from pathlib import Path

import click

from app import assets as declared


@click.command(
    epilog="Example: python manage.py assets /var/www/pkyx",
    short_help="Write style sheets and scripts where nginx serves them.",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def assets(folder: Path) -> None:
    """Write the style sheets, scripts and icons into FOLDER, the root of conf/nginx.conf.

    Run it at each upgrade before the new version starts. Files of earlier versions stay for the pages
    that are open; whatever is missing the site serves itself.
    """
    try:
        written = declared.write(folder)
    except OSError as error:
        raise click.ClickException(
            f"{error.filename or folder} cannot be written: {error.strerror}."
        ) from error
    click.echo(f"Written to {written}.")
