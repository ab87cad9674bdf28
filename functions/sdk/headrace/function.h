/* The handler ABI of headrace: what a handler .so exports and what it is given. C11 and C++20.
 *
 * A handler exports one function, headrace_function_v1, that returns its description.
 * headrace-worker loads the .so, calls init() once, handle() once per batch, one batch at a time,
 * and shutdown() before it ends, all on its main thread.
 *
 * Rules that keep old handlers working on new servers and the other way round:
 *  - Every string in either direction is borrowed: valid until the call returns, copied at once by
 *    whoever keeps it. Nothing allocated crosses.
 *  - Structs only grow at their end. Test a field newer than 1.0 with HR_HAS; reach array elements
 *    with hr_record_at and hr_attr_at, which know the element size of the other side.
 *  - No exception and no longjmp may leave a handler's function. headrace/function.hpp sees to it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HR_ABI_MAJOR 1
#define HR_ABI_MINOR 0

/* Does this struct, as the other side built it, reach as far as `field`? */
#define HR_HAS(type, pointer, field) \
  ((pointer)->struct_size >= offsetof(type, field) + sizeof((pointer)->field))

#ifdef __cplusplus
#define HR_CAST(type, value) static_cast<type>(static_cast<const void*>(value))
#else
#define HR_CAST(type, value) ((type)(const void*)(value))
#endif

#define HR_EXPORT __attribute__((visibility("default")))

typedef struct hr_str {
  const char* ptr;
  size_t len;
} hr_str;

/* A message attribute. `value` holds the bytes, also of a binary one (HR_ATTR_BINARY). */
#define HR_ATTR_BINARY 1u
typedef struct hr_attr {
  hr_str name, data_type, value;
  uint32_t flags, reserved;
} hr_attr;

/* One message. Fields that a message does not have are empty. */
typedef struct hr_record {
  hr_str message_id, receipt_handle, body, md5_of_body, md5_of_message_attributes, sender_id;
  hr_str group_id, deduplication_id, sequence_number, trace_header, dead_letter_source_arn;
  int64_t sent_ms, first_received_ms; /* since 1970 UTC */
  uint32_t receive_count, attr_count;
  const hr_attr* attrs; /* via hr_attr_at only */
} hr_record;

typedef struct hr_batch {
  uint32_t struct_size, record_stride, attr_stride, count;
  const hr_record* records; /* via hr_record_at only */
  hr_str source_arn, region;
} hr_batch;

static inline const hr_record* hr_record_at(const hr_batch* batch, uint32_t index) {
  const char* bytes = HR_CAST(const char*, batch->records);
  const size_t stride = batch->record_stride;
  return HR_CAST(const hr_record*, bytes + index * stride);
}

static inline const hr_attr* hr_attr_at(const hr_batch* batch, const hr_record* record,
                                        uint32_t index) {
  const char* bytes = HR_CAST(const char*, record->attrs);
  const size_t stride = batch->attr_stride;
  return HR_CAST(const hr_attr*, bytes + index * stride);
}

enum { HR_LOG_DEBUG = 0, HR_LOG_INFO = 1, HR_LOG_WARNING = 2, HR_LOG_ERROR = 3 };

/* One running call of init() or handle(); only the host looks inside. */
typedef struct hr_call hr_call;

/* What the host does for a handler, during the call that was given `call`, on its thread. */
typedef struct hr_host {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;
  void (*log)(hr_call* call, int level, hr_str text);
  /* This record failed; the others succeed unless error() is called. The first reason counts. */
  void (*fail)(hr_call* call, uint32_t index, hr_str reason);
  /* The whole call failed. `trace` may be empty. The first error counts. */
  void (*error)(hr_call* call, hr_str type, hr_str message, hr_str trace);
  /* The function's answer, as JSON; without it the answer is empty. The last one counts. */
  void (*respond)(hr_call* call, hr_str json);
  /* The batch as the event AWS Lambda would deliver. Built when first asked for. */
  hr_str (*event_json)(hr_call* call);
  /* Time until the process is killed; never negative. */
  int64_t (*remaining_ms)(hr_call* call);
  /* Services beyond these, by name and version; NULL when the host has none of that name. */
  const void* (*extension)(const char* id);
} hr_host;

typedef struct hr_init {
  uint32_t struct_size, reserved;
  const hr_host* host;
  hr_call* call; /* log() and error() work; the others do nothing */
  hr_str function_name, function_version;
} hr_init;

typedef struct hr_context {
  uint32_t struct_size, reserved;
  const hr_host* host;
  hr_call* call;
  hr_str request_id, function_name, function_version, function_arn, trace_id;
  int64_t deadline_ms; /* since 1970 UTC */
  const hr_batch* batch;
} hr_context;

typedef struct hr_function {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;
  const char *name, *version, *sdk; /* for people; NULL is allowed */
  uint32_t flags, reserved;         /* zero */
  /* Both return 0 when all went well; anything else fails the start, or the batch. */
  int (*init)(const hr_init* init, void** state); /* NULL: nothing to prepare */
  int (*handle)(void* state, const hr_context* context);
  void (*shutdown)(void* state); /* NULL: nothing to end */
} hr_function;

/* Exported by the handler. The description lives as long as the .so; NULL refuses this host. */
HR_EXPORT const hr_function* headrace_function_v1(const hr_host* host);

/* HR_NOTE("name"): an ELF note that tells tools, without running anything, what this file is.
 * HR_NOTE("name" "\0" "sdk") also says with what it was written. */
#define HR_NOTE_TYPE 1
#define HR_NOTE(function_name)                                                       \
  __attribute__((used, section(".note.headrace"), aligned(4))) static const struct { \
    uint32_t name_size, desc_size, type;                                             \
    char name[12];                                                                   \
    uint16_t abi_major, abi_minor;                                                   \
    char text[(sizeof(function_name) + 3) / 4 * 4];                                  \
  } hr_note_ = {9,                                                                   \
                4 + (sizeof(function_name) + 3) / 4 * 4,                             \
                HR_NOTE_TYPE,                                                        \
                "headrace",                                                          \
                HR_ABI_MAJOR,                                                        \
                HR_ABI_MINOR,                                                        \
                function_name}

#ifdef __cplusplus
}
#endif
