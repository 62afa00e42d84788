"""Which class a drug belongs to, as far as a protocol for back pain needs it."""

from __future__ import annotations

_NSAIDS = [
    "aceclofenac",
    "acetylsalicylic-acid",
    "aspirin",
    "celecoxib",
    "dexibuprofen",
    "dexketoprofen",
    "diclofenac",
    "etodolac",
    "etoricoxib",
    "flurbiprofen",
    "ibuprofen",
    "imrecoxib",
    "indometacin",
    "indomethacin",
    "ketoprofen",
    "ketorolac",
    "lornoxicam",
    "loxoprofen",
    "meloxicam",
    "nabumetone",
    "naproxen",
    "nimesulide",
    "parecoxib",
    "piroxicam",
    "sulindac",
    "tenoxicam",
]
_OPIOIDS = ["codeine", "fentanyl", "hydrocodone", "morphine", "oxycodone", "tapentadol", "tramadol"]
_OTHERS = {
    "acetaminophen": "analgesic and antipyretic without anti-inflammatory effect",
    "paracetamol": "analgesic and antipyretic without anti-inflammatory effect",
    "duloxetine": "antidepressant",
    "gabapentin": "gabapentinoid",
    "pregabalin": "gabapentinoid",
}
_CLASS_OF = dict.fromkeys(_NSAIDS, "NSAID") | dict.fromkeys(_OPIOIDS, "opioid") | _OTHERS


def class_of(drug: str) -> str | None:
    """The class of a drug by its generic name; None where it is not in the list."""
    return _CLASS_OF.get(drug.strip().casefold().replace(" ", "-"))
