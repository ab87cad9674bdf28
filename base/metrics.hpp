// Counters, gauges and histograms, and their Prometheus text. Loop thread only.
//
// Names: headrace_<room>_<noun>_<unit>. Whoever counts owns the metric's reference; the registry
// owns the metric and outlives them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headrace {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  void add(std::uint64_t n = 1) { value_ += n; }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

class Gauge {
 public:
  void set(std::int64_t value) { value_ = value; }
  void add(std::int64_t n) { value_ += n; }
  std::int64_t value() const { return value_; }

 private:
  std::int64_t value_ = 0;
};

// Durations in seconds, in buckets from 100 us to 900 s.
class Histogram {
 public:
  static constexpr std::array<double, 16> kBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                     0.01,   0.025,   0.05,   0.1,   0.5,    1,
                                                     5,      30,      120,    900};
  void observe(double seconds);
  std::uint64_t count() const { return count_; }
  double sum() const { return sum_; }
  const std::array<std::uint64_t, 16>& buckets() const { return buckets_; }  // not cumulative

 private:
  std::array<std::uint64_t, 16> buckets_{};
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

class MetricsRegistry {
 public:
  // The same name and labels give the same metric.
  Counter& counter(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help,
                       const MetricLabels& labels = {});

  // Prometheus text exposition 0.0.4, families by name.
  std::string render() const;

 private:
  struct Family;
  Family& family(std::string_view name, std::string_view help);
  std::map<std::string, std::unique_ptr<Family>, std::less<>> families_;

 public:
  MetricsRegistry();
  ~MetricsRegistry();
};

}  // namespace headrace
