"""Bytes in an S3-compatible store, by the client of the extra `s3`.

Endpoint, region and credentials come from the environment, under the names that other S3
clients read: AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, or what
the machine's role gives.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.credentials.providers import (
    AWSConfigProvider,
    ChainedProvider,
    EnvAWSProvider,
    IamAwsProvider,
)
from minio.error import S3Error

_AWS = "https://s3.amazonaws.com"
_TIMEOUT = urllib3.Timeout(connect=5.0, read=30.0)
_RETRIES = urllib3.Retry(total=3, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504])


@dataclass(frozen=True, slots=True)
class S3Papers:
    """Keeps bytes as objects of one bucket."""

    client: Minio
    bucket: str
    prefix: str

    @classmethod
    def connected(cls, bucket: str, prefix: str) -> S3Papers:
        """Return the store of a bucket, from the environment; nothing is asked of it yet."""
        endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL", _AWS))
        client = Minio(
            endpoint=endpoint.netloc,
            secure=endpoint.scheme == "https",
            region=os.environ.get("AWS_REGION", "eu-west-2"),
            credentials=ChainedProvider([EnvAWSProvider(), AWSConfigProvider(), IamAwsProvider()]),
            http_client=urllib3.PoolManager(timeout=_TIMEOUT, retries=_RETRIES),
        )
        return cls(client, bucket, prefix.strip("/"))

    def put(self, tenant: str, sha256: str, data: bytes) -> None:
        """Keep the bytes; the same name always holds the same bytes.

        Raises:
            OSError: The store refuses them, or cannot be reached.
        """
        try:
            self.client.put_object(
                bucket_name=self.bucket,
                object_name=self._name(tenant, sha256),
                data=io.BytesIO(data),
                length=len(data),
            )
        except (S3Error, urllib3.exceptions.HTTPError) as error:
            raise OSError(f"the store does not take attachments: {_why(error)}") from error

    def get(self, tenant: str, sha256: str) -> bytes:
        """Return the bytes.

        Raises:
            OSError: The store does not have them, or cannot be reached.
        """
        try:
            answer = self.client.get_object(
                bucket_name=self.bucket, object_name=self._name(tenant, sha256)
            )
            try:
                return answer.read()
            finally:
                answer.close()
                answer.release_conn()
        except (S3Error, urllib3.exceptions.HTTPError) as error:
            raise OSError(f"the store does not give attachments: {_why(error)}") from error

    def _name(self, tenant: str, sha256: str) -> str:
        return "/".join(filter(None, (self.prefix, tenant, sha256[:2], sha256)))


def _why(error: Exception) -> str:
    """Return the store's own code, without the address of anything."""
    return str(error.code) if isinstance(error, S3Error) else type(error).__name__
