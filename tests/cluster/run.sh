#!/usr/bin/env bash
# The tests of collection on a cluster in full, as root: a scheduler, up to four executors and the
# client, each in a network of its own, an S3 server, and twenty kills of each role.
# Needs `ip`, and for the S3 server TLC_PYTHON with moto[server] 5.2.5.
set -euo pipefail
cd "$(dirname "$0")/../.."

bridge=tlcbridge
clean() {
    for number in 0 1 2 3 4 5; do ip netns del "tlc$number" 2>/dev/null || true; done
    ip link del "$bridge" 2>/dev/null || true
}
trap clean EXIT
clean
ip link add "$bridge" type bridge
ip address add 10.77.0.1/24 dev "$bridge"
ip link set "$bridge" up
for number in 0 1 2 3 4 5; do
    ip netns add "tlc$number"
    ip link add "veth$number" type veth peer name eth0 netns "tlc$number"
    ip link set "veth$number" master "$bridge" up
    ip -n "tlc$number" address add "10.77.0.$((10 + number))/24" dev eth0
    ip -n "tlc$number" link set eth0 up
    ip -n "tlc$number" link set lo up
done

TLC_CLUSTER_NAMESPACES=1 TLC_CLUSTER_KILLS=${TLC_CLUSTER_KILLS:-20} TLC_S3_HOST=10.77.0.1 \
    cargo test --locked -p tlc-query --features ballista --test cluster -- --test-threads=1 "$@"
