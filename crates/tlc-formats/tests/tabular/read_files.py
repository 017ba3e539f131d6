# Prints what pandas, Polars, DuckDB and pyarrow read in the files that were exported.
import sys, os, json
import duckdb, pandas, polars, pyarrow.feather

os.chdir(sys.argv[1])
read = {
    "pandas csv": pandas.read_csv("a.csv"),
    "pandas json": pandas.read_json("a.jsonl", lines=True, convert_dates=False, dtype=False),
    "pandas parquet": pandas.read_parquet("a.parquet"),
    "pandas feather": pandas.read_feather("a.arrow"),
    "polars csv": polars.read_csv("a.csv"),
    "polars json": polars.read_ndjson("a.jsonl"),
    "polars parquet": polars.read_parquet("a.parquet"),
    "polars arrow": polars.read_ipc("a.arrow"),
    "duckdb csv": duckdb.sql("select * from read_csv('a.csv')").pl(),
    "duckdb json": duckdb.sql("select * from read_json('a.jsonl')").pl(),
    "duckdb parquet": duckdb.sql("select * from 'a.parquet'").pl(),
}
seen = {}
for name, frame in read.items():
    seen[name] = {
        "n": [int(value) for value in frame["n"]],
        "x": [float(value) for value in frame["x"]],
        "t": [str(value) for value in frame["t"]],
        "columns": list(frame.columns),
    }
print(json.dumps(seen))
