/* Cannot start, and says why. */
#include <headrace/function.h>

static int init(const hr_init* given, void** state) {
  hr_str nothing = {"", 0};
  hr_str type = {"Setup", 5};
  hr_str message = {"no database", 11};
  (void)state;
  given->host->error(given->call, type, message, nothing);
  return 7;
}

static int handle(void* state, const hr_context* context) {
  (void)state;
  (void)context;
  return 0;
}

const hr_function* headrace_function_v1(const hr_host* host) {
  static const hr_function description = {sizeof(hr_function),
                                          HR_ABI_MAJOR,
                                          HR_ABI_MINOR,
                                          "init_fails",
                                          "1",
                                          "C",
                                          0,
                                          0,
                                          init,
                                          handle,
                                          0};
  (void)host;
  return &description;
}
