// Credentials: the users of a server, each with a key and the account it opens. Made when the
// server starts and never changed. Secrets are never logged, nor part of an error.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/environment.hpp"
#include "base/error.hpp"

namespace headrace::runtime {

struct Credential {
  std::string access_key_id;
  std::string secret;
  std::string account;  // 12 digits
};

class Credentials {
 public:
  // Fails with kExists when the key id is known already.
  Status add(Credential credential);
  const Credential* find(std::string_view access_key_id) const;
  bool empty() const { return users_.empty(); }

 private:
  std::map<std::string, Credential, std::less<>> users_;
};

// A file in the form of AWS's shared credentials file, so that clients can use it too: a [profile]
// for each user with aws_access_key_id, aws_secret_access_key and aws_account_id. Without the last
// a key id of 12 digits is its own account, as it is where nobody signs; any other one is for
// `account`. Errors name line and key; all of them are kInvalid.
Result<Credentials> parse_credentials(std::string_view text, const std::string& account);

// Reads such a file. It must belong to this user or root, and be closed to everybody else.
Result<Credentials> load_credentials(const std::string& path, const std::string& account);

// HEADRACE_ACCESS_KEY_ID and HEADRACE_SECRET_ACCESS_KEY: a user of the server, or who a client is.
// Nothing when neither is set; kInvalid when only one is.
Result<std::optional<Credential>> credential_from_environment(const Environment& variables,
                                                              const std::string& account);

// All users of a server: those of the file, if one is named, and the one of the environment. Fails
// with kInvalid when there is none at all.
Result<Credentials> gather_credentials(const std::string& path, const Environment& variables,
                                       const std::string& account);

}  // namespace headrace::runtime
