"""Prints, as JSON, what pyarrow and DuckDB see in a part file."""
import json
import sys

import duckdb
import pyarrow.parquet as parquet

path = sys.argv[1]
file = parquet.ParquetFile(path)
table = file.read()
duck = duckdb.sql(f"SELECT * FROM read_parquet('{path}')")


def exact(value):
    """Floats by their bits, since JSON has no NaN; bytes as numbers."""
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, (bytes, bytearray)):
        return list(value)
    if isinstance(value, (list, tuple)):
        return [exact(item) for item in value]
    return value


def rows(columns, values):
    return [dict(zip(columns, map(exact, row))) for row in values]


print(json.dumps({
    "arrow": {
        "types": {field.name: str(field.type) for field in table.schema},
        "columns": {
            field.name: json.loads((field.metadata or {}).get(b"tlc.column", b"null"))
            for field in table.schema
        },
        "schema": json.loads(file.metadata.metadata[b"tlc.schema"]),
        "rows": rows(table.column_names, zip(*(c.to_pylist() for c in table.columns))),
    },
    "duckdb": {
        "types": dict(zip(duck.columns, map(str, duck.types))),
        "rows": rows(duck.columns, duck.fetchall()),
    },
}))
