// Sends the welcome mail of each signup: {"username": "Ada Lovelace", "email": "ada@example.com"}.
// SMTP_URL names the mail server; without it mails become files in the folder OUTBOX.
#include <chrono>
#include <cstdlib>
#include <string>

#include <headrace/function.hpp>

#include "examples/signup/handler/delivery.hpp"
#include "examples/signup/handler/mail.hpp"

namespace {

// Kept for the answer, so that a slow mail server fails one mail and not, by the timeout, its
// batch.
constexpr std::chrono::milliseconds kReserve{200};

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void welcome_email(const headrace::Record& record, headrace::Context& context) {
  const nlohmann::json user = record.json();
  const signup::Mail mail = signup::welcome_mail(user.at("username").get<std::string>(),
                                                 user.at("email").get<std::string>(),
                                                 record.message_id(), record.sent_ms());
  if (const std::string server = setting("SMTP_URL"); !server.empty()) {
    signup::send_by_smtp(mail, server, context.remaining() - kReserve);
  } else {
    signup::write_to_outbox(mail, setting("OUTBOX"));
  }
  context.log("welcome mail to " + mail.recipient);
}

}  // namespace

HEADRACE_FUNCTION(welcome_email)
