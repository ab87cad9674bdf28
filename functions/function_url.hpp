// The address of an http function, as the configuration gives it.
#pragma once

#include <string>

#include "base/error.hpp"

namespace headrace::functions {

// kInvalid, with the reason, unless it is http:// or https://, without credentials, and its host,
// if it is written as an address in any of the forms libcurl reads, is one a function may live at.
// Where a name leads is checked for each connection (functions/curl_http_client.hpp).
Status check_function_url(const std::string& url);

}  // namespace headrace::functions
