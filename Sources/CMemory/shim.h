#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/// Makes malloc keep freed memory up to `bytes` per thread instead of giving it back to the system. Does nothing where
/// malloc is not glibc's.
static inline void cmemory_keep_freed(int bytes) {
#ifdef __GLIBC__
  mallopt(M_TRIM_THRESHOLD, bytes);
  mallopt(M_MMAP_THRESHOLD, bytes / 4);
  mallopt(M_TOP_PAD, bytes / 16);
#else
  (void)bytes;
#endif
}
