"""Writes the sample inventories and the truth they add up to, the same bytes every time.

    python -m tests.samples.make_samples [FOLDER]

Without a folder the samples go to `data/samples/` and the truth to `tests/golden/samples.json`;
with one, both go there. Models are real (`model.csv` names each source); tags, serials, names,
places, weights, prices and dates are made up.
"""

import json
import random
import sys
from pathlib import Path

from . import itad, netbox, servicenow, snipeit
from .ledger import Catalogue

HERE = Path(__file__).resolve().parent
SEED = 20261122
WRITERS = (itad, netbox, servicenow, snipeit)


def make_samples(folder: Path, truth_path: Path) -> None:
    """Write all samples into a folder and their accounts into one JSON file."""
    catalogue = Catalogue(HERE / "model.csv")
    folder.mkdir(parents=True, exist_ok=True)
    truth = {
        writer.NAME: writer.write(folder, catalogue, random.Random(f"{SEED}/{writer.NAME}")).truth()
        for writer in WRITERS
    }
    text = json.dumps(truth, indent=2, ensure_ascii=False, sort_keys=True)
    truth_path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        make_samples(Path(sys.argv[1]), Path(sys.argv[1]) / "samples.json")
    else:
        project = HERE.parents[1]
        make_samples(project / "data" / "samples", project / "tests" / "golden" / "samples.json")
