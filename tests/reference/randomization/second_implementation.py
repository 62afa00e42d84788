"""The generator again, written from docs/methods/randomization.md and from nothing else.

Run it to print the golden digests:  python tests/reference/randomization/second_implementation.py
It imports nothing of trialkit and shares no idea of structure with it: strings are built by hand, the keyed
hash is spelled out from SHA-256, and a stratum is one flat bit of arithmetic on one long byte string.
"""

import hashlib
import json
import pathlib
import sys
import unicodedata

NAME = "trialkit-randomization-1"


def text(value):
    """Section 1, canonical JSON: written out by hand."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(text(entry) for entry in value) + "]"
    return "{" + ",".join(text(key) + ":" + text(value[key]) for key in sorted(value)) + "}"


def sha(data):
    return hashlib.sha256(data).digest()


def keyed(key, message):
    """RFC 2104 for a key of 32 bytes and SHA-256's block of 64."""
    padded = key + bytes(64 - len(key))
    inner = sha(bytes(byte ^ 0x36 for byte in padded) + message)
    return sha(bytes(byte ^ 0x5C for byte in padded) + inner)


def tagged(tag, value):
    return sha((NAME + "/" + tag).encode() + b"\0" + text(value).encode("utf-8")).hex()


def c(name):
    return unicodedata.normalize("NFC", name)


def escape(name):
    for char, code in (("%", "%25"), (";", "%3B"), ("=", "%3D")):
        name = name.replace(char, code)
    return name


def form(design):
    """Section 2."""
    lengths = design["block_lengths"]
    return {
        "arms": sorted([c(arm), ratio] for arm, ratio in design["arms"].items()),
        "block_lengths": None if lengths is None else sorted(lengths),
        "factors": sorted(
            [c(f), sorted(c(level) for level in levels)] for f, levels in design["factors"].items()
        ),
        "subjects_per_stratum": design["subjects_per_stratum"],
    }


def labels(canonical):
    """Section 1, stratum label; section 2, all combinations in order."""
    partial = [""]
    for factor, levels in canonical["factors"]:
        partial = [done + ";" + escape(factor) + "=" + escape(level) for done in partial for level in levels]
    return sorted(label[1:] or "all" for label in partial)


def seed_of(seed):
    """Section 3: an integer, or 64 hexadecimal digits."""
    if isinstance(seed, int):
        return sha((NAME + "/integer-seed").encode() + b"\0" + str(seed).encode())
    return bytes.fromhex(seed)


def words(seed, label):
    """Section 3: the stream, four bytes at a time."""
    i = 0
    while True:
        block = keyed(seed, (NAME + "/stratum\0" + label + "\0").encode("utf-8") + i.to_bytes(8, "big"))
        for k in range(0, 32, 4):
            yield (block[k] << 24) | (block[k + 1] << 16) | (block[k + 2] << 8) | block[k + 3]
        i += 1


def below(stream, k):
    if k == 1:
        return 0
    highest = (4294967296 // k) * k - 1
    w = next(stream)
    while w > highest:
        w = next(stream)
    return w % k


def blocks(canonical, seed, label):
    """Section 4."""
    stream = words(seed, label)
    share = sum(ratio for _, ratio in canonical["arms"])
    made, count = [], 0
    while count < canonical["subjects_per_stratum"]:
        if canonical["block_lengths"] is None:
            u, block = below(stream, share), []
            for arm, ratio in canonical["arms"]:
                if 0 <= u < ratio:
                    block = [arm]
                u -= ratio
        else:
            lengths = canonical["block_lengths"]
            length = lengths[below(stream, len(lengths))]
            block = []
            for arm, ratio in canonical["arms"]:
                block += [arm] * (ratio * length // share)
            i = length - 1
            while i >= 1:
                j = below(stream, i + 1)
                saved = block[i]
                block[i] = block[j]
                block[j] = saved
                i -= 1
        made.append(block)
        count += len(block)
    return made


def answer(case):
    """Sections 2, 5 and 8 for one case: every digest of the page."""
    canonical, seed = form(case["design"]), seed_of(case["seed"])
    strata = [{"stratum": label, "blocks": blocks(canonical, seed, label)} for label in labels(canonical)]
    design_digest = tagged("design", canonical)
    digest = tagged("schedule", {"design": canonical, "generator": NAME, "strata": strata})
    promise = {
        "bundle_digest": case["bundle_digest"],
        "design": canonical,
        "generator": NAME,
        "previous_commitment": case["previous_commitment"],
        "schedule_digest": digest,
        "seed": seed.hex(),
    }
    return {
        "design_digest": design_digest,
        "schedule_digest": digest,
        "schedule_id": keyed(seed, (NAME + "/schedule-id\0" + design_digest).encode())[:8].hex(),
        "commitment": tagged("commitment", promise),
        "first_arms": strata[0]["blocks"][0][:6],
        "slots": sum(len(block) for stratum in strata for block in stratum["blocks"]),
    }


def bundle_digest(bundle):
    """Section 8, for the parsed content of a sealed-bundle file."""
    return tagged("sealed-bundle", {key: bundle[key] for key in bundle if key not in ("kind", "generator")})


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent
    cases = json.loads((here / "cases.json").read_text(encoding="utf-8"))
    golden = {case["name"]: answer(case) for case in cases}
    # A bound this large rejects three words in ten; the bounds of real blocks almost never reject one.
    stream = words(seed_of(1), "rejection")
    golden["numbers below 3000000000"] = [below(stream, 3000000000) for _ in range(40)]
    json.dump(golden, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
