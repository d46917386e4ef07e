/** Where a system keeps resource agents: a package's own place, on FreeBSD below /usr/local. */
export const ocfRoot = process.platform === 'freebsd' ? '/usr/local/lib/ocf' : '/usr/lib/ocf';
