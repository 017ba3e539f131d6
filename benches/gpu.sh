#!/usr/bin/env bash
# Measures collection on a GPU and writes gpu.md, one Markdown table.
#
#   benches/gpu.sh [FOLDER]
#
# Needs Rust, a GPU with Vulkan, python3, and for the busy share nvidia-smi. PyTorch is
# compared with if a venv with it can be made. Where neither can be fetched, TLC_GPU_BENCH
# names the built bench and TLC_PYTHON an interpreter with PyTorch. Settings as in
# benches/gpu.rs; TLC_DEVICE=cpu tries the script out where no GPU is.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$root/target/gpu}
device=${TLC_DEVICE:-wgpu}
mkdir -p "$out"
: >"$out/busy.tsv"
: >"$out/torch.tsv"

sampler=
finish() { [ -z "$sampler" ] || kill "$sampler" 2>/dev/null || true; }
trap finish EXIT

sample_busy() {
    if ! command -v nvidia-smi >/dev/null; then
        echo "SKIPPED: no nvidia-smi, so the busy share stays unknown" >&2
        return
    fi
    nvidia-smi --query-gpu=utilization.gpu --format=csv,noheader,nounits -lms 100 \
        > >(while read -r busy; do printf '%s\t%s\n' "$EPOCHREALTIME" "$busy"; done >"$out/busy.tsv") &
    sampler=$!
}

measure_ours() {
    local bench=("${TLC_GPU_BENCH:-}") features=()
    [ "$device" = cpu ] || features=(--features "$device")
    if [ -z "${TLC_GPU_BENCH:-}" ]; then
        bench=(cargo bench -q --profile release -p tlc-benches "${features[@]}" --bench gpu)
        cd "$root"
        "${bench[@]}" --no-run
    fi
    sample_busy
    TLC_DEVICE=$device "${bench[@]}" | tee "$out/ours.tsv"
}

measure_torch() {
    local python=${TLC_PYTHON:-} peers=$root/benches/peers/collect on=cuda
    [ "$device" != cpu ] || on=cpu
    if [ -z "$python" ]; then
        python=$out/venv/bin/python
        if ! python3 -m venv "$out/venv" || ! "$python" -m pip install -q -r "$peers/requirements.txt"; then
            echo "SKIPPED: no venv with PyTorch, so nothing to compare with" >&2
            return
        fi
    fi
    if [ "$on" = cuda ] && ! "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then
        echo "SKIPPED: PyTorch finds no CUDA" >&2
        return
    fi
    "$python" "$peers/gpu.py" "$on" | tee "$out/torch.tsv"
}

measure_ours
measure_torch
python3 "$root/benches/peers/collect/gpu_table.py" "$out" | tee "$out/gpu.md"
