# Writes files as pandas, Polars, DuckDB and pyarrow write them.
import sys, os, datetime
import duckdb, pandas, polars, pyarrow
import pyarrow.feather, pyarrow.parquet, pyarrow.ipc

os.chdir(sys.argv[1])
rows = {
    "n": [2**63 - 1, -1, 0],
    "x": [0.1, 1e300, -2.5],
    "t": ['a,"b"\nc', "größer", ""],
    "b": [True, False, True],
    "at": [datetime.datetime(2024, 2, 29, 12, 30, 0, 123456)] * 3,
    "v": [[1.5, 2.0], [], [0.25]],
}
frame = pandas.DataFrame(rows)
flat = frame.drop(columns="v")
flat.to_csv("pandas.csv", index=False)
frame.to_json("pandas.jsonl", orient="records", lines=True, date_format="iso", date_unit="us")
frame.to_parquet("pandas.parquet")
frame.to_feather("pandas.feather")
frame.to_feather("pandas_zstd.feather", compression="zstd")
polar = polars.DataFrame(rows)
polar.drop("v").write_csv("polars.csv")
polar.write_ndjson("polars.ndjson")
polar.write_parquet("polars.parquet")
polar.write_ipc("polars.arrow", compression="lz4")
polar.write_ipc_stream("polars.arrows", compression="uncompressed")
table = pyarrow.table(rows)
duckdb.register("rows", table)
duckdb.sql('copy (select n, x, t, b, "at" from rows) to \'duckdb.csv\' (header)')
duckdb.sql("copy rows to 'duckdb.json'")
duckdb.sql("copy rows to 'duckdb.parquet'")
with pyarrow.ipc.new_stream("pyarrow.arrows", table.schema) as stream:
    stream.write_table(table)
