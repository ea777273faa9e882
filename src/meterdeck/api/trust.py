"""Whose certificates are believed. They are always checked: nothing here, and no setting, turns that off."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx

from meterdeck.domain.errors import NotAllowed


def trusted(ca_bundle: Path | None) -> ssl.SSLContext:
    """A context that believes a file (or folder) of certificate authorities; raises `NotAllowed` if it can't be read.

    Without one: those of ``SSL_CERT_FILE``, else of ``SSL_CERT_DIR``, else the public ones.
    """
    try:
        if ca_bundle is None:
            return httpx.create_ssl_context()
        if ca_bundle.is_dir():
            return ssl.create_default_context(capath=ca_bundle)
        return ssl.create_default_context(cafile=ca_bundle)
    except OSError as error:  # `ssl.SSLError`, for a file that holds none, is one
        which = f"in {ca_bundle}" if ca_bundle else "that SSL_CERT_FILE or SSL_CERT_DIR names"
        raise NotAllowed(
            f"The certificate authorities {which} can't be used: {error.strerror or error}.",
            next="It must be a PEM file of CA certificates, or a folder of them as OpenSSL keeps it.",
        ) from None
