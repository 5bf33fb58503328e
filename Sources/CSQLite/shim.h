#include <sqlite3.h>

/// Settings of the whole library for many small databases in memory; 0 if they hold. They work before the first
/// connection is opened only. Variadic C functions cannot be called from Swift.
static inline int csqlite_configure_for_small_databases(void) {
  /* Nobody asks for the memory in use, and its count is behind one lock for all threads. */
  int result = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  if (result != SQLITE_OK) return result;
  /* No page cache begins with 20 pages: a statement's temporary table has one or two. */
  return sqlite3_config(SQLITE_CONFIG_PAGECACHE, (void *)0, 0, 0);
}
