"""Signatures as Amazon's documentation gives them for its examples, and what is asked again."""

import io

import pytest

from munistem.commons.files import s3
from munistem.commons.files.s3 import OF_NOTHING, Bucket, Failed, Signer

# docs.aws.amazon.com/AmazonS3/latest/API: sig-v4-header-based-auth, sigv4-query-string-auth
SIGNER = Signer("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
HOST, AT = "examplebucket.s3.amazonaws.com", "20130524T000000Z"


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "summed", "signature"),
    [
        (
            "GET",
            "/test.txt",
            {},
            {"range": "bytes=0-9"},
            OF_NOTHING,
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test%24file.text",
            {},
            {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            "GET",
            "/",
            {"max-keys": "2", "prefix": "J"},
            {},
            OF_NOTHING,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
    ids=["get", "put", "list"],
)
def test_request_is_signed_as_amazon_signs_it(method, path, query, headers, summed, signature):
    told = SIGNER.signed_headers(method, path, query, {"host": HOST, **headers}, summed, AT)
    assert told["authorization"].endswith(f"Signature={signature}")
    assert told["x-amz-content-sha256"] == summed


def test_address_is_signed_as_amazon_signs_it():
    query = SIGNER.signed_query("GET", "/test.txt", HOST, 86_400, AT)
    assert query.endswith(
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404&X-Amz-SignedHeaders=host"
    )


def test_bucket_is_in_the_hosts_name_at_amazon_and_in_the_path_elsewhere():
    keys = {"name": "files", "access_key": "x", "secret_key": "y"}
    amazon = Bucket(**keys, endpoint="", region="il-central-1")
    assert (amazon.host, amazon.path_of("aa/b c")) == ("files.s3.il-central-1.amazonaws.com", "/aa/b%20c")
    own = Bucket(**keys, endpoint="https://s3.example.org:9000/", region="")
    assert (own.host, own.path_of("aa/b")) == ("s3.example.org:9000", "/files/aa/b")


def test_what_breaks_on_its_way_is_asked_again(bucket, monkeypatch):
    pauses = []
    monkeypatch.setattr(
        s3.time,
        "sleep",
        lambda seconds: (pauses.append(seconds), setattr(bucket, "is_away", len(pauses) < 3)),
    )
    bucket.is_away = True
    there = Bucket(**bucket.described)
    there.put("aa/one", io.BytesIO(b"first"))
    assert (bucket.kept["aa/one"][0], pauses) == (b"first", [0.2, 0.4, 0.8])


def test_what_is_refused_is_not_asked_again(bucket):
    there = Bucket(**bucket.described | {"access_key": "somebody-else"})
    with pytest.raises(Failed, match="403"):
        there.size("aa/one")
    assert len(bucket.asked) == 1


def test_bucket_that_is_not_there_is_a_failure():
    there = Bucket(name="files", endpoint="http://127.0.0.1:9", region="", access_key="x", secret_key="y")
    with pytest.raises(OSError, match="NewConnectionError"):
        there.size("aa/one")


def test_only_what_follows_is_sent_of_a_file_that_was_read_from(bucket):
    file = io.BytesIO(b"headbody")
    file.seek(4)
    Bucket(**bucket.described).put("aa/one", file)
    assert bucket.kept["aa/one"][0] == b"body"


def test_hebrew_names_and_odd_signs_are_kept(bucket):
    there = Bucket(**bucket.described)
    name = "aa/שלום עולם+~*&=?%/x"
    there.put(name, io.BytesIO(b"first"))
    there.copy(name, "aa/copy")
    assert [key for key, _size, _at in there.entries("aa/ש")] == [name]
    assert there.get("aa/copy").read() == b"first"
