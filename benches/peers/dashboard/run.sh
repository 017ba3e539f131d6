#!/bin/sh
# Rounds of all products over all rows, in turns, and the table of them: run.sh DATA OUT [ROUNDS]
here=$(dirname "$0")
for round in $(seq "${3:-5}"); do
    for rows in ${ROWS:-10000 60000 1000000 10000000}; do
        for product in ${PRODUCTS:-tlc lightly atlas spotlight}; do
            # These two don't get there; see README.md.
            case "$product $rows" in lightly\ 1000000* | spotlight\ 10000000) continue ;; esac
            timeout 600 node "$here/measure.mjs" "$product" "$1/$rows" "$2" ||
                echo "round $round: $product, $rows rows: no figures"
        done
    done
done
node "$here/table.mjs" "$2"
