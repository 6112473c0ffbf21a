"""Runs Espressif's NVS partition generator over every N.csv of a folder, plain and encrypted, in one process.

usage: nvs_batch.py FOLDER. Reads N.csv, whose first line is "# SIZE", and N-keys.bin (64 bytes); writes N-plain.bin and
N-encrypted.bin. Makes keys/made.bin, a key partition with keys of its own, and encrypts the last table with them.
"""

import pathlib
import sys
from types import SimpleNamespace

from esp_idf_nvs_partition_gen import nvs_partition_gen as generator

folder = pathlib.Path(sys.argv[1])
generator.generate_key(SimpleNamespace(keyfile="made.bin", outdir=str(folder), key_protect_hmac=False))
for table in sorted(folder.glob("*.csv")):
    stem = str(table.with_suffix(""))
    size = table.read_text(encoding="utf8").split(maxsplit=2)[1]

    def options(output, **more):
        return SimpleNamespace(input=str(table), output=stem + output, outdir=str(folder), size=size, version=2, **more)

    generator.generate(options("-plain.bin"))
    generator.encrypt(options("-encrypted.bin", keygen=False, inputkey=stem + "-keys.bin", keyfile=None))
generator.encrypt(options("-made.bin", keygen=False, inputkey=str(folder / "keys" / "made.bin"), keyfile=None))
