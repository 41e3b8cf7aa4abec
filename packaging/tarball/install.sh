# Installs the agent, or another version over it, with the system's own Node.js.
# DESTDIR installs into the root of an image; nothing is started then.
[ $# -eq 0 ] || {
    echo "install.sh: takes no arguments; DESTDIR=/image ./install.sh installs into an image" >&2
    exit 2
}
dest=${DESTDIR:-}
here=$(cd "$(dirname "$0")" && pwd)

[ -n "$dest" ] || [ "$(id -u)" = 0 ] || {
    echo "install.sh: only root can install the agent" >&2
    exit 1
}

openrc=
[ ! -e "$dest/sbin/openrc-run" ] || openrc=yes

# Never leaves a file that is half there: the agent may be starting just now.
put() {
    mkdir -p "$(dirname "$3")"
    cp "$1" "$3.installing"
    chmod "$2" "$3.installing"
    mv -f "$3.installing" "$3"
}

put_config() {
    prepared=$(mktemp)
    cp "$1" "$prepared"
    # There is no journal: the agent writes, and rotates, a file of its own.
    [ -z "$openrc" ] ||
        sed -i 's|^log_file: "" *|log_file: /var/log/limiquantix/agent.log  |' "$prepared"
    if [ -e "$3" ] && ! cmp -s "$prepared" "$3"; then
        put "$prepared" "$2" "$3.new"
        echo "install.sh: ${3#"$dest"} stays as it is; the new one is ${3#"$dest"}.new"
    else
        put "$prepared" "$2" "$3"
    fi
    rm "$prepared"
}

while read -r kind mode path; do
    # Each manager of services would take the other's file for one of its own.
    case $path in
    /etc/init.d/*) [ -n "$openrc" ] || continue ;;
    /usr/lib/systemd/*) [ -z "$openrc" ] || continue ;;
    esac
    case $kind in
    directory) mkdir -p "$dest$path" && chmod "$mode" "$dest$path" ;;
    file) put "$here/root$path" "$mode" "$dest$path" ;;
    config) put_config "$here/root$path" "$mode" "$dest$path" ;;
    esac
done <"$here/files.list"
put "$here/files.list" 0644 "$dest/usr/lib/limiquantix/files.list"

[ -z "$dest" ] || exit 0
if ! /usr/bin/limiquantix-agent --version >/dev/null; then
    echo "install.sh: installed, but it cannot run yet" >&2
    exit 1
fi
if [ -n "$openrc" ]; then
    rc-update --quiet add limiquantix-agent default
    if rc-service --quiet limiquantix-agent status >/dev/null 2>&1; then
        when_free 'rc-service limiquantix-agent restart'
    # The runlevel that it booted; to install OpenRC makes the directory alone.
    elif [ -e /run/openrc/softlevel ]; then
        rc-service limiquantix-agent start
    fi
elif command -v systemctl >/dev/null; then
    reload_rules
    reload_units
    systemctl --quiet enable "$unit"
    tell_service restart
fi
