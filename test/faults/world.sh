# The first process of new network, mount and pid namespaces: whatever a run of the faults starts or mounts ends with it.
#   world.sh FOLDER DISK PROGRAM ARGUMENT...
# FOLDER/disk is a file system of DISK bytes that the program may fill up. Not exec: a shell that waits also collects
# the processes that lost their parents.
set -eu
folder=$1 disk=$2
shift 2
PATH=$PATH:/usr/sbin:/sbin

here=$folder/here
mkdir -p "$here" "$folder/disk"
mount -t tmpfs -o mode=755,size=80% tmpfs "$here"
mount -t tmpfs -o mode=755,size="$disk" tmpfs "$folder/disk"
mkdir "$here/cgroup"
mount --rbind /sys/fs/cgroup "$here/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$here/cgroup" /sys/fs/cgroup
[ ! -d /run/containerd ] || mount -t tmpfs tmpfs /run/containerd # else the engine would take the containerd of the machine
echo '{}' >"$here/daemon.json"
ip link set lo up

"$@"
