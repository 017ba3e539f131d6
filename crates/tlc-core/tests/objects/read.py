"""Reads what the main example has written to an S3 server, by pyarrow alone."""

import sys

import pyarrow.fs as fs
import pyarrow.parquet as parquet

endpoint, project = sys.argv[1:]
store = fs.S3FileSystem(
    access_key="a", secret_key="b", endpoint_override=endpoint, scheme="http"
)
files = store.get_file_info(fs.FileSelector(f"{project}/runs", recursive=True))
parts = [file.path for file in files if "/metrics/" in file.path and file.path.endswith(".parquet")]
rows = sum(parquet.read_table(part, filesystem=store).num_rows for part in parts)
print(f"{rows} rows of metrics in {len(parts)} parts")
assert rows > 0
