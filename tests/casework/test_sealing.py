"""Seals and wrapped keys: against published vectors, against what was stored before, against who should not open them."""

from base64 import b64decode

import pytest
from nacl.bindings import crypto_box_open, crypto_generichash_blake2b_salt_personal, sodium_unpad
from nacl.public import PrivateKey, SealedBox

from casework import sealing
from casework.sealing import Unopened

ALICE = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
BOB = bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
PASSWORD = "three quiet lanterns at dusk"
CHEAP = {"operations": 1, "memory": 8192}
"""The least that Argon2id allows, where a test is not about its cost."""


@pytest.mark.parametrize(
    ("private", "public"),
    [
        (ALICE, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"),
        (BOB, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
    ],
)
def test_key_pairs_are_those_of_rfc_7748(private: bytes, public: str) -> None:
    # RFC 7748, 6.1; the same in "Cryptography in NaCl" and libsodium's test/default/scalarmult.c
    assert sealing.of_private(private).public.hex() == public


def test_sealed_boxes_are_those_of_libsodium() -> None:
    # PyNaCl's tests/data/sealed_box_ref.txt: crypto_box_seal to Alice's key
    plain = (
        "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01"
        "233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd"
        "4924ca1c60902e52f0a089bc76897040e082f937763848645e0705"
    )
    sealed = (
        "199c808806a62c1be56951023ad3396b0ce0ef2c5b9ca688ac96d2d06ca43f65d314400cc9bbefb23dd26f824c9cb553f81e8c89"
        "4ea9a553f4d777c77b66d5a6925da3f5961c5f7147172db5597ac14210066ee3ee13e6230a9a9610e9cddbf24094f54fbbf6694c"
        "08a436cec39ff5a373656d9584f4df9dd8c817e2e597540628d0ee21a6524a3fcf3eabdc0968390bd260a47366ead7f71cc2e774"
        "d411d96f3497c7e10291937bc16dc46a111686b85a8c86"
    )
    assert SealedBox(PrivateKey(ALICE)).decrypt(bytes.fromhex(sealed)).hex() == plain


def test_a_seal_opens_by_hand_as_libsodium_describes_it() -> None:
    # https://doc.libsodium.org/public-key_cryptography/sealed_boxes: ephemeral key || box, nonce = blake2b(both keys)
    public = sealing.of_private(ALICE).public
    sealed = sealing.seal(public, b"words")
    ephemeral, box = sealed[:32], sealed[32:]
    nonce = crypto_generichash_blake2b_salt_personal(ephemeral + public, digest_size=24)
    padded = crypto_box_open(box, nonce, ephemeral, ALICE)
    assert len(padded) == sealing.BLOCK and sodium_unpad(padded, sealing.BLOCK) == b"words"


@pytest.mark.parametrize(
    ("password", "salt", "passes", "kibibytes", "stretched"),
    [
        (
            "^T5H$JYt39n%K*j:W]!1s?vg!:jGi]Ax?..l7[p0v:1jHTpla9;]bUN;?bWyCbtqg ",
            "PkEgMTYtYnl0ZXMgc2FsdA", 19, 4096, "ltB/ue1kPtBMBGfsysMpPigE6hiNEKZ9vs8vLNVDQGA",
        ),
        ("", "bA81arsiXysd3WbTRzmEOw", 2, 4882, "Nm8QBM+7RH1DXo9rvp5cwKEOOOfD2g6JuxlXihoNcpE"),
    ],
)  # fmt: skip
def test_passwords_are_stretched_by_argon2id(
    password: str, salt: str, passes: int, kibibytes: int, stretched: str
) -> None:
    # libsodium's test/default/pwhash_argon2id.c, tv3; RFC 9106's own vector has a secret and data, which libsodium lacks
    made = sealing._stretched(password, b64decode(f"{salt}=="), passes, kibibytes * 1024)
    assert made == b64decode(f"{stretched}=")


def test_what_was_sealed_and_wrapped_before_still_opens() -> None:
    wrapped = (
        "AQAAAAEAACAAH2P8yf9k2Cahxr9TEX5M1MU7vckrNUkPbz0/BoeQA3unL0HvRT9MjGr5LED8mKQiZxBfRGalNgGiK+UgTBJZ3xxL2ciSQ12C"
        "cE2u1Kz7bxwLRvMKByjNHA=="
    )
    sealed = (
        "V4GtzApE9vmwTVytq6WlA8ZG8laqt3rGn1vEmEyUBCUGYDcvp8PZYzUj6yS2OiNqqZ7kXfAU43vP6VKLfzuGH7NAHEPzjdFSKeiOkXJWZz2A"
        "PbjjwnOvho1Sob+TbCG4n2PYyMLFc9aREp/Ni5xCr2rKfr/X2DhJ3BHnTcHYTLGWD/KjvxwCstO78BQO3EXky4YPeiVoaxP0iuSoFXdwv8J/"
        "d635y1Kqh7kGuIwQb/0fsI0jkxXr1lTSwdSfimZTC9w8v00/RGFPgEhZBR+aUI+0EEgG69CbE+Xtjtgma08xUcvCOQ3pJWQwSj2nUYM5F5NP"
        "yZ2/DEkD/6DYUjlRG8M/XJmZmGsPSHKGicIYKEmr2o/RyDQDtwKZzKrfxkRb6HtXWRfutZ0JM2m6d9maJg=="
    )
    private = sealing.unwrap(b64decode(wrapped), PASSWORD)
    assert private == ALICE and sealing.unseal(private, b64decode(sealed)).decode() == "Ada écrit"


@pytest.mark.parametrize("plain", [b"", b"x", b"x" * 255, b"x" * 256, b"\x80" + bytes(300)])
def test_what_is_sealed_comes_back_whole(plain: bytes) -> None:
    keys = sealing.new_keys()
    assert sealing.unseal(keys.private, sealing.seal(keys.public, plain)) == plain


def test_the_length_of_a_seal_does_not_tell_a_cry_from_a_story() -> None:
    public = sealing.new_keys().public
    assert len(sealing.seal(public, b"x")) == len(sealing.seal(public, b"x" * 200))


def test_the_same_words_never_make_the_same_seal() -> None:
    public = sealing.new_keys().public
    assert sealing.seal(public, b"help") != sealing.seal(public, b"help")


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Unopened):
        sealing.unseal(sealing.new_keys().private, sealing.seal(sealing.new_keys().public, b"words"))


@pytest.mark.parametrize("place", [0, 31, 32, 47, 48, -1])
def test_one_altered_byte_anywhere_is_noticed(place: int) -> None:
    keys = sealing.new_keys()
    sealed = bytearray(sealing.seal(keys.public, b"words"))
    sealed[place] ^= 1
    with pytest.raises(Unopened):
        sealing.unseal(keys.private, bytes(sealed))


@pytest.mark.parametrize("left", [0, 31, 47, 100])
def test_what_was_cut_off_is_noticed(left: int) -> None:
    keys = sealing.new_keys()
    with pytest.raises(Unopened):
        sealing.unseal(keys.private, sealing.seal(keys.public, b"words")[:left])


def test_a_sealed_box_that_this_service_did_not_pad_is_refused() -> None:
    keys = sealing.new_keys()
    with pytest.raises(Unopened):
        sealing.unseal(keys.private, SealedBox(PrivateKey(keys.private).public_key).encrypt(b"not padded"))


@pytest.mark.parametrize("tried", ["", "Three quiet lanterns at dusk", f"{PASSWORD} "])
def test_a_wrong_password_opens_nothing(tried: str) -> None:
    with pytest.raises(Unopened):
        sealing.unwrap(sealing.wrap(ALICE, PASSWORD, **CHEAP), tried)


@pytest.mark.parametrize("place", [0, 9, 24, -1])
def test_an_altered_wrapped_key_is_noticed(place: int) -> None:
    wrapped = bytearray(sealing.wrap(ALICE, PASSWORD, **CHEAP))
    wrapped[place] ^= 1
    with pytest.raises(Unopened):
        sealing.unwrap(bytes(wrapped), PASSWORD)


def test_under_a_new_password_the_same_key_opens_the_same_seals() -> None:
    keys = sealing.new_keys()
    sealed = sealing.seal(keys.public, b"words")
    private = sealing.unwrap(sealing.wrap(keys.private, PASSWORD, **CHEAP), PASSWORD)
    again = sealing.wrap(private, "four loud lanterns at dawn", **CHEAP)
    assert sealing.unseal(sealing.unwrap(again, "four loud lanterns at dawn"), sealed) == b"words"
    with pytest.raises(Unopened):
        sealing.unwrap(again, PASSWORD)


def test_the_same_key_under_the_same_password_never_looks_the_same() -> None:
    assert sealing.wrap(ALICE, PASSWORD, **CHEAP)[9:25] != sealing.wrap(ALICE, PASSWORD, **CHEAP)[9:25]


def test_the_cost_stands_in_the_wrapped_form_and_is_64_mebibytes_by_itself() -> None:
    wrapped = sealing.wrap(ALICE, PASSWORD)
    version, passes, memory = wrapped[0], int.from_bytes(wrapped[1:5]), int.from_bytes(wrapped[5:9])
    assert (version, passes) == (1, 3) and memory >= 64 * 1024 * 1024
    assert sealing.unwrap(wrapped, PASSWORD) == ALICE
    cheap = sealing.wrap(ALICE, PASSWORD, **CHEAP)
    assert (int.from_bytes(cheap[1:5]), int.from_bytes(cheap[5:9])) == (1, 8192)


def test_people_compare_four_groups_of_four() -> None:
    # SHA-256 of the public key, its first 64 bits
    assert sealing.fingerprint(bytes(32)) == "6668-7AAD-F862-BD77"
    assert sealing.fingerprint(bytes(31) + b"\x01") != sealing.fingerprint(bytes(32))


def test_no_private_key_is_shown_where_keys_are_printed() -> None:
    assert ALICE.hex() not in repr(sealing.of_private(ALICE)) and repr(ALICE) not in repr(sealing.of_private(ALICE))
