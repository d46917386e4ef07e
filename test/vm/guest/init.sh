#!/bin/busybox sh
# First program of a virtual machine: modules, then the host's root with a layer in memory over it,
# then the script that the kernel's command line names.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module"; done </modules/order
share=trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro
mount -t 9p -o "$share" root /lower || poweroff -f
mount -t tmpfs -o mode=755 memory /rw
mkdir /rw/upper /rw/work
mount -t overlay -o lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work overlay /new
mkdir -p "/new/lib/modules/$(uname -r)"
mount -t 9p -o "$share" modules "/new/lib/modules/$(uname -r)"
for name in proc sys dev; do mount --move /$name /new/$name; done
mkdir -p /new/dev/pts /new/dev/shm
mount -t devpts pts /new/dev/pts
mount -t tmpfs -o mode=755 run /new/run
mkdir -p /new/run/lock
for word in $(cat /new/proc/cmdline); do
  case $word in understudy.script=*) script=${word#*=} ;; esac
done
exec switch_root /new /bin/sh "$script"
