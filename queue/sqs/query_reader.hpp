// The form of a Query request (spec 2.2): its parameters, and a reader of one structure of them.
//
//   Attribute.1.Name=DelaySeconds&Attribute.1.Value=5        a map
//   TagKey.1=a&TagKey.2=b                                    a list
//   SendMessageBatchRequestEntry.1.Id=a                      a list of structures
//
// Numbers need neither begin at one nor be without gaps; their order counts. Also taken, because
// clients send them: the member's plural name (`Attributes.1.Name`) and a single element without a
// number (`Attribute.Name`).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "queue/error.hpp"
#include "queue/sqs/members.hpp"

namespace headrace::queue::sqs {

// Ours: more than ten times what a full batch with all its attributes needs.
inline constexpr std::size_t kFormParametersMax = 4096;
// Ours: longer numbers of elements are not taken for numbers.
inline constexpr std::size_t kElementNumberDigitsMax = 9;

using Form = std::map<std::string, std::string, std::less<>>;

// Fails with MalformedInput on more than kFormParametersMax, on a name given twice, and on what
// does not decode to UTF-8.
Result<Form> parse_form(std::string_view encoded);

// The value of one parameter, without decoding the others.
Text find_parameter(std::string_view encoded, std::string_view name);

class QueryReader final : public MemberReader {
 public:
  // Of the whole form. All three outlive the reader. `action` names the entries of a batch.
  QueryReader(const Form& form, std::string_view action, std::optional<Error>& fault)
      : form_(form), action_(action), fault_(fault) {}

  Text text(std::string_view name) override;
  Text blob(std::string_view name) override;  // base64
  Integer integer(std::string_view name) override;
  Names names(std::string_view name) override;
  std::optional<AttributeMap> text_map(std::string_view name) override;
  void each_object(std::string_view name, const Visit& visit) override;
  void each_entry(std::string_view name, const VisitEntry& visit) override;

 private:
  // The number of each element, and what its parameters begin with: "Attribute.1".
  using Elements = std::set<std::pair<std::size_t, std::string>>;

  const std::string* find(const std::string& parameter) const;
  Elements elements(std::string_view name) const;
  void collect(const std::string& list, Elements& elements) const;
  std::string key_of(const std::string& element, std::string_view key_name);
  QueryReader at(const std::string& structure) const;
  void refuse(Error error);

  const Form& form_;
  std::string_view action_;
  std::optional<Error>& fault_;
  std::string prefix_;  // of this structure's parameters; empty or with a dot at its end
};

}  // namespace headrace::queue::sqs
