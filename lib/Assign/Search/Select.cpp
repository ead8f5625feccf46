//===- Select.cpp - which of the evaluated points counts --------*- C++ -*-===//
//
// This file filters and selects points, as 1511.05236 does, under budgets, and as far as samples show that they are good.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Confidence.h"
#include "quantization/Assign/Search.h"
#include "llvm/ADT/Sequence.h"

namespace quantization {

double SearchGoal::boundOf(const Score &score, const Score &floats, double confidence, double weight) {
  if (confidence <= 0.5)
    return score.accuracy() / floats.accuracy();
  double lost = weight * *score.lost, kept = weight * (floats.right - *score.lost), won = weight * score.right - kept;
  return lowerRelativeAccuracy({kept, lost, won}, confidence);
}

int64_t SearchGoal::neededOf(const Score &floats) const {
  // The fewer samples differ, the more they show.
  auto holds = [&](int64_t right) {
    return isWithin(boundOf({right, floats.count, std::max<int64_t>(0, floats.right - right)}, floats), maxDrop);
  };
  int64_t low = std::max<int64_t>(0, static_cast<int64_t>((1 - maxDrop) * floats.right) - 1), high = floats.count + 1;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (holds(middle))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

int64_t SearchGoal::neededFor(double drop, const Score &floats) {
  SearchGoal counted;
  counted.maxDrop = drop, counted.confidence = 0.5;
  return counted.neededOf(floats);
}

bool SearchGoal::withinBudgets(const CandidateCosts &costs) const { return excess(costs) <= 1; }

double SearchGoal::excess(const CandidateCosts &costs) const {
  double largest = 0;
  for (auto [budget, value] : llvm::zip_equal(budgets, costs.values))
    if (budget)
      largest = std::max(largest, *budget > 0 ? value / *budget : value > 0 ? HUGE_VAL : 0);
  return largest;
}

/// Small where a point is good: its cost, what it lacks in accuracy, and by how much it exceeds budgets.
static std::array<double, 3> badness(const SearchPoint &point, const SearchGoal &goal) {
  return {point.costs[goal.minimize], -point.bound, std::max(1.0, goal.excess(point.costs))};
}

/// Of those that `counts` is true of, in the order given.
static std::vector<size_t> frontOf(llvm::ArrayRef<SearchPoint> points, const SearchGoal &goal, llvm::function_ref<bool(const SearchPoint &)> counts) {
  std::vector<size_t> some, front;
  std::vector<std::array<double, 3>> bad;
  for (auto [number, point] : llvm::enumerate(points))
    if (counts(point)) {
      some.push_back(number);
      bad.push_back(badness(point, goal));
    }
  for (size_t i = 0; i < some.size(); ++i) {
    auto beats = [&](size_t j) {
      bool asGood = llvm::all_of(llvm::zip_equal(bad[j], bad[i]), [](auto pair) { return std::get<0>(pair) <= std::get<1>(pair); });
      return j != i && asGood && (bad[i] != bad[j] || j > i);
    };
    if (llvm::none_of(llvm::seq(some.size()), beats))
      front.push_back(some[i]);
  }
  return front;
}

std::vector<SearchPoint> paretoFront(llvm::ArrayRef<SearchPoint> points, const SearchGoal &goal) {
  std::vector<SearchPoint> front;
  for (size_t number : frontOf(points, goal, [](const SearchPoint &) { return true; }))
    front.push_back(points[number]);
  return front;
}

static bool meets(const SearchPoint &point, const SearchGoal &goal) {
  return SearchGoal::isWithin(point.bound, goal.maxDrop) && goal.withinBudgets(point.costs);
}

const SearchPoint *bestFor(llvm::ArrayRef<SearchPoint> points, const SearchGoal &goal) {
  const SearchPoint *best = nullptr;
  for (const SearchPoint &point : points)
    if (meets(point, goal) && (!best || point.costs[goal.minimize] < best->costs[goal.minimize] ||
                               (point.costs[goal.minimize] == best->costs[goal.minimize] && point.bound >= best->bound)))
      best = &point;
  return best;
}

const SearchPoint *nearestFor(llvm::ArrayRef<SearchPoint> points, const SearchGoal &goal) {
  auto rank = [&](const SearchPoint &point) {
    bool isAccurate = SearchGoal::isWithin(point.bound, goal.maxDrop);
    return std::tuple(!isAccurate, isAccurate ? goal.excess(point.costs) : -point.bound, point.costs[goal.minimize], -point.bound);
  };
  const SearchPoint *nearest = nullptr;
  for (const SearchPoint &point : points)
    if (!nearest || rank(point) < rank(*nearest))
      nearest = &point;
  return nearest;
}

std::vector<size_t> finalistsOf(llvm::ArrayRef<SearchPoint> points, const SearchGoal &goal, bool areUniform, double below) {
  std::vector<size_t> front = frontOf(points, goal, [&](const SearchPoint &point) {
    return meets(point, goal) && llvm::all_equal(point.candidate.stages) == areUniform && point.costs[goal.minimize] < below;
  });
  auto costOf = [&](size_t number) { return points[number].costs[goal.minimize]; };
  llvm::sort(front, [&](size_t a, size_t b) { return costOf(a) < costOf(b); });
  // From the cheapest on, so that it is among them. Each step is a chance to end too early.
  constexpr double step = 1.03;
  std::vector<size_t> some;
  for (size_t number : front)
    if (some.empty() || costOf(number) >= step * costOf(some.back()))
      some.push_back(number);
  std::reverse(some.begin(), some.end());
  return some;
}

} // namespace quantization
