// prctl(2) takes a variable number of arguments, which Swift cannot call.
#include <malloc.h>
#include <sys/prctl.h>

static inline int process_set_dumpable(int value) { return prctl(PR_SET_DUMPABLE, value, 0, 0, 0); }
static inline int process_is_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }
