#include <sqlite3.h>

/// Stops counting the memory in use: nobody asks, and the count is behind one lock for all threads. It works before the
/// first connection is opened only. Variadic C functions cannot be called from Swift.
static inline int csqlite_stop_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
