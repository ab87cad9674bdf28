// journal verify, dump, repair: the verbs that read a data directory while no server runs.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "base/json_writer.hpp"
#include "queue/journal_tools.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/verb.hpp"

namespace headrace::runtime {

namespace {

struct JournalFlags {
  std::string directory;
  bool json = false;
  bool bodies = false;
};

int fail(const Error& error) {
  std::cerr << error.message << "\n";
  return error.code == ErrorCode::kExists ? kUsage : kFailed;
}

void print_file(const queue::JournalFile& file) {
  std::cout << file.name << ": " << file.state << ", " << file.bytes << " bytes";
  if (file.blocks > 0) {
    std::cout << ", " << counted(static_cast<std::int64_t>(file.records), "record");
  }
  if (file.first_lsn != queue::Lsn()) {
    std::cout << ", lsn " << file.first_lsn.value() << " to " << file.last_lsn.value();
  }
  std::cout << "\n";
}

int run_verify(const JournalFlags& flags) {
  const auto files = make_posix_file_system();
  const auto report = queue::verify_journal(*files, flags.directory);
  if (!report) return fail(report.error());
  for (const queue::JournalFile& file : report->files) print_file(file);
  for (const std::string& problem : report->problems) std::cout << "problem: " << problem << "\n";
  if (!report->starts) {
    std::cout << "damaged: a server refuses to start on it. `headrace journal repair` may help\n";
    return kFailed;
  }
  std::cout << (report->problems.empty() ? "sound: " : "damaged, and a server starts on it: ")
            << counted(static_cast<std::int64_t>(report->queues), "queue") << ", "
            << counted(static_cast<std::int64_t>(report->messages), "message")
            << (report->torn ? "; a tail that was never acknowledged will be cut" : "") << "\n";
  return report->problems.empty() ? kDone : kFailed;
}

// The fields of a record by their names, numbers apart from texts.
class Fields {
 public:
  void number(const char* name, std::uint64_t value) { add(name, std::to_string(value), true); }
  void time(const char* name, TimePoint value) {
    add(name, std::to_string(to_epoch_ms(value)), true);
  }
  void text(const char* name, std::string_view value) { add(name, std::string(value), false); }

  std::string line() const {
    std::string line;
    for (const Field& field : fields_) {
      if (!line.empty()) line += ' ';
      line += field.name;
      line += '=';
      line += field.is_number ? field.value : printable(field.value);
    }
    return line;
  }
  std::string json() const {
    std::string text;
    JsonWriter out(text);
    out.begin_object();
    for (const Field& field : fields_) {
      if (field.is_number) {
        out.member(field.name, static_cast<std::int64_t>(std::stoll(field.value)));
      } else {
        out.member(field.name, field.value);
      }
    }
    out.end_object();
    return text;
  }

