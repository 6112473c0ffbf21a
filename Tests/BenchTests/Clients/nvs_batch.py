"""Runs Espressif's NVS partition generator over every N.csv of a folder, plain and encrypted, in one process.

usage: nvs_batch.py FOLDER SIZE. Reads N.csv and N-keys.bin (64 bytes); writes N-plain.bin and N-encrypted.bin.
"""

import pathlib
import sys
from types import SimpleNamespace

from esp_idf_nvs_partition_gen import nvs_partition_gen as generator

folder, size = pathlib.Path(sys.argv[1]), sys.argv[2]
for table in sorted(folder.glob("*.csv")):
    stem = str(table.with_suffix(""))

    def options(output, **more):
        return SimpleNamespace(input=str(table), output=stem + output, outdir=str(folder), size=size, version=2, **more)

    generator.generate(options("-plain.bin"))
    generator.encrypt(options("-encrypted.bin", keygen=False, inputkey=stem + "-keys.bin", keyfile=None))
