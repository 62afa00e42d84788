"""The secret of a second factor as a picture that a telephone's authenticator reads."""

from __future__ import annotations

import base64
import io

_BYTES = (
    12_000  # blanks after the picture: a page is as long whatever the secret, so that two can be compared
)


def picture_of_factor(secret: str, login: str, study: str) -> str:
    """An address to show as an image: a QR code of ``otpauth://totp/...``, drawn here and nowhere else.

    Parameters
    ----------
    secret
        In base 32, as :func:`trialkit.operations.second_factor.new_factor_secret` gives it.
    login, study
        What the authenticator writes beside the code; without a login the study alone.
    """
    import segno
    from pyotp import TOTP

    address = TOTP(secret).provisioning_uri(name=login or study, issuer_name=f"trialkit {study}")
    drawn = io.BytesIO()
    code = segno.make(address, micro=False, error="m")
    code.save(drawn, kind="svg", border=4, xmldecl=False, nl=False)
    padded = drawn.getvalue().ljust(_BYTES)
    return "data:image/svg+xml;base64," + base64.b64encode(padded).decode()
