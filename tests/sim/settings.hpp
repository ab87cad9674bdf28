// Settings: the attributes of the queues, which clients change while messages flow, and the values
// an operation may have met.
#pragma once

#include <map>
#include <string>

#include "queue/queue_attributes.hpp"
#include "tests/sim/register.hpp"

namespace headrace::sim {

class Settings {
 public:
  // What the queue is created with: the attributes that are looked at.
  void define(const std::string& queue, const queue::AttributeMap& values);

  void asked(const std::string& queue, const queue::AttributeMap& values, Moment call);
  void answered(const std::string& queue, Moment call, Moment answer);
  void refused(const std::string& queue, Moment call);
  void server_died(Moment moment);

  // Whether an operation between these moments may have met the value.
  bool may_have_been(const std::string& queue, const std::string& name, const std::string& value,
                     Moment call, Moment answer) const;
  // False when it met no other value.
  bool may_have_differed(const std::string& queue, const std::string& name,
                         const std::string& value, Moment call, Moment answer) const;
  // The least and the greatest number it may have met; of a RedrivePolicy its maxReceiveCount,
  // which has no end when there is no policy.
  struct Range {
    std::int64_t least = 0;
    std::int64_t most = 0;
  };
  Range range(const std::string& queue, const std::string& name, Moment call, Moment answer) const;

  // By name.
  const std::map<std::string, Register>& of(const std::string& queue) const {
    return queues_.at(queue);
  }

 private:
  std::map<std::string, std::map<std::string, Register>> queues_;
};

}  // namespace headrace::sim
