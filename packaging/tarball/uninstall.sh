# Removes the agent; with --purge also its configuration, state and logs.
# DESTDIR removes it from the root of an image.
dest=${DESTDIR:-}
purge=${1:-}
lib=/usr/lib/limiquantix

case $#:$purge in
0: | 1:--purge) ;;
*)
    echo "uninstall.sh: takes --purge, or nothing" >&2
    exit 2
    ;;
esac

if [ -z "$dest" ]; then
    if [ -e /sbin/openrc-run ]; then
        when_free 'rc-service --quiet --ifstarted limiquantix-agent stop'
        rc-update --quiet delete limiquantix-agent default || true
    elif command -v systemctl >/dev/null; then
        systemctl --quiet disable "$unit" || true
        tell_service stop
    fi
fi

list=$(cat "$dest$lib/files.list")
echo "$list" | while read -r kind _ path; do
    case $kind in
    file) rm -f "$dest$path" ;;
    config) [ "$purge" != --purge ] || rm -f "$dest$path" "$dest$path.new" ;;
    esac
done
rm -f "$dest$lib/files.list"
[ "$purge" != --purge ] || rm -rf "$dest/var/lib/limiquantix" "$dest/var/log/limiquantix"

# From the innermost on; what holds something of the operator's stays.
echo "$list" | sort -r -k 3 | while read -r kind _ path; do
    [ "$kind" != directory ] || rmdir "$dest$path" 2>/dev/null || true
done
