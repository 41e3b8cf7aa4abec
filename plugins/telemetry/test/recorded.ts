// What kernels of different ages write, in their own layout.

/** Linux 2.6.32 (CentOS 6): nine fields, interrupts on one long line. */
export const STAT_2_6_32 = `cpu  84282747 70821 31016230 20274091478 8218153 112345 2318110 4501 0
cpu0 48663120 37410 17520912 10131218812 4410911 60123 1212911 2401 0
cpu1 35619627 33411 13495318 10142872666 3807242 52222 1105199 2100 0
intr 1462898 ${'0 '.repeat(3000)}0
ctxt 115315982
btime 1386346124
processes 2601124
procs_running 2
procs_blocked 0
softirq 98135431 0 52110211 5121 8121211 1312111 0 121 10211211 12121 26363324
`;

/** Linux 6.1 (Debian 12), two of four CPUs offline, a nested guest running in it. */
export const STAT_6_1 = `cpu  10132153 290696 3084719 46828483 16683 0 25195 1200 9000000 290000
cpu0 5132153 145348 1542359 23414241 8341 0 12597 600 4500000 145000
cpu3 5000000 145348 1542360 23414242 8342 0 12598 600 4500000 145000
intr 8885917 17 0 0
ctxt 38014093
btime 1718183276
processes 26442
procs_running 1
procs_blocked 0
softirq 5057579 250191 1481983
`;

/** Linux 2.6.32: no MemAvailable. */
export const MEMINFO_2_6_32 = `MemTotal:        8059264 kB
MemFree:          412180 kB
Buffers:          201876 kB
Cached:          3921012 kB
SwapCached:         1408 kB
Active:          4812212 kB
Inactive:        2310112 kB
Active(anon):    2712112 kB
Inactive(anon):   301200 kB
Mlocked:               0 kB
SwapTotal:       4194296 kB
SwapFree:        4001232 kB
Dirty:               188 kB
Shmem:             14212 kB
Slab:             321012 kB
SReclaimable:     248120 kB
SUnreclaim:        72892 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
DirectMap4k:        8184 kB
`;

/** Linux 6.8 (Ubuntu 24.04). */
export const MEMINFO_6_8 = `MemTotal:        4012340 kB
MemFree:          198712 kB
MemAvailable:    2912424 kB
Buffers:          141004 kB
Cached:          2612780 kB
SwapCached:            0 kB
Active:          1412212 kB
Inactive:        1810112 kB
SwapTotal:             0 kB
SwapFree:              0 kB
Zswap:                 0 kB
Shmem:              4212 kB
KReclaimable:     210012 kB
SReclaimable:     210012 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
Hugetlb:               0 kB
`;

