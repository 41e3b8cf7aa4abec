# Shared by the scripts of all packages; POSIX sh, on a system with systemd or without.

unit=limiquantix-agent.service

# The process of the host's command that this script is part of; nothing where it is part of none.
hosts_command() {
    pid=$$
    while [ "$pid" -gt 1 ]; do
        parent=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$pid/status") && [ -n "$parent" ] || return 0
        if tr '\0' '\n' 2>/dev/null <"/proc/$parent/cmdline" |
            grep -q '^/usr/lib/limiquantix/core/limiquantix-agent\.cjs$'; then
            echo "$pid"
            return 0
        fi
        pid=$parent
    done
}

# Runs $1. A host may install the agent through the agent: one that stops ends its commands, and
# the installation would be left half way, so then $1 waits until the command is over.
when_free() {
    command=$(hosts_command)
    if [ -n "$command" ]; then
        setsid sh -c "while [ -d /proc/$command ]; do sleep 1; done; $1" \
            </dev/null >/dev/null 2>&1 &
    else
        sh -c "$1" || true
    fi
}

tell_service() {
    [ -d /run/systemd/system ] || return 0
    when_free "systemctl $1 $unit"
}

# Lets the rule for the port count, also for one that is there already.
reload_rules() {
    [ -S /run/udev/control ] || return 0
    udevadm control --reload || true
    udevadm trigger --subsystem-match=virtio-ports --action=change || true
}

reload_units() {
    [ -d /run/systemd/system ] || return 0
    systemctl daemon-reload || true
}
