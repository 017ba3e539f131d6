/**
 * The types of what the server says; API.md is their text.
 *
 * @typedef {number | string | boolean | null | object} Cell a value of a column; classes are their ids
 *
 * @typedef {{root: string, read_only: boolean, version: string, author: string | null}} Session
 * @typedef {{id: string, name: string, runs: number, tables: number}} Project
 * @typedef {'empty' | 'running' | 'collecting' | 'post-processing' | 'completed' | 'failed' | 'interrupted'} Status
 * @typedef {{name: string, is_finding: boolean, rows: number, epochs: number[], splits: string[], tables: string[]}} Stream
 * @typedef {object} Run
 * @property {string} id
 * @property {string} project
 * @property {string} name
 * @property {string | null} description
 * @property {Status} status
 * @property {number} created
 * @property {string | null} failure
 * @property {Record<string, unknown>} parameters
 * @property {Record<string, number | null>} last
 * @property {Stream[]} streams
 * @property {{id: string, dataset: string, name: string}[]} tables
 * @typedef {'epoch' | 'iteration' | 'step' | 'time'} Axis
 * @typedef {{key: string, axis: Axis, points: [number, number | null][]}} Series
 *
 * @typedef {object} Table
 * @property {string} id
 * @property {string} project
 * @property {string} dataset
 * @property {string} name
 * @property {number} rows
 * @property {number | null} created
 * @property {string | null} description
 * @property {string | null} author
 * @property {string[]} parents
 * @property {number | null} cells_changed
 * @property {number | null} rows_changed
 * @property {Column[]} columns
 * @typedef {{total: number, rows: {row: number | null, column: string, before: Cell, after: Cell}[]}} Difference
 *
 * @typedef {{id: number, name: string, color: string | null}} Class
 * @typedef {object} Column
 * @property {string} name
 * @property {'number' | 'class' | 'flag' | 'text' | 'moment' | 'other'} kind
 * @property {'image' | 'boxes' | 'embedding' | 'mask' | 'list' | 'bytes' | 'struct' | null} shows
 * @property {string | null} role
 * @property {string | null} title
 * @property {string | null} description
 * @property {string | null} unit
 * @property {boolean} is_of_table
 * @property {boolean} writable
 * @property {boolean} visible
 * @property {string | null} selection the name that it says of each row whether it is kept under
 * @property {Class[] | null} classes
 * @property {Skeleton[]} skeletons of the keypoints of its boxes
 * @typedef {{class?: number, edges?: [number, number][]}} Skeleton which keypoints a line joins, of objects of a class or of all
 *
 * @typedef {object} Defaults
 * @property {string | null} [image]
 * @property {string | null} [label]
 * @property {string | null} [predicted]
 * @property {string | null} [confidence]
 * @property {string | null} [loss]
 * @property {string | null} [error]
 * @property {string | null} [text]
 * @property {string | null} [weight]
 * @property {[string, string][]} points
 *
 * @typedef {{name: string, expression: string}} Derived
 * @typedef {{name: string, error: string, position: number | null}} DerivedError
 * @typedef {object} View
 * @property {string} id
 * @property {number} rows
 * @property {{id: string, name: string}[]} runs
 * @property {{id: string, dataset: string, name: string}[]} tables
 * @property {string[]} notes
 * @property {DerivedError[]} derived_errors of the columns that could not be computed
 * @property {Column[]} columns
 * @property {number[]} epochs
 * @property {Defaults} defaults
 * @property {CompareBy | null} compare_by
 *
 * @typedef {{type: 'range', column: string, min?: number, max?: number}} RangeFilter
 * @typedef {{type: 'classes', column: string, ids: number[], missing?: boolean}} ClassesFilter
 * @typedef {{type: 'flag', column: string, is: boolean}} FlagFilter
 * @typedef {{type: 'contains', column: string, text: string}} ContainsFilter
 * @typedef {{type: 'special', column: string, is: 'missing' | 'nan' | 'infinity' | 'minus_infinity'}} SpecialFilter
 * @typedef {{type: 'lasso', x: string, y: string, polygon: [number, number][]}} LassoFilter
 * @typedef {{type: 'rows', rows: number[]}} RowsFilter
 * @typedef {{type: 'expression', text: string}} ExpressionFilter
 * @typedef {{type: 'not', filter: Filter}} NotFilter
 * @typedef {{type: 'any', filters: Filter[]}} AnyFilter
 * @typedef {RangeFilter | ClassesFilter | FlagFilter | ContainsFilter | SpecialFilter | LassoFilter | RowsFilter | ExpressionFilter | NotFilter | AnyFilter} Filter
 * @typedef {{column: string, descending?: boolean}} OrderBy
 *
 * @typedef {{missing: number, nan: number, infinity: number, minus_infinity: number, outside: number}} Apart
 * @typedef {{column: string, edges: number[], all: number[], matching: number[], all_apart: Apart, matching_apart: Apart}} Histogram
 * @typedef {{column: string, classes: (Class & {all: number, matching: number})[], missing: [number, number], others: [number, number]}} ClassCounts
 * @typedef {{column: string, count: number, apart: Apart, min: number | null, max: number | null, mean: number | null, std: number | null, quantiles: {p05: number | null, p25: number | null, median: number | null, p75: number | null, p95: number | null}}} Statistics
 * @typedef {{given: number, predicted: number, is_right: boolean, rows: number}} Pair
 * @typedef {{classes: Class[], predicted: Class[], pairs: Pair[], apart: number}} Confusion
 * @typedef {{by: string, of: string, groups: {key: Cell, name: string | null, rows: number, statistics: Statistics}[]}} Groups
 * @typedef {{start: number, rows: number[], cells: Record<string, Cell[]>}} Page
 *
 * @typedef {object} Question
 * @property {Filter[]} filters
 * @property {{column: string, bins?: number, range?: [number, number]}[]} [histograms]
 * @property {string[]} [classes]
 * @property {string[]} [statistics]
 * @property {[string, string]} [confusion]
 * @property {{by: string, of?: string}[]} [groups]
 * @property {OrderBy[]} [order]
 * @property {{start: number, len: number, columns: string[]}} [page]
 *
 * @typedef {object} Answer
 * @property {number} rows
 * @property {number} count
 * @property {Histogram[]} [histograms]
 * @property {ClassCounts[]} [classes]
 * @property {Statistics[]} [statistics]
 * @property {Confusion} [confusion]
 * @property {Groups[]} [groups]
 * @property {Page} [page]
 * @property {number} took_micros
 *
 * @typedef {{row: number | null, place: number, count: number}} Step
 * @typedef {object} Sample
 * @property {number} row
 * @property {string | null} run
 * @property {string | null} table
 * @property {Cell} example_id
 * @property {number | null} table_row
 * @property {Record<string, Cell>} cells
 * @property {{run: string | null, epoch: number | null, split: string | null, cells: Record<string, Cell>}[]} history what each epoch says of it
 *
 * @typedef {object} Finding
 * @property {string} kind
 * @property {string} title
 * @property {number | null} count
 * @property {string} explanation
 * @property {'ready' | 'missing' | 'impossible'} state
 * @property {string | null} [reason]
 * @property {number[]} rows
 * @property {Filter[]} filters
 * @property {OrderBy[]} order
 * @typedef {{state: 'running' | 'done' | 'cancelled' | 'failed', stage?: string, part?: number, notes?: string[], error?: string | null}} Job
 *
 * @typedef {{id: number | string, kind: string, column: string | null, cells: number, time: number, is_undone: boolean}} EditAction
 * @typedef {object} Edits
 * @property {{table: string, actions: EditAction[], cells: number, reviewed: number, columns: Record<string, number>}[]} tables
 * @property {boolean} can_undo
 * @property {boolean} can_redo
 * @property {Record<string, Record<string, Cell>>} [pending]
 * @typedef {{cells: Record<string, Record<string, Cell>>, reviewed: number[]}} PendingCells
 * @typedef {{table: string, cells: {row: number, column: string | null, yours: Cell, theirs?: Cell}[], total: number}} Conflict
 * @typedef {{table: Table, line: string}} Committed
 *
 * @typedef {{type: 'same', given: string, predicted: string} | {type: 'flag', column: string} | {type: 'change'}} Right
 * @typedef {{value: string, right: Right}} CompareBy
 * @typedef {'newly_right' | 'newly_wrong' | 'stays_right' | 'stays_wrong' | 'grew' | 'fell' | 'unchanged' | 'unknown'} Verdict
 * @typedef {object} Comparison
 * @property {Partial<Record<Verdict, number>>} counts
 * @property {{only_before: number, only_after: number, repeated: number}} apart
 * @property {{before: string, after: string, samples: number, newly_right: number, newly_wrong: number}[]} moved
 * @property {{before: number, after: number, verdict: Verdict, change: number | null}[]} samples
 * @property {number} total
 */
export {};
