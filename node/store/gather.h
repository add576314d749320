/*
 * gather.h - the journal's small writes leave in large ones.
 *
 * SQLite writes its rollback journal in three calls a page, two of them of 4 bytes.  A merge that touches
 * 15,000 pages spends a fifth of its time in the kernel with that.  A VFS over the system's own keeps
 * what is appended to a journal until there are 64 KiB of it, or until it has to be on disk.
 *
 * Threads: safe.
 */
#ifndef STORE_GATHER_H
#define STORE_GATHER_H

/* The VFS to open a file with, over the one of that name (NULL: the default); NULL if that is not there. */
const char *gather_vfs(const char *real);

#endif
