//===- CostTables.cpp - a report for a terminal -----------------*- C++ -*-===//
//
// This file prints the costs of a report as tables.
//
//===----------------------------------------------------------------------===//

#include "quantization/Emit/Report.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Unicode.h"

using namespace quantization;
using llvm::json::Array;
using llvm::json::Object;

namespace {
/// Rows of cells; words are flush left, numbers flush right.
class Table {
public:
  /// `words` is the only column of words.
  explicit Table(size_t words = 0) : words(words) {}

  void row(std::vector<std::string> cells) { rows.push_back(std::move(cells)); }

  void print(llvm::raw_ostream &os) const {
    std::vector<size_t> widths;
    for (const auto &row : rows)
      for (size_t i = 0; i < row.size(); ++i) {
        widths.resize(std::max(widths.size(), i + 1));
        widths[i] = std::max(widths[i], widthOf(row[i]));
      }
    for (const auto &row : rows) {
      std::string line;
      for (size_t i = 0; i < row.size(); ++i) {
        std::string gap(widths[i] - widthOf(row[i]), ' ');
        line += (i ? "  " : "") + (i == words ? row[i] + gap : gap + row[i]);
      }
      os << llvm::StringRef(line).rtrim() << "\n";
    }
    os << "\n";
  }

private:
  size_t words;
  std::vector<std::vector<std::string>> rows;

  static size_t widthOf(const std::string &cell) { return llvm::sys::unicode::columnWidthUTF8(cell); }
};
} // namespace

static std::string integer(const Object &from, llvm::StringRef key) {
  auto value = from.getInteger(key);
  return value ? std::to_string(*value) : "-";
}
static std::string real(const Object &from, llvm::StringRef key, int digits, double factor = 1) {
  auto value = from.getNumber(key);
  std::string text = "-";
  if (value) {
    text.clear();
    llvm::raw_string_ostream(text) << llvm::format("%.*f", digits, *value * factor);
  }
  return text;
}
static std::string text(const Object &from, llvm::StringRef key) { return from.getString(key).value_or("").str(); }

static void printLayers(const Object &costs, llvm::raw_ostream &os) {
  Table table;
  table.row({"layer", "weights", "bits w/in/out", "M MAC", "weight bytes", "result bytes", "skippable %", "model µJ"});
  for (const auto &value : *costs.getArray("layers")) {
    const Object &layer = *value.getAsObject();
    table.row({text(layer, "layer"), text(layer, "weights_format"),
               integer(layer, "weight_bits") + "/" + integer(layer, "input_bits") + "/" + integer(layer, "result_bits"),
               real(layer, "multiplications", 3, 1e-6), integer(layer, "weight_bytes"), integer(layer, "activation_bytes"),
               real(layer, "zero_share", 1, 100), real(layer, "modelled_energy_uj", 3)});
  }
  table.print(os);
}

static void printTraffic(const Object &traffic, llvm::raw_ostream &os) {
  os << "Traffic, sublayers " << text(traffic, "sublayers") << ":\n";
  Table table;
  table.row({"stage", "elements", "weights", "bits", "weight bits"});
  for (const auto &value : *traffic.getArray("stages")) {
    const Object &stage = *value.getAsObject();
    table.row({text(stage, "stage") + (stage.getBoolean("counted").value_or(true) ? "" : " (not counted)"), integer(stage, "elements"),
               integer(stage, "weights"), integer(stage, "bits"), integer(stage, "weight_bits")});
  }
  table.row({"in all", integer(traffic, "elements"), integer(traffic, "weights")});
  table.print(os);
}

