#!/bin/sh
# Everything, product by product: run.sh DATA OUT.json. See README.md.
here=$(dirname "$0")
for rows in 10000 60000 1000000 10000000; do
  for product in tlc lightly atlas spotlight; do
    case "$product-$rows" in lightly-1000000 | lightly-10000000) continue ;; esac
    node "$here/measure.mjs" "$product" "$1/$rows" "${RUNS:-5}" "$2" || echo "$product, $rows: has failed"
  done
done
