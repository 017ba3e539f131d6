"""Writes the Parquet files of pandas, Polars and DuckDB into a folder."""
import datetime as dt
import decimal
import sys

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.parquet as parquet

folder = sys.argv[1]
MOMENT = dt.datetime(2024, 2, 29, 12, 30, 0, 123456)
UTC = MOMENT.replace(tzinfo=dt.timezone.utc)
DAY = dt.date(2024, 2, 29)
TIME = dt.time(12, 30, 0, 123456)
SPAN = dt.timedelta(days=1, milliseconds=5)
PRICE = decimal.Decimal("12345678901234567.89")

pandas.DataFrame({
    "whole": [1, 2],
    "text": ["a", None],
    "naive": pandas.Series([MOMENT, None], dtype="datetime64[us]"),
    "nanos": pandas.Series([MOMENT, None], dtype="datetime64[ns]"),
    "zoned": pandas.Series([UTC, None], dtype="datetime64[us, UTC]").dt.tz_convert("Europe/Oslo"),
    "day": [DAY, None],
    "time": [TIME, None],
    "span": pandas.Series([SPAN, None], dtype="timedelta64[ms]"),
    "price": [PRICE, None],
    "kind": pandas.Categorical(["x", "y"]),
    "nothing": [None, None],
    "missing": [float("nan"), 0.5],
    "vector": [[0.5, 1.5], [2.5]],
}).to_parquet(f"{folder}/pandas.parquet")

polars.DataFrame({
    "whole": [1, 2],
    "text": ["a", None],
    "naive": [MOMENT, None],
    "nanos": polars.Series([MOMENT, None], dtype=polars.Datetime("ns")),
    "zoned": polars.Series([UTC, None], dtype=polars.Datetime("us", "Europe/Oslo")),
    "day": [DAY, None],
    "time": [TIME, None],
    "span": polars.Series([SPAN, None], dtype=polars.Duration("ms")),
    "price": polars.Series([PRICE, None], dtype=polars.Decimal(38, 2)),
    "kind": polars.Series(["x", "y"], dtype=polars.Categorical),
    "nothing": [None, None],
    "missing": [float("nan"), 0.5],
    "vector": [[0.5, 1.5], [2.5]],
    "pair": polars.Series([[0.5, 1.5], [2.5, 3.5]], dtype=polars.Array(polars.Float32, 2)),
}).write_parquet(f"{folder}/polars.parquet")

duckdb.sql(f"""
    COPY (SELECT * FROM (VALUES
        (1::BIGINT, 'a', TIMESTAMP '2024-02-29 12:30:00.123456',
         TIMESTAMP_NS '2024-02-29 12:30:00.123456',
         TIMESTAMPTZ '2024-02-29 12:30:00.123456+00', DATE '2024-02-29',
         TIME '12:30:00.123456', 12345678901234567.89::DECIMAL(38, 2),
         'x'::ENUM('x', 'y'), NULL, 'nan'::DOUBLE, [0.5::DOUBLE, 1.5]),
        (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'y', NULL, 0.5, [2.5])
    ) t(whole, text, naive, nanos, zoned, day, time, price, kind, nothing, missing, vector))
    TO '{folder}/duckdb.parquet' (FORMAT parquet)
""")

repeated = polars.DataFrame({"text": ["a", "b"] * 5000, "number": range(10_000)})
repeated.write_parquet(f"{folder}/repeated.parquet", row_group_size=4000)

large = pyarrow.table({
    "large_text": pyarrow.array(["a"], pyarrow.large_string()),
    "text_view": pyarrow.array(["a"], pyarrow.string_view()),
    "large_bytes": pyarrow.array([b"a"], pyarrow.large_binary()),
    "bytes_view": pyarrow.array([b"a"], pyarrow.binary_view()),
    "fixed_bytes": pyarrow.array([b"ab"], pyarrow.binary(2)),
    "large_list": pyarrow.array([[1]], pyarrow.large_list(pyarrow.int8())),
    "half": pyarrow.array([0.5], pyarrow.float16()),
    "seconds": pyarrow.array([1], pyarrow.time32("s")),
    "days": pyarrow.array([DAY], pyarrow.date64()),
    "nested": pyarrow.array([{"day": DAY, "nothing": None}]),
    "typed_nulls": pyarrow.array([None], pyarrow.float64()),
    "dictionary": pyarrow.array(["a"]).dictionary_encode(),
})
parquet.write_table(large, f"{folder}/arrow.parquet")
parquet.write_table(large.slice(0, 0), f"{folder}/no_rows.parquet")
fine = pyarrow.array([0, 1], pyarrow.timestamp("ns"))
parquet.write_table(pyarrow.table({"x": fine}), f"{folder}/fine.parquet")
entries = pyarrow.array([[("k", 1)]], pyarrow.map_(pyarrow.string(), pyarrow.int8()))
parquet.write_table(pyarrow.table({"x": entries}), f"{folder}/map.parquet")
duckdb.sql(f"COPY (SELECT INTERVAL 1 DAY AS x) TO '{folder}/interval.parquet' (FORMAT parquet)")
