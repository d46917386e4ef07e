/** The PATH of every child, whatever the PATH of the daemon: the usual one of root. */
export const fixedPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
