"""The list maker's file of block lengths, and the digest that gives nothing away."""

import pytest

from trialkit import errors
from trialkit.randomization import demonstration_entropy, load_restriction, restriction_text

SALT = 'salt = "00112233445566778899aabbccddeeff"\n'


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "randomization.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_file_is_read_back_as_it_was_made(written):
    restriction = load_restriction(written(restriction_text((6, 4), 314, demonstration_entropy(1, "salt"))))
    assert restriction.block_lengths == (4, 6)
    assert restriction.subjects_per_stratum == 314
    assert load_restriction(written(restriction_text(None))).block_lengths is None


def test_the_digest_depends_on_lengths_and_salt_and_not_on_their_order(written):
    digest = load_restriction(written(f"block_lengths = [4, 6]\n{SALT}")).digest
    assert load_restriction(written(f"{SALT}block_lengths = [6, 4]")).digest == digest
    others = [
        f"block_lengths = [4]\n{SALT}",
        f'block_lengths = "none"\n{SALT}',
        f"block_lengths = [4, 6]\nsubjects_per_stratum = 60\n{SALT}",
        "block_lengths = [4, 6]\n" + SALT.replace("00", "01"),
    ]
    assert digest not in {load_restriction(written(text)).digest for text in others}


def test_the_same_lengths_in_two_studies_have_different_digests(written):
    assert (
        load_restriction(written(restriction_text((4, 6)))).digest
        != load_restriction(written(restriction_text((4, 6)))).digest
    )


def test_the_lengths_are_not_shown_when_the_restriction_is_printed(written):
    restriction = load_restriction(written(f"block_lengths = [4, 6]\n{SALT}"))
    assert "4, 6" not in f"{restriction!r}{restriction}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("block_lengths = [4", "not TOML"),
        (SALT, "block_lengths as a list"),
        (f"block_lengths = []\n{SALT}", "block_lengths as a list"),
        (f"block_lengths = [4, true]\n{SALT}", "block_lengths as a list"),
        (f"block_lengths = [4.0]\n{SALT}", "block_lengths as a list"),
        ("block_lengths = [4]", "salt as 32"),
        ('block_lengths = [4]\nsalt = "00"', "salt as 32"),
        (f"block_lengths = [4]\n{SALT.upper().replace('SALT', 'salt')}", "salt as 32"),
        (f"block_lengths = [4]\nsubjects_per_stratum = 0\n{SALT}", "at least 1"),
        (f"block_lengths = [4]\nblock_length = 4\n{SALT}", "'block_length' as well"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_clear_error(written, text, says):
    path = written(text)
    with pytest.raises(errors.RestrictionError, match=says) as refused:
        load_restriction(path)
    assert refused.value.where == str(path)


def test_a_missing_file_is_one_clear_error(tmp_path):
    with pytest.raises(errors.CustodyFileError):
        load_restriction(tmp_path / "randomization.toml")
