#!/bin/bash
# One agent of the race (field.ts): takes task after task through the client until it is told that the race is over, and
# writes into the log of all what it has, right after it has it, and that it lets go, right before. Whenever it is begun
# again it goes on with what it had.
set -u
log=/race/log memory=/race/memory/$DEVKIT_AGENT over=/race/over
id='' number=0 answer=''

say() { printf '%s %s %s %s\n' "$1" "$DEVKIT_AGENT" "${2:--}" "${3:-0}" >> $log; }
moment() { printf '0.%03d' $((RANDOM % $1)); }

# Asks the endpoint. One client of $ROUGH is killed at some moment within $KILL_MS.
ask() {
    local code
    if ((RANDOM % ROUGH)); then
        answer=$(devkit task "$@" --json 2>> /race/errors)
        code=$?
    else
        answer=$(timeout -s KILL "$(moment "$KILL_MS")" devkit task "$@" --json 2>> /race/errors)
        code=$?
        ((code == 137)) && say client
    fi
    case $code in 0 | 1 | 3 | 5 | 137) ;; *) say "exit-$code" ;; esac
    return $code
}

# Asks until the answer is yes or, 5, no.
insist() {
    until ask "$@"; do
        (($? == 5)) && return 5
        [ -e $over ] && exit
        sleep 0.05
    done
}

# The task in the answer.
take() {
    read -r id number < <(jq -r '.data.task | select(. != null) | "\(.id) \(.claim.number)"' <<< "$answer") || id=''
}

work() {
    say hold "$id" "$number"
    echo "$id $number" > "$memory"
    sleep "$(moment "$WORK_MS")"
    while [ -e "/race/linger/$DEVKIT_AGENT" ]; do sleep 0.02; done
    finish
}

finish() {
    say finish "$id" "$number"
    if insist 'done' "$id" --claim "$number" -m "claim $number"; then say 'done' "$id" "$number"; else lose; fi
    : > "$memory"
}

resume() {
    if insist start "$id" --claim "$number"; then work; else lose; fi
}

lose() {
    say lost "$id" "$number"
    : > "$memory"
}

echo $$ > "/race/pids/$DEVKIT_AGENT"
# One that remembers asks whether it still has it, or says without asking that it is done: late, maybe.
if [ -s "$memory" ]; then
    read -r id number < "$memory"
    if ((RANDOM % 2)); then resume; else finish; fi
fi
unclear=1
while [ ! -e $over ]; do
    if ((unclear)); then
        insist current
        take
        unclear=0
        [ -n "$id" ] && resume && continue
    fi
    if ask next --start; then
        take
        if [ -n "$id" ]; then work; else
            unclear=1
            sleep 0.1
        fi
    else
        unclear=1
    fi
done