static void printTotals(const Object &costs, llvm::raw_ostream &os) {
  const Object &total = *costs.getObject("total"), &traffic = *costs.getObject("traffic"), &model = *costs.getObject("model");
  Table table(/*words=*/1);
  auto row = [&](const char *what, std::string value) { table.row({std::move(value), what}); };
  row("of the traffic in 32 bits, with weights read once for many samples", real(*traffic.getObject("batched"), "ratio", 4));
  row("of the same with weights read for each sample", real(*traffic.getObject("unbatched"), "ratio", 4));
  row("of the compute cost in 32 bits (multiplications x bits of both factors)", real(total, "compute_cost_ratio", 4));
  std::map<std::string, int64_t> byWidth; // in an order
  for (const auto &entry : *total.getObject("multiplications_by_width"))
    byWidth[entry.first.str()] = entry.second.getAsInteger().value_or(0);
  for (const auto &[widths, count] : byWidth)
    table.row({std::to_string(count), "multiplications " + widths});
  if (total.getInteger("multiplications_left") != total.getInteger("multiplications"))
    row("multiplications left, the others being additions and subtractions", integer(total, "multiplications_left") + " (" + real(total, "replaced_share", 1, 100) + " % replaced)");
  row("multiplications by zeros, which could be skipped", integer(total, "skippable_multiplications"));
  row("bytes of weights", integer(total, "weight_bytes"));
  row("bytes of weights and biases, all as wide as weights", integer(total, "parameter_bytes"));
  row("bytes of results of layers with weights", integer(total, "activation_bytes"));
  row("samples at a time from which these take more than the weights", integer(total, "activations_outweigh_weights_from_batch"));
  table.row({integer(total, "peak_live_bytes"), "bytes live at most, in layer \"" + text(total, "peak_live_in") + "\""});
  table.print(os);
  os << "The rest is " << text(model, "kind") << " (" << text(model, "table") << "):\n";
  Table modelled;
  modelled.row({"cycles", integer(model, "cycles")});
  if (const Array *unknown = model.getArray("no_row_for")) {
    modelled.print(os);
    os << "no energy: the table has no row for the widths of " << unknown->size() << " layers, \""
       << unknown->front().getAsString().value_or("") << "\" first\n";
    return;
  }
  const Object &saving = *model.getObject("saving_over_float");
  modelled.row({"energy", real(model, "energy_uj", 3) + " µJ", real(saving, "energy", 1, 100) + " % less than float"});
  modelled.row({"power", real(model, "power_mw", 2) + " mW", real(saving, "power", 1, 100) + " %"});
  modelled.row({"area", real(model, "area_mm2", 2) + " mm2", real(saving, "area", 1, 100) + " %"});
  modelled.print(os);
}

static void printFidelity(const Array &fidelity, llvm::raw_ostream &os) {
  os << "What formats lose, the worst first:\n";
  Table table;
  table.row({"layer", "", "format", "grid", "SQNR dB", "of channels", "saturated %", "zero %"});
  for (const auto &value : fidelity) {
    const Object &entry = *value.getAsObject();
    table.row({text(entry, "layer"), text(entry, "of"), text(entry, "format"), text(entry, "grid"), real(entry, "sqnr_db", 1), real(entry, "channel_sqnr_db", 1),
               real(entry, "saturated_share", 2, 100),
               real(entry, "zero_share", 1, 100)});
  }
  table.print(os);
}

static void printKernels(const Array &layers, const Object &code, llvm::raw_ostream &os) {
  os << "What computes them on " << text(code, "target") << ", with bytes as the code has them:\n";
  Table table;
  table.row({"layer", "kernel", "of weights", "live"});
  for (const auto &value : layers)
    if (const Object &entry = *value.getAsObject(); entry.get("packed_weight_bytes"))
      table.row({text(entry, "layer"), text(entry, "kernel"), integer(entry, "packed_weight_bytes"), integer(entry, "live_bytes")});
  table.print(os);
  os << "code: arena " << integer(code, "arena_bytes") << " bytes, constants " << integer(code, "constant_bytes") << " bytes\n";
}

void quantization::writeCostTables(const Object &report, llvm::raw_ostream &os) {
  const Object &costs = *report.getObject("costs");
  if (const Array *fidelity = report.getArray("fidelity"))
    printFidelity(*fidelity, os);
  printLayers(costs, os);
  printTraffic(*costs.getObject("traffic"), os);
  printTotals(costs, os);
  if (const Object *code = report.getObject("code"))
    printKernels(*report.getArray("layers"), *code, os);
  else
    os << "no code: " << text(report, "no_code_because") << "\n";
}
