// The forms in which headrace's own pages answer: JSON, and {"error": "..."} for what is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/http.hpp"

namespace headrace::runtime {

HttpResponse json_answer(std::string body);
HttpResponse json_refusal(int status, std::string_view text);

// What every page refuses alike: another method than its own (405), and a POST of anything but
// application/json (415), which a browser sends for no stranger's page. Nothing when it may go on.
std::optional<HttpResponse> refuse_method(const HttpRequest& request, std::string_view method);

}  // namespace headrace::runtime
