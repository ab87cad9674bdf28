#!/bin/bash
# Starts what a container was asked for: a verb of headrace, `serve` by default, or a shell.
#
# `serve` reads /etc/headrace/headrace.yaml. Scripts in /etc/headrace/init.d run when the server
# answers and before it says `Ready.`, in the order of their names; when one fails, the server ends.
set -euo pipefail

init_folder=/etc/headrace/init.d

# Copies what the server says, and runs the scripts before the line that tools wait for.
relay() {
  local server=$1 line script
  while IFS= read -r line; do
    if [ "$line" = Ready. ]; then
      for script in "$init_folder"/*.sh; do
        bash "$script" </dev/null && continue
        echo "headrace: $script failed" >&2
        kill "$server"
        return
      done
    fi
    printf '%s\n' "$line"
  done
}

case ${1:-serve} in
  sh | bash | /*) exec "$@" ;;
  serve)
    shift || true
    set -- --config "${HEADRACE_CONFIG:-/etc/headrace/headrace.yaml}" "$@"
    if compgen -G "$init_folder/*.sh" >/dev/null; then
      exec headrace serve "$@" > >(relay $$)
    fi
    exec headrace serve "$@"
    ;;
  *) exec headrace "$@" ;;
esac
