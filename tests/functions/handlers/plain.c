/* A handler in C: counts its records and says so; init and shutdown included. */
#include <headrace/function.h>
#include <stdio.h>
#include <string.h>

static int seen = 0;

static hr_str text(const char* words) {
  hr_str view = {words, strlen(words)};
  return view;
}

static int init(const hr_init* given, void** state) {
  if (given->struct_size < sizeof(hr_init) || given->function_name.len == 0) return 1;
  *state = &seen;
  return 0;
}

static int handle(void* state, const hr_context* context) {
  int* count = state;
  char json[64];
  uint32_t i;
  for (i = 0; i < context->batch->count; ++i) {
    const hr_record* record = hr_record_at(context->batch, i);
    *count += 1;
    if (record->body.len == 0) context->host->fail(context->call, i, text("empty body"));
  }
  snprintf(json, sizeof json, "{\"seen\":%d}", *count);
  context->host->respond(context->call, text(json));
  return 0;
}

static void end(void* state) { printf("saw %d records\n", *(int*)state); }

HR_NOTE("plain");

const hr_function* headrace_function_v1(const hr_host* host) {
  static const hr_function description = {
      sizeof(hr_function), HR_ABI_MAJOR, HR_ABI_MINOR, "plain", "1", "C", 0, 0, init, handle, end};
  return HR_HAS(hr_host, host, respond) ? &description : NULL;
}