 private:
  struct Field {
    const char* name;
    std::string value;
    bool is_number;
  };
  void add(const char* name, std::string value, bool is_number) {
    fields_.push_back(Field{name, std::move(value), is_number});
  }
  std::vector<Field> fields_;
};

void begin(Fields& out, const char* type, queue::QueueId queue) {
  out.text("type", type);
  out.number("queue", queue.value());
}

void describe(Fields& out, const queue::CreateQueueRecord& record) {
  begin(out, "CreateQueue", record.queue);
  out.text("arn", to_arn(record.address));
}
void describe(Fields& out, const queue::SetAttributesRecord& record) {
  begin(out, "SetAttributes", record.queue);
}
void describe(Fields& out, const queue::DeleteQueueRecord& record) {
  begin(out, "DeleteQueue", record.queue);
}
void describe(Fields& out, const queue::PurgeQueueRecord& record) {
  begin(out, "PurgeQueue", record.queue);
}
void describe(Fields& out, const queue::SendRecord& record) {
  begin(out, "Send", record.queue);
  out.number("sequence", record.sequence.value());
  out.time("sent", record.sent);
  out.time("available", record.available);
}
void describe(Fields& out, const queue::ReceiveRecord& record) {
  begin(out, "Receive", record.queue);
  std::string leased;
  for (const queue::Sequence sequence : record.leased) {
    leased += (leased.empty() ? "" : ",") + std::to_string(sequence.value());
  }
  out.text("leased", leased);
  out.time("until", record.until);
  std::string moved;
  for (const queue::DeadLetterMove& move : record.moved) {
    moved += (moved.empty() ? "" : ",") + std::to_string(move.from.value()) + ">" +
             std::to_string(move.to.value());
  }
  if (moved.empty()) return;
  out.number("dead_letter_queue", record.dead_letter_queue.value());
  out.text("moved", moved);
}
void describe(Fields& out, const queue::DeleteRecord& record) {
  begin(out, "Delete", record.queue);
  out.number("sequence", record.sequence.value());
}
void describe(Fields& out, const queue::ChangeVisibilityRecord& record) {
  begin(out, "ChangeVisibility", record.queue);
  out.number("sequence", record.sequence.value());
  out.time("until", record.until);
}
void describe(Fields& out, const queue::MoveRecord& record) {
  begin(out, "Move", record.queue);
  std::string moves;
  for (const queue::Redrive& move : record.moves) {
    moves += (moves.empty() ? "" : ",") + std::to_string(move.from.value()) + ">" +
             std::to_string(move.destination.value()) + ":" + std::to_string(move.to.value());
  }
  out.text("moves", moves);
}
void describe(Fields& out, const queue::DocumentRecord& record) {
  out.text("type", "Document");
  out.text("key", record.key);
  out.number("bytes", record.bytes.size());
}
void describe(Fields& out, const queue::SetTagsRecord& record) {
  begin(out, "SetTags", record.queue);
  out.number("tags", record.tags.size());
}
void describe(Fields& out, const queue::BodyCopyRecord& record) {
  begin(out, "BodyCopy", record.queue);
  out.number("sequence", record.sequence.value());
}

// The Record's other types come with a describe() of their own, or the compiler says so.
void print_record(const JournalFlags& flags, const queue::JournalRecord& record) {
  Fields out;
  out.number("lsn", record.lsn.value());
  out.text("segment", record.segment);
  out.number("offset", record.offset);
  out.time("time", record.time);
  std::visit([&out](const auto& fields) { describe(out, fields); }, *record.record);
  if (!record.stored.empty()) {
    const auto stored = queue::decode_stored(record.stored);
    out.number("stored_bytes", record.stored.size());
    out.text("message_id", stored ? headrace::to_string(stored->message_id) : "unreadable");
    if (flags.bodies && stored) out.text("body", stored->content.body);
  }
  std::cout << (flags.json ? out.json() : out.line()) << "\n";
}

int run_dump(const JournalFlags& flags) {
  const auto files = make_posix_file_system();
  const Status status = queue::dump_journal(
      *files, flags.directory,
      [&flags](const queue::JournalRecord& record) { print_record(flags, record); });
  return status ? kDone : fail(status.error());
}

int run_repair(const JournalFlags& flags) {
  const auto files = make_posix_file_system();
  const auto report = queue::repair_journal(*files, flags.directory);
  if (!report) return fail(report.error());
  if (report->was_sound) {
    std::cout << "sound: nothing was changed\n";
    return kDone;
  }
  for (const std::string& snapshot : report->passed_over) {
    std::cout << "lost: " << snapshot << "\n";
  }
  for (const auto& [from, to] : report->lost) {
    std::cout << "lost: records " << from.value() << " to " << to.value() << "\n";
  }
  if (report->unusable_records > 0) {
    std::cout << "lost: " << counted(static_cast<std::int64_t>(report->unusable_records), "record")
              << " about queues or messages that are lost\n";
  }
  for (const queue::RepairReport::Queue& queue : report->queues) {
    std::cout << "kept: " << queue.arn << " with "
              << counted(static_cast<std::int64_t>(queue.messages), "message");
    if (queue.lost_messages > 0) {
      std::cout << "; lost the bodies of "
                << counted(static_cast<std::int64_t>(queue.lost_messages), "message");
    }
    std::cout << "\n";
  }
  std::cout << "repaired; the journal as it was is kept in " << flags.directory << "/"
            << report->kept_in << "\nwhat lost records had deleted or leased may have come back\n";
  return kDone;
}

using JournalAction = int (*)(const JournalFlags& flags);

CLI::App* add_action(Verbs& verbs, CLI::App& parent, const char* name, const char* description,
                     const std::shared_ptr<JournalFlags>& flags, JournalAction action) {
  CLI::App* verb = add_verb(parent, name, description,
                            std::string("headrace journal ") + name + " ./headrace-data");
  verb->add_option("directory", flags->directory, "The data directory; no server may run on it")
      ->required();
  verb->callback(
      [&verbs, flags, action] { verbs.chosen = [flags, action] { return action(*flags); }; });
  return verb;
}

}  // namespace

void add_journal_verbs(Verbs& verbs) {
  CLI::App* journal = add_verb(verbs.app, "journal", "Look at a journal, and repair it",
                               "headrace journal verify ./headrace-data");
  journal->require_subcommand(1);
  const auto flags = std::make_shared<JournalFlags>();
  add_action(verbs, *journal, "verify", "Read everything and say what is wrong", flags, run_verify);
  CLI::App* dump =
      add_action(verbs, *journal, "dump", "Print every record, one a line", flags, run_dump);
  dump->add_flag("--json", flags->json, "Print JSON objects");
  dump->add_flag("--bodies", flags->bodies, "Print the bodies of messages too");
  add_action(verbs, *journal, "repair",
             "Make a damaged journal start, keep what it was, and say what is lost", flags,
             run_repair);
}

}  // namespace headrace::runtime
