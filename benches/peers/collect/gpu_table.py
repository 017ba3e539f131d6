"""The lines that `benches/gpu.rs` and `gpu.py` printed, and the samples of nvidia-smi, as
one Markdown table. Ratios of ours are medians over rounds."""

import collections
import pathlib
import statistics
import sys

BARE = "forward"


def lines(path):
    return [line.split("\t") for line in path.read_text().splitlines()]


def busy_share(samples, spans):
    """Mean busy share, in percent, of the samples within the spans."""
    within = [b for at, b in samples if any(start <= at <= end for start, end in spans)]
    return f"{statistics.mean(within):.0f} %" if within else "unknown"


def main():
    folder = pathlib.Path(sys.argv[1])
    samples = [(float(at), float(busy)) for at, busy in lines(folder / "busy.tsv")]
    rates, spans = collections.defaultdict(list), collections.defaultdict(list)
    for net, what, rate, start, end in lines(folder / "ours.tsv") + lines(folder / "torch.tsv"):
        rates[net, what].append(float(rate))
        spans[net, what].append((float(start), float(end)))
    print("| net | work | images/s | time over the bare forward pass | device busy |")
    print("|---|---|---|---|---|")
    for (net, what), measured in rates.items():
        bare = rates[net, BARE]
        ratio = statistics.median(b / m for b, m in zip(bare, measured))
        rate, busy = statistics.median(measured), busy_share(samples, spans[net, what])
        print(f"| {net} | {what} | {rate:.0f} | {ratio:.3f} | {busy} |")


if __name__ == "__main__":
    main()
