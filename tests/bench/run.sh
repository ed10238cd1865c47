#!/usr/bin/env bash
# Measures what a person waits for and what it costs, and keeps the raw numbers under runs/<date>/.
#
# Needs hyperfine, curl and GNU time (Debian: hyperfine, curl, time). Takes two minutes after building. Costs inside the program
# (a guest call, events of a stream, a request through egress) are measured by inner.rs, whose report is kept beside.
#
#     tests/bench/run.sh            build in release, measure everything
#     CHELA=path tests/bench/run.sh measure this program
#     RUNS=20 INNER=0 …             runs of each command; without the inner costs
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in hyperfine curl /usr/bin/time; do
    command -v "$tool" > /dev/null || { echo "error: $tool is needed" >&2; exit 2; }
done

runs=${RUNS:-100}
target=${CARGO_TARGET_DIR:-target}
if [ -z "${CHELA:-}" ]; then
    cargo build --release --package chela
    CHELA=$target/release/chela
fi
CHELA=$(realpath "$CHELA")
cargo build --release --package chela-test-support --example loopback
loopback=$(realpath "$target/release/examples/loopback")

out=$PWD/tests/bench/runs/$(date -u +%Y-%m-%d)
mkdir -p "$out"
room=$(mktemp -d)
# The server ends when its standard input does.
mkfifo "$room/stdin"
"$loopback" serve < "$room/stdin" > "$room/url" &
exec 9> "$room/stdin"
cleanup() { exec 9>&-; wait; rm -rf "$room"; }
trap cleanup EXIT
until [ -s "$room/url" ]; do :; done
url=$(cat "$room/url")

# Nothing of this machine's user is read, and nothing is left behind.
mkdir "$room/home"
clean=(env -i "PATH=$PATH" "HOME=$room/home" "CHELA_STATE_DIR=$room/state" "CHELA_CACHE_DIR=$room/cache" "CHELA_CONFIG=$room/config.json5"
    OPENAI_API_KEY=sk-bench DEEPGRAM_API_KEY=dg-bench)
printf '{models: {providers: {openai: {baseUrl: "%s"}, deepgram: {baseUrl: "%s"}}}}\n' "$url" "$url" > "$room/config.json5"
"$loopback" picture "$room/large.png" $((200 * 1000 * 1000))
"$loopback" recording "$room/long.wav" $((500 * 1000 * 1000))

# What chela sends for the question below, for curl to send too.
cat > "$room/body.json" << 'JSON'
{"model":"gpt-5.4","messages":[{"role":"user","content":"What is 2 + 2?"}]}
JSON

version=("$CHELA" --version)
providers=("$CHELA" image providers --json)
ask=("$CHELA" model run --model openai/gpt-5.4 --prompt "What is 2 + 2?" --json)
demo=("$CHELA" model run --model demo/demo-1 --prompt "Reply with exactly: pong" --json)
edit=("$CHELA" image edit --model openai/gpt-image-1.5 --file "$room/large.png" --prompt smaller --output "$room/out.png" --json)
form=("$CHELA" audio transcribe --provider openai --file "$room/long.wav" --json)
file=("$CHELA" audio transcribe --provider deepgram --file "$room/long.wav" --json)
curl=(curl --silent --fail --output "$room/answer.json" --header "Authorization: Bearer sk-bench"
    --header "Content-Type: application/json" --data "@$room/body.json" "$url/chat/completions")

{
    echo "date: $(date -u +%Y-%m-%dT%H:%M:%SZ)"
    echo "commit: $(git rev-parse HEAD)$(git diff --quiet HEAD -- host plugins sdk Cargo.lock || echo ' with changes')"
    echo "program: $(wc -c < "$CHELA") bytes"
    echo "rustc: $(rustc --version)"
    echo "system: $(uname -sm)"
    echo "cpu: $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2- | sed 's/^ *//'), $(nproc) of them"
    echo "hyperfine: $(hyperfine --version)"
    echo "runs: $runs"
} | tee "$out/machine.txt"

quoted() { printf '%q ' "$@"; }
measure() { # name, then hyperfine's arguments
    local name=$1
    shift
    "${clean[@]}" hyperfine --shell=none --warmup 3 --runs "$runs" --export-json "$out/$name.json" --export-markdown "$out/$name.md" "$@"
}

# Compiled once before anything is measured, as on any day but the first.
"${clean[@]}" "${ask[@]}" > "$room/first.json"
"${clean[@]}" "${demo[@]}" > "$room/first.json"

measure start \
    --command-name "chela --version" "$(quoted "${version[@]}")" \
    --command-name "chela image providers --json" "$(quoted "${providers[@]}")"
measure call \
    --command-name "curl" "$(quoted "${curl[@]}")" \
    --command-name "chela model run" "$(quoted "${ask[@]}")"
measure first-call \
    --command-name "demo, compiled before" "$(quoted "${demo[@]}")" \
    --prepare "true" \
    --command-name "demo, the first call ever" "$(quoted "${demo[@]}")" \
    --prepare "rm -rf $room/cache $room/state"

peak() { # name, then a command; the largest resident set in KiB, of the program or of a child it waited for
    local name=$1
    shift
    for _ in 1 2 3 4 5; do
        "${clean[@]}" /usr/bin/time --format "%M" --output "$room/peak" -- "$@" > "$room/peak.out"
        printf '%s\t%s\n' "$name" "$(tail -1 "$room/peak")"
    done
}
# Again, because measuring the first call threw away what was compiled.
"${clean[@]}" "${ask[@]}" > "$room/first.json"
{
    printf 'command\tpeak KiB\n'
    peak "curl" "${curl[@]}"
    peak "chela --version" "${version[@]}"
    peak "chela image providers --json" "${providers[@]}"
    peak "chela model run" "${ask[@]}"
    peak "chela image edit, 200 MB" "${edit[@]}"
    peak "chela audio transcribe, 500 MB in a form" "${form[@]}"
    peak "chela audio transcribe, 500 MB as the body" "${file[@]}"
} | tee "$out/memory.tsv"

"${clean[@]}" hyperfine --shell=none --warmup 1 --runs 5 --export-json "$out/edit.json" --export-markdown "$out/edit.md" \
    --command-name "chela image edit, 200 MB" "$(quoted "${edit[@]}")"

if [ "${INNER:-1}" = 1 ]; then
    cargo bench --package chela --bench inner | tee "$out/inner.txt"
fi
echo "kept in ${out#"$PWD"/}"
