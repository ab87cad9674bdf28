// Takes a mail away: to a mail server, or into a folder. Both throw std::runtime_error when the
// mail was not taken; the message then returns to its queue and is tried again.
#pragma once

#include <chrono>
#include <string>

#include "examples/signup/handler/mail.hpp"

namespace signup {

// url: smtp://HOST[:PORT] or smtps://. Ends within the limit.
void send_by_smtp(const Mail& mail, const std::string& url, std::chrono::milliseconds limit);

// As FOLDER/ID.eml, which is whole whenever it is there. A second time replaces it.
void write_to_outbox(const Mail& mail, const std::string& folder);

}  // namespace signup
