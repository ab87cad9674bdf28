#include "base/metrics.hpp"

#include <charconv>

namespace headrace {

struct MetricsRegistry::Family {
  std::string help;
  const char* type = "untyped";
  std::map<std::string, Counter> counters;
  std::map<std::string, Gauge> gauges;
  std::map<std::string, Histogram> histograms;
};

namespace {

std::string label_text(const MetricLabels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ',';
    text += name + "=\"";
    for (const char c : value) {
      if (c == '\\' || c == '"') text += '\\';
      if (c == '\n') {
        text += "\\n";
      } else {
        text += c;
      }
    }
    text += '"';
  }
  return text;
}

std::string number_text(double value) {
  std::array<char, 40> digits{};
  char* const end = digits.data() + digits.size();
  return {digits.data(), std::to_chars(digits.data(), end, value, std::chars_format::fixed).ptr};
}

void line(std::string& out, const std::string& name, const std::string& labels,
          const std::string& value) {
  out += name;
  if (!labels.empty()) out += "{" + labels + "}";
  out += " " + value + "\n";
}

void histogram_lines(std::string& out, const std::string& name, const std::string& labels,
                     const Histogram& histogram) {
  const std::string comma = labels.empty() ? "" : labels + ",";
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < Histogram::kBounds.size(); ++i) {
    total += histogram.buckets()[i];
    line(out, name + "_bucket", comma + "le=\"" + number_text(Histogram::kBounds[i]) + "\"",
         std::to_string(total));
  }
  line(out, name + "_bucket", comma + "le=\"+Inf\"", std::to_string(histogram.count()));
  line(out, name + "_sum", labels, number_text(histogram.sum()));
  line(out, name + "_count", labels, std::to_string(histogram.count()));
}

}  // namespace

void Histogram::observe(double seconds) {
  ++count_;
  sum_ += seconds;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    if (seconds <= kBounds[i]) {
      ++buckets_[i];
      return;
    }
  }
}

MetricsRegistry::MetricsRegistry() = default;
MetricsRegistry::~MetricsRegistry() = default;

MetricsRegistry::Family& MetricsRegistry::family(std::string_view name, std::string_view help) {
  auto found = families_.find(name);
  if (found == families_.end()) {
    found = families_.emplace(std::string(name), std::make_unique<Family>()).first;
    found->second->help = help;
  }
  return *found->second;
}

Counter& MetricsRegistry::counter(std::string_view name, std::string_view help,
                                  const MetricLabels& labels) {
  Family& f = family(name, help);
  f.type = "counter";
  return f.counters[label_text(labels)];
}

Gauge& MetricsRegistry::gauge(std::string_view name, std::string_view help,
                              const MetricLabels& labels) {
  Family& f = family(name, help);
  f.type = "gauge";
  return f.gauges[label_text(labels)];
}

Histogram& MetricsRegistry::histogram(std::string_view name, std::string_view help,
                                      const MetricLabels& labels) {
  Family& f = family(name, help);
  f.type = "histogram";
  return f.histograms[label_text(labels)];
}

std::string MetricsRegistry::render() const {
  std::string out;
  for (const auto& [name, f] : families_) {
    out += "# HELP " + name + " " + f->help + "\n# TYPE " + name + " " + f->type + "\n";
    for (const auto& [labels, counter] : f->counters) {
      line(out, name, labels, std::to_string(counter.value()));
    }
    for (const auto& [labels, gauge] : f->gauges) {
      line(out, name, labels, std::to_string(gauge.value()));
    }
    for (const auto& [labels, histogram] : f->histograms) {
      histogram_lines(out, name, labels, histogram);
    }
  }
  return out;
}

}  // namespace headrace