/** Ubuntu: snaps, an EFI partition behind an automount, Docker, network and FUSE mounts. */
export const MOUNTINFO_UBUNTU = `22 29 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw
23 29 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:2 - sysfs sysfs rw
24 29 0:5 / /dev rw,nosuid,relatime shared:9 - devtmpfs udev rw,size=1967044k,nr_inodes=491761,mode=755
25 24 0:22 / /dev/pts rw,nosuid,noexec,relatime shared:10 - devpts devpts rw,gid=5,mode=620
26 29 0:23 / /run rw,nosuid,nodev,noexec,relatime shared:11 - tmpfs tmpfs rw,size=401236k,mode=755
29 1 253:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,discard,errors=remount-ro
30 23 0:6 / /sys/kernel/security rw,nosuid,nodev,noexec,relatime shared:3 - securityfs securityfs rw
33 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:6 - cgroup2 cgroup2 rw
91 29 7:0 / /snap/core22/1122 ro,nodev,relatime shared:46 - squashfs /dev/loop0 ro,errors=continue
94 29 7:1 / /snap/lxd/24061 ro,nodev,relatime shared:48 - squashfs /dev/loop1 ro,errors=continue
97 29 0:40 / /boot/efi rw,relatime shared:50 - autofs systemd-1 rw,fd=47,pgrp=1,timeout=0,direct
99 97 253:15 / /boot/efi rw,relatime shared:52 - vfat /dev/vda15 rw,fmask=0077,dmask=0077
102 29 253:17 / /srv/my\\040data\\134new rw,relatime shared:54 - xfs /dev/mapper/vg0-srv\\040data rw,attr2
105 29 253:17 /exports /exports rw,relatime shared:54 - xfs /dev/mapper/vg0-srv\\040data rw,attr2
108 29 253:1 /var/lib/kubelet /k rw,relatime shared:1 - ext4 /dev/vda1 rw,discard
111 29 0:52 / /mnt/nfs rw,relatime shared:60 - nfs4 10.0.0.5:/export rw,vers=4.2,hard
114 111 253:33 / /mnt/nfs/local-disk rw,relatime shared:62 - ext4 /dev/vdc1 rw
117 29 0:54 / /mnt/share rw,relatime shared:64 - cifs //10.0.0.6/share rw,vers=3.1.1
120 29 0:55 / /mnt/ssh rw,nosuid,nodev,relatime shared:66 - fuse.sshfs me@host:/ rw,user_id=1000
123 29 0:56 / /mnt/9p rw,relatime shared:68 - 9p /dev/root rw,trans=virtio
126 29 0:57 / /var/lib/docker/overlay2/ab/merged rw,relatime - overlay overlay rw,lowerdir=/l,upperdir=/u
129 26 0:58 / /run/docker/netns/default rw - nsfs nsfs rw
132 29 11:0 / /media/cidata ro,relatime shared:70 - iso9660 /dev/sr0 ro,nojoliet
`;

/** Fedora: one btrfs with subvolumes, its number an anonymous one, and a ZFS beside it. */
export const MOUNTINFO_FEDORA = `60 1 0:33 /root / rw,relatime shared:1 - btrfs /dev/vda3 rw,seclabel,compress=zstd:1,subvolid=256,subvol=/root
61 60 0:33 /home /home rw,relatime shared:40 - btrfs /dev/vda3 rw,seclabel,compress=zstd:1,subvolid=257,subvol=/home
62 60 252:2 / /boot rw,relatime shared:42 - ext4 /dev/vda2 rw,seclabel
63 60 0:39 / /tmp rw,nosuid,nodev shared:44 - tmpfs tmpfs rw,seclabel
64 60 0:41 / /tank rw,xattr,noacl shared:46 - zfs tank rw
`;

/** CentOS 6: the initial ramdisk's root is still in the table, below the real one. */
export const MOUNTINFO_CENTOS_6 = `1 1 0:1 / / rw - rootfs rootfs rw
15 20 0:3 / /proc rw,relatime - proc /proc rw
20 1 253:0 / / rw,relatime - ext4 /dev/mapper/vg_c6-lv_root rw,barrier=1,data=ordered
21 20 252:1 / /boot rw,relatime - ext4 /dev/vda1 rw,barrier=1,data=ordered
`;

/** Linux 5.15: a docker host. */
export const NET_DEV_5_15 = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 435303245 1832522    0    0    0     0          0         0 435303245 1832522    0    0    0     0       0          0
  ens3: 68210035552 520993275    1    2    3     4          5         6 9315587528 43451486    7    8    9    10      11         12
docker0: 64910168 1065585    0    0    0     0          0         0 2681662018 1929779    0    0    0     0       0          0
br-0a1b2c3d4e5f: 1 1    0    0    0     0          0         0 1 1    0    0    0     0       0          0
veth4b09c1a: 648 8 0 0 0 0 0 0 1943284 10640 0 0 0 0 0 0
`;

/** Linux 2.6.32: no blank after the colon of a long counter, and an alias with a colon. */
export const NET_DEV_2_6_32 = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
  eth0:18446744073709551615 520993275    0    0    0     0          0         0 9315587528 43451486    0    0    0     0       0          0
ibr10:30:       7       1    0    0    0     0          0         0        9       2    0    0    0     0       0          0
`;
