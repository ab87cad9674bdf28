#include "functions/handler_file.hpp"

#include <algorithm>
#include <cstring>

#include <elf.h>
#include <headrace/function.h>

#include "base/codec.hpp"

namespace headrace::functions {

namespace {

constexpr std::string_view kNoteOwner("headrace\0", 9);
constexpr std::size_t kNoteTextBytesMax = 256;

// Looked at, of what a file claims to hold.
constexpr unsigned kSegmentsMax = 256;
constexpr std::uint64_t kNotesBytesMax = 64U << 10U;

#if defined(__x86_64__)
constexpr unsigned kThisMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kThisMachine = EM_AARCH64;
#else
constexpr unsigned kThisMachine = EM_NONE;  // not known here; the loader knows
#endif

std::string machine_name(unsigned machine) {
  switch (machine) {
    case EM_386: return "x86";
    case EM_X86_64: return "x86-64";
    case EM_ARM: return "ARM";
    case EM_AARCH64: return "AArch64";
    case EM_RISCV: return "RISC-V";
    case EM_PPC64: return "PowerPC64";
    case EM_S390: return "S/390";
    default: return "machine " + std::to_string(machine);
  }
}

// A struct at that place; nothing when the file ends before its end.
template <class T>
std::optional<T> read_at(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string_view slice(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
  if (offset > bytes.size()) return {};
  return bytes.substr(offset, size);
}

std::uint64_t padded(std::uint64_t size, std::uint64_t alignment) {
  return (size + alignment - 1) / alignment * alignment;
}

// The text up to its NUL, which `rest` loses.
std::string take_text(std::string_view& rest) {
  const std::string_view text = rest.substr(0, rest.find('\0'));
  rest.remove_prefix(std::min(text.size() + 1, rest.size()));
  return bounded_utf8(text, kNoteTextBytesMax);
}

std::optional<HandlerNote> read_description(std::string_view bytes) {
  const auto major = read_at<std::uint16_t>(bytes, 0);
  const auto minor = read_at<std::uint16_t>(bytes, sizeof(std::uint16_t));
  if (!major || !minor) return std::nullopt;
  HandlerNote note;
  note.abi_major = *major;
  note.abi_minor = *minor;
  std::string_view texts = bytes.substr(2 * sizeof(std::uint16_t));
  note.name = take_text(texts);
  note.sdk = take_text(texts);
  return note;
}

std::optional<HandlerNote> find_note(std::string_view notes, std::uint64_t alignment) {
  while (const auto head = read_at<Elf64_Nhdr>(notes, 0)) {
    const std::uint64_t name_at = sizeof(Elf64_Nhdr);
    const std::uint64_t description_at = name_at + padded(head->n_namesz, alignment);
    const bool ours =
        head->n_type == HR_NOTE_TYPE && slice(notes, name_at, head->n_namesz) == kNoteOwner;
    if (ours) return read_description(slice(notes, description_at, head->n_descsz));
    const std::uint64_t end = description_at + padded(head->n_descsz, alignment);
    notes.remove_prefix(std::min<std::uint64_t>(end, notes.size()));
  }
  return std::nullopt;
}

Status check_header(std::string_view bytes) {
  const auto fail = [](std::string text) { return Error{ErrorCode::kInvalid, std::move(text)}; };
  if (!bytes.starts_with(ELFMAG)) return fail("it is no ELF file");
  const auto header = read_at<Elf64_Ehdr>(bytes, 0);
  if (!header) return fail("it ends within its ELF header");
  if (kThisMachine == EM_NONE) return {};
  if (header->e_machine != kThisMachine || header->e_ident[EI_CLASS] != ELFCLASS64) {
    return fail("it is built for " + machine_name(header->e_machine) + ", this machine is " +
                machine_name(kThisMachine));
  }
  return {};
}

}  // namespace

Result<std::optional<HandlerNote>> read_handler_file(std::string_view bytes) {
  const Status sound = check_header(bytes);
  if (!sound) return sound.error();
  const Elf64_Ehdr header = *read_at<Elf64_Ehdr>(bytes, 0);
  std::optional<HandlerNote> note;
  const unsigned segments = std::min<unsigned>(header.e_phnum, kSegmentsMax);
  for (unsigned i = 0; i < segments && !note; ++i) {
    const std::uint64_t offset = header.e_phoff + std::uint64_t{i} * sizeof(Elf64_Phdr);
    const auto segment = read_at<Elf64_Phdr>(bytes, offset);
    if (!segment) break;
    if (segment->p_type != PT_NOTE) continue;
    const std::uint64_t alignment = segment->p_align == 8 ? 8 : 4;
    const std::uint64_t size = std::min<std::uint64_t>(segment->p_filesz, kNotesBytesMax);
    note = find_note(slice(bytes, segment->p_offset, size), alignment);
  }
  return note;
}

}  // namespace headrace::functions
