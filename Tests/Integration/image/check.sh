# Runs in the image as its user: a small job on a driver and a worker, with health checks.
set -euo pipefail
fail() {
  echo "check-image: $*" >&2
  exit 1
}
((EUID == 10001)) || fail "running as user $EUID, expected 10001"
# The user must not be able to change the image.
(: >/usr/local/bin/x) 2>/dev/null && fail "/usr/local/bin is writable"
cd /data
swift-events --events 20000 --users 500 --days 3 --output raw >/dev/null
if swiftlet-health 2>/dev/null; then fail "healthy without any process"; fi
export SWIFTLET_HTTP_PORT=18080
swift-driver --listen 127.0.0.1:17077 --http 127.0.0.1:$SWIFTLET_HTTP_PORT --state /data/state --quiet &
driver=$!
trap 'kill $driver 2>/dev/null || true' EXIT
for _ in {1..100}; do
  if swiftlet-health 2>/dev/null; then break; fi
  sleep 0.1
done
swiftlet-health || fail "the driver is not healthy"
swift-worker --driver 127.0.0.1:17077 --cores 2 --quiet &
worker=$!
trap 'kill $worker $driver 2>/dev/null || true' EXIT
swift-submit --master swiftlet://127.0.0.1:17077 --set root=/data /usr/local/share/swiftlet/jobs/segmentation.json
[[ -s /data/user_segments/_report.html && -s /data/user_segments/_SUCCESS ]] || fail "the job wrote no segments"
kill $worker
wait $worker || fail "the worker exited with $?"
swiftlet-health --alive || fail "not alive with a running driver"
kill $driver
wait $driver || fail "the driver exited with $?"
if swiftlet-health --alive 2>/dev/null; then fail "alive without any process"; fi
trap - EXIT
