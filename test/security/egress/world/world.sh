# The rig's world, run as the first process of new network, mount and pid namespaces: when it ends, so does everything in
# them. It ends when its standard input does, that is with the process that started it, however that one ends.
#   world.sh FOLDER SCRIPTS GROUP RP_FILTER
# The engine's socket and the logs appear in FOLDER; GROUP is the parent of its cgroups; RP_FILTER is the host's setting.
set -eu
folder=$1 scripts=$2 group=$3 rp_filter=$4
PATH=$PATH:/usr/sbin:/sbin

# -- mounts: /sys of this network, an engine's state that no other engine sees, the host's resolver -------------------
here=$folder/here # in memory: gone with the mount namespace
mkdir -p "$here"
mount -t tmpfs -o mode=755,size=80% tmpfs "$here"
mkdir "$here/cgroup"
mount --rbind /sys/fs/cgroup "$here/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$here/cgroup" /sys/fs/cgroup
[ ! -d /run/containerd ] || mount -t tmpfs tmpfs /run/containerd # else the engine would take the containerd of the machine
echo 'nameserver 127.0.0.53' >"$here/resolv.conf"
mount --bind "$here/resolv.conf" /etc/resolv.conf

# Interfaces that come later begin with it. Else the machine's own setting would decide.
for which in all default; do echo "$rp_filter" >/proc/sys/net/ipv4/conf/$which/rp_filter; done

# -- the internet: a network of its own behind a cable -----------------------------------------------------------------
unshare --net sleep infinity &
internet=$!
own=$(readlink /proc/self/ns/net)
while [ "$(readlink "/proc/$internet/ns/net")" = "$own" ]; do sleep 0.01; done
ip link set lo up
ip link add wan type veth peer name cable netns "$internet"
ip address add 93.185.0.2/24 dev wan
ip -6 address add 2606:2800:221::2/64 dev wan nodad
ip address add 10.99.0.1/32 dev lo # as a host in a company's network has
ip link set wan up
ip route add default via 93.185.0.1
ip -6 route add default via 2606:2800:221::1
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding

nsenter --target "$internet" --net sh -eu -c '
  ip link set lo up
  ip address add 93.185.0.1/24 dev cable
  ip -6 address add 2606:2800:221::1/64 dev cable nodad
  ip link set cable up
  ip route add default via 93.185.0.2
  ip -6 route add default via 2606:2800:221::2
  # Every address here is its own.
  for net in 93.184.0.0/16 169.254.169.254 8.8.8.8 8.8.4.4 100.64.0.1 198.18.0.1; do ip route add local $net dev lo; done
  iptables -A INPUT -d 93.184.201.1 -p tcp -j REJECT --reject-with tcp-reset
  for net in 2606:2800:220::/48 fd00:ec2::254; do ip -6 route add local $net dev lo; done
'
in_internet() { nsenter --target "$internet" --net "$@"; }
# /sys is that of the host's network: let the capture see its own.
in_internet unshare --mount sh -c 'mount -t sysfs sysfs /sys; exec perl "$0" cable' "$scripts/capture.pl" >"$folder/capture.log" &
in_internet perl "$scripts/listen.pl" answer tcp:22 tcp:80 tcp:443 tcp:8080 tcp:8443 >"$folder/answer.ignored" &
in_internet perl "$scripts/names.pl" 93.184.200.1 93.185.0.1 8.8.8.8 8.8.4.4 &

# -- the host: services that it offers to whoever reaches it, its resolver, its engine -----------------------------------
perl "$scripts/stub.pl" stub 127.0.0.53 93.185.0.1 >"$folder/stub.log" &
perl "$scripts/listen.pl" host icmp icmp6 tcp:22 tcp:80 tcp:443 tcp:2375 tcp:2376 tcp:8080 tcp:8181 \
  udp:53 udp:443 udp:8181 >"$folder/host.log" &
echo '{}' >"$here/daemon.json"
dockerd --config-file "$here/daemon.json" --data-root "$here/data" --exec-root "$here/exec" --pidfile "$here/pid" \
  --host "unix://$folder/engine.sock" --cgroup-parent "$group" --exec-opt native.cgroupdriver=cgroupfs --debug \
  >"$folder/engine.log" 2>&1 &

# Not exec: a shell that waits also collects the processes that lost their parents.
cat >/dev/null
