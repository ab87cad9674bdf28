// The welcome mail as bytes (RFC 5322 with MIME), ready for SMTP or a file. Pure: the same signup
// and message give the same bytes, so a retry sends the same mail again and not another one.
//
// Throws std::invalid_argument for what must not get into a header: a control character (also CR
// and LF), an address that is none, an id that is no UUID.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace signup {

struct Mail {
  std::string id;         // the id of the SQS message, in Message-ID and in the file name
  std::string recipient;  // the bare address
  std::string text;       // header and body, lines end with CRLF
};

inline constexpr std::string_view kSender = "welcome@example.com";

// sent_ms: when the signup was sent, milliseconds since 1970; it becomes the Date.
Mail welcome_mail(std::string_view name, std::string_view address, std::string_view message_id,
                  std::int64_t sent_ms);

}  // namespace signup
