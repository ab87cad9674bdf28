/* Dies in its constructor, before anybody could call it. */
#include <headrace/function.h>
#include <stdlib.h>

__attribute__((constructor)) static void crash(void) { abort(); }

const hr_function* headrace_function_v1(const hr_host* host) {
  (void)host;
  return 0;
}
