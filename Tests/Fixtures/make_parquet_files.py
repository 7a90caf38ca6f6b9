"""Writes Tests/Fixtures/parquet: small files from pyarrow, in which the Parquet tests flip random bytes.

The files have no checksums, so that the changed bytes reach the decoders.
"""

import sys
from pathlib import Path

import pyarrow.parquet as pq

FOLDER = Path(__file__).resolve().parent / "parquet"
sys.path.insert(0, str(FOLDER.parents[1] / "Integration/support"))
import parquet_peers as peers  # noqa: E402

SOME = ["flag", "runs", "f32", "text", "few", "sorted", "date", "fixed", "d9", "d38", "nothing", "int32", "uint64",
        "ts_us", "ids"]

for name, options in {
    "plain-v1": {"use_dictionary": False, "compression": "none", "data_page_version": "1.0"},
    "dictionary-v1": {"compression": "none", "data_page_version": "1.0"},
    "dictionary-v2": {"compression": "none", "data_page_version": "2.0"},
    "delta-v2": {"compression": "none", "data_page_version": "2.0", **peers.ENCODINGS["delta"]},
    "split-v1": {"compression": "none", "data_page_version": "1.0", **peers.ENCODINGS["split"]},
    "int96-snappy": {"compression": "snappy", "use_deprecated_int96_timestamps": True},
    "gzip-v2": {"compression": "gzip", "data_page_version": "2.0"},
    "zstd-v1": {"compression": "zstd", "data_page_version": "1.0"},
}.items():
    table = peers.arrow_table(60, 7, True).select(SOME)
    wanted = options.get("column_encoding")
    if wanted:
        options["column_encoding"] = {column: value for column, value in wanted.items() if column in SOME}
    pq.write_table(table, FOLDER / f"{name}.parquet", row_group_size=40, store_schema=False, **options)
