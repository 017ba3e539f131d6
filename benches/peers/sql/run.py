"""`tlc sql` beside DuckDB on the same files. See README.md."""

import json
import math
import pathlib
import statistics
import subprocess
import sys
import time

import duckdb

THREADS = 2
# {metrics} and {samples} are the two tables.
QUESTIONS = {
    "mean loss and confidence of each predicted class": """
        SELECT predicted, count(*) AS n, avg(loss) AS loss, avg(confidence) AS confidence
        FROM {metrics} GROUP BY predicted ORDER BY predicted""",
    "the 100 with the largest loss": """
        SELECT example_id, predicted, confidence, loss
        FROM {metrics} ORDER BY loss DESC, example_id LIMIT 100""",
    "how many are unsure and wrong": """
        SELECT count(*) AS n FROM {metrics}
        WHERE confidence BETWEEN 0.5 AND 0.6 AND loss > 1""",
    "a map of the embedding, 40 x 40": """
        SELECT CAST(floor("points.x" * 4) AS int) AS x, CAST(floor("points.y" * 4) AS int) AS y,
               count(*) AS n, avg(loss) AS loss
        FROM {metrics} GROUP BY 1, 2 ORDER BY n DESC, x, y LIMIT 1600""",
    "accuracy of each class, joined to the table": """
        SELECT t.label AS class, count(*) AS n, avg(CASE WHEN t.label = m.predicted THEN 1.0 ELSE 0.0 END) AS accuracy
        FROM {metrics} AS m JOIN {samples} AS t ON m.example_id = t.example_id
        GROUP BY t.label ORDER BY t.label""",
}


def the_only(folder, what):
    found = sorted(folder)
    assert len(found) == 1, f"{len(found)} {what}"
    return found[0]


def ours(tlc, root, question):
    project = the_only(root.iterdir(), "projects")
    run = the_only((project / "runs").iterdir(), "runs").name
    dataset = the_only((project / "datasets").iterdir(), "data sets")
    table = the_only((dataset / "tables").iterdir(), "tables").name
    sql = question.format(
        metrics=f'"{project.name}".runs."{run}".default_stream',
        samples=f'"{project.name}".tables."{dataset.name}"."{table}"',
    )
    asked = [tlc, "sql", "--project-root", str(root), "--json", sql]
    said = subprocess.run(asked, capture_output=True, check=True)
    return [tuple(row.values()) for row in json.loads(said.stdout)]


def class_names(root):
    """Labels are shown by their names, and DuckDB knows numbers."""
    commits = the_only(root.iterdir(), "projects").glob("datasets/*/tables/*/commits/*.json")
    document = json.loads(the_only(commits, "commits").read_text().splitlines()[0])
    label = next(column for column in document["schema"]["columns"] if column["name"] == "label")
    return label["value"]["classes"]


def theirs(connection, question):
    return connection.execute(question.format(metrics="metrics", samples="samples")).fetchall()


def opened(root):
    project = the_only(root.iterdir(), "projects")
    metrics = sorted(map(str, project.glob("runs/*/metrics/*/*.parquet")))
    samples = [str(the_only(project.glob("datasets/*/tables/*/parts/*.parquet"), "parts of the table"))]
    connection = duckdb.connect(config={"threads": THREADS})
    connection.execute(f"CREATE VIEW metrics AS SELECT * FROM read_parquet({metrics})")
    connection.execute(
        "CREATE VIEW samples AS SELECT label, file_row_number AS example_id "
        f"FROM read_parquet({samples}, file_row_number = true)"
    )
    return connection


def is_same(one, other, classes):
    if isinstance(one, str):
        return one == classes[other]
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(float(one), float(other), rel_tol=1e-5)
    return one == other


def timed(work):
    started = time.perf_counter()
    answer = work()
    return time.perf_counter() - started, answer


def main():
    tlc, root, rounds = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), int(sys.argv[3])
    connection, classes = opened(root), class_names(root)
    print("| question | `tlc sql` | DuckDB | ratio |\n|---|---|---|---|")
    for name, question in QUESTIONS.items():
        one, other = ours(tlc, root, question), theirs(connection, question)
        assert len(one) == len(other), (name, len(one), len(other))
        for row, same in zip(one, other):
            assert all(is_same(*cells, classes) for cells in zip(row, same)), (name, row, same)
        times = []
        for _ in range(rounds):
            mine, _ = timed(lambda: ours(tlc, root, question))
            yours, _ = timed(lambda: theirs(connection, question))
            times.append((mine, yours))
        mine, yours = (statistics.median(column) for column in zip(*times))
        ratio = statistics.median(mine / yours for mine, yours in times)
        print(f"| {name} | {mine:.2f} s | {yours:.2f} s | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
