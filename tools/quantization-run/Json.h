//===- Json.h - writes JSON -------------------------------------*- C++ -*-===//
//
// Part of quantization-opt. This file writes the few JSON values that quantization-run prints.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_RUN_JSON_H
#define QUANTIZATION_RUN_JSON_H

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace quantization {

/// An object whose members keep their order.
class JsonObject {
public:
  void add(const std::string &key, const std::string &value) { addRaw(key, quote(value)); }
  void add(const std::string &key, const char *value) { addRaw(key, quote(value)); }
  void add(const std::string &key, int64_t value) { addRaw(key, std::to_string(value)); }
  void add(const std::string &key, bool value) { addRaw(key, value ? "true" : "false"); }
  /// Infinities and NaN, which JSON lacks, become null.
  void add(const std::string &key, double value) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.9g", value);
    addRaw(key, std::isfinite(value) ? text : "null");
  }
  void add(const std::string &key, const std::vector<JsonObject> &values) {
    std::string list;
    for (const JsonObject &value : values)
      list += (list.empty() ? "\n  " : ",\n  ") + value.str();
    addRaw(key, "[" + list + "]");
  }
  void add(const std::string &key, const std::vector<std::string> &values) {
    std::string list;
    for (const std::string &value : values)
      list += (list.empty() ? "" : ", ") + quote(value);
    addRaw(key, "[" + list + "]");
  }
  std::string str() const { return "{" + members + "}"; }

private:
  static std::string quote(const std::string &text) {
    std::string quoted = "\"";
    for (char c : text) {
      char escape[8];
      if (c == '"' || c == '\\')
        quoted += '\\';
      if (static_cast<unsigned char>(c) < 0x20) {
        std::snprintf(escape, sizeof(escape), "\\u%04x", c);
        quoted += escape;
      } else {
        quoted += c;
      }
    }
    return quoted + "\"";
  }
  void addRaw(const std::string &key, const std::string &value) {
    members += (members.empty() ? "" : ", ") + quote(key) + ": " + value;
  }

  std::string members;
};

} // namespace quantization

#endif // QUANTIZATION_RUN_JSON_H
