# shellcheck shell=bash disable=SC2034  # its callers read port and ready_us
# Sourced by the benchmarks: starts a program that prints `http://HOST:PORT` and `Ready.`, and ends
# it by its process id. Sets pid, port and ready_us, the time from exec to `Ready.`.

folder=$(mktemp -d)
pid=

end_program() {
  if [ -n "$pid" ]; then
    kill -TERM "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    pid=
  fi
}

clean_up() {
  end_program
  rm -rf "$folder"
}
trap clean_up EXIT

now_us() { echo "${EPOCHREALTIME/./}"; }

start_program() {
  local begin line
  rm -f "$folder/output"
  mkfifo "$folder/output"
  begin=$(now_us)
  "$@" >"$folder/output" 2>"$folder/log" &
  pid=$!
  exec 8<"$folder/output"
  while read -r -t 30 -u 8 line; do
    case $line in
      http://*) port=${line##*:} ;;
      Ready.)
        ready_us=$(($(now_us) - begin))
        return
        ;;
    esac
  done
  echo "$1 did not start:" >&2
  cat "$folder/log" >&2
  exit 1
}

# CPU time of a process and the children it waits for, in ticks of 10 ms.
cpu_ticks() {
  local stat fields
  read -r stat <"/proc/$1/stat"
  read -r -a fields <<<"${stat##*) }"
  echo $((fields[11] + fields[12]))
}

median() { sort -n | sed -n "$((($1 + 1) / 2))p"; }
