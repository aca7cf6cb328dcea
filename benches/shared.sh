# What the scripts of this folder share. Sourced, not run.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
work="$(mktemp -d)"
emulator=
trap '[ -z "$emulator" ] || kill "$emulator"; rm -rf "$work"' EXIT

# package NAME DEPENDENCY...: a package in $work/NAME with the program benches/NAME.rs and the versions of the workspace's lock file.
package() {
    mkdir -p "$work/$1/src"
    cp "$root/benches/$1.rs" "$work/$1/src/main.rs"
    cp "$root/Cargo.lock" "$work/$1/"
    printf '%s\n' '[package]' "name = \"$1\"" 'edition = "2024"' '[workspace]' '[features]' 'ring = []' '[dependencies]' \
        'tokio = { version = "1", default-features = false, features = ["macros", "rt"] }' "${@:2}" >"$work/$1/Cargo.toml"
}

# package_ours FEATURES, package_by_hand FEATURES: the same program with the client, and with reqwest by hand. FEATURES are quoted and
# separated by commas: those of the client's, and those of reqwest's that reach the same servers.
package_ours() {
    package ours "huaweicloud-hss = { path = \"$root/crates/huaweicloud-hss\", default-features = false, features = [$1] }"
}
package_by_hand() {
    package by_hand "reqwest = { version = \"0.13\", default-features = false, features = [\"json\", \"query\"${1:+, $1}] }" \
        'hmac = "0.13"' 'serde = { version = "1", features = ["derive"] }' 'sha2 = { version = "0.11", default-features = false }' \
        'time = { version = "0.3", default-features = false, features = ["formatting", "macros", "std"] }' 'url = "2"' \
        'rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12"], optional = true }'
}

# cpu COMMAND...: the processor time of a command in seconds, user and system, with that of its children.
cpu() {
    local TIMEFORMAT='%U %S' times
    times="$( { time "$@" >"$work/log" 2>&1; } 2>&1 )" || { cat "$work/log" >&2; return 1; }
    awk '{ print $1 + $2 }' <<<"$times"
}

# ratio WHAT OURS THEIRS UNIT: a row of a Markdown table.
header() { printf '| what | ours | %s | unit | ratio |\n| --- | ---: | ---: | --- | ---: |\n' "$1"; }
row() { awk -v what="$1" -v ours="$2" -v theirs="$3" -v unit="$4" \
    'BEGIN { printf "| %s | %.6g | %.6g | %s | %.3f |\n", what, ours, theirs, unit, ours / theirs }'; }

# start_emulator HSS FLAG...: starts `hss emulator`; $url is where it listens.
start_emulator() {
    coproc EMULATOR { exec "$1" emulator "${@:2}" 2>/dev/null; }
    emulator=$EMULATOR_PID
    read -r url <&"${EMULATOR[0]}"
    url="${url#listening on }"
}
stop_emulator() { kill "$emulator"; wait "$emulator" 2>/dev/null || true; emulator=; }
