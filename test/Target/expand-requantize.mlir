// RUN: quantization-opt %s --expand-requantize --split-input-file | FileCheck %s
// RUN: quantization-opt %s --expand-requantize --canonicalize --split-input-file | FileCheck %s --check-prefix=VALUES

// Half-even on scalars, in i64: half - 1 + (least bit kept), nothing where the shift is 0 (R1, R15).
// CHECK-LABEL: func.func @half_even(
// CHECK-SAME: %[[A:.*]]: i32, %[[AM:.*]]: i32, %[[AN:.*]]: i32)
// CHECK-NOT: fixed.requantize
// CHECK-DAG: %[[S:.*]] = arith.extsi %[[AN]] : i32 to i64
// CHECK-DAG: %[[X:.*]] = arith.extsi %[[A]] : i32 to i64
// CHECK-DAG: %[[XM:.*]] = arith.extsi %[[AM]] : i32 to i64
// CHECK: %[[P:.*]] = arith.muli %[[X]], %[[XM]] : i64
// CHECK-NEXT: %[[ONE:.*]] = arith.constant 1 : i64
// CHECK-NEXT: %[[POWER:.*]] = arith.shli %[[ONE]], %[[S]] : i64
// CHECK-NEXT: %[[HALF:.*]] = arith.shrui %[[POWER]], %[[ONE]] : i64
// CHECK-NEXT: %[[NONE:.*]] = arith.shrui %[[ONE]], %[[S]] : i64
// CHECK-NEXT: %[[ANY:.*]] = arith.subi %[[ONE]], %[[NONE]] : i64
// CHECK-NEXT: %[[LESS:.*]] = arith.subi %[[HALF]], %[[ANY]] : i64
// CHECK-NEXT: %[[KEPT:.*]] = arith.shrui %[[P]], %[[S]] : i64
// CHECK-NEXT: %[[ODD:.*]] = arith.andi %[[KEPT]], %[[ANY]] : i64
// CHECK-NEXT: %[[BIAS:.*]] = arith.addi %[[LESS]], %[[ODD]] : i64
// CHECK-NEXT: %[[BIASED:.*]] = arith.addi %[[P]], %[[BIAS]] : i64
// CHECK-NEXT: %[[R:.*]] = arith.shrsi %[[BIASED]], %[[S]] : i64
// CHECK-NEXT: %[[LOW:.*]] = arith.constant -3 : i64
// CHECK-NEXT: %[[MAX:.*]] = arith.maxsi %[[R]], %[[LOW]] : i64
// CHECK-NEXT: %[[HIGH:.*]] = arith.constant 252 : i64
// CHECK-NEXT: %[[MIN:.*]] = arith.minsi %[[MAX]], %[[HIGH]] : i64
// CHECK-NEXT: %[[Y:.*]] = arith.trunci %[[MIN]] : i64 to i32
// CHECK-NEXT: return %[[Y]]
func.func @half_even(%x: i32, %m: i32, %s: i32) -> i32 {
  %0 = fixed.requantize %x, %m, %s {rounding = 0 : i32, clamp = array<i64: -3, 252>, largest = 1000} : (i32, i32, i32) -> i32
  return %0 : i32
}

// Half-away: a tie below zero gets one less than half, again only where something is shifted out.
// CHECK-LABEL: func.func @half_away
// CHECK: %[[P:.*]] = arith.muli
// CHECK: %[[HALF:.*]] = arith.shrui
// CHECK: %[[ANY:.*]] = arith.subi
// CHECK-NEXT: %[[ALL:.*]] = arith.constant 63 : i64
// CHECK-NEXT: %[[SIGN:.*]] = arith.shrui %[[P]], %[[ALL]] : i64
// CHECK-NEXT: %[[LESS:.*]] = arith.andi %[[SIGN]], %[[ANY]] : i64
// CHECK-NEXT: %[[BIAS:.*]] = arith.subi %[[HALF]], %[[LESS]] : i64
// CHECK-NEXT: arith.addi %[[P]], %[[BIAS]] : i64
func.func @half_away(%x: i32, %m: i32, %s: i32) -> i32 {
  %0 = fixed.requantize %x, %m, %s {rounding = 1 : i32, clamp = array<i64: -3, 252>, largest = 1000} : (i32, i32, i32) -> i32
  return %0 : i32
}

// Half-up: half is added to the product, and that is all (R17). A value of 64 bits is not extended.
// CHECK-LABEL: func.func @half_up(
// CHECK-SAME: %[[X:[^:]*]]: i64
// CHECK-NOT: arith.extsi %[[X]]
// CHECK: %[[P:.*]] = arith.muli %[[X]],
// CHECK: %[[HALF:.*]] = arith.shrui
// CHECK-NEXT: %[[S:.*]] = arith.addi %[[P]], %[[HALF]] : i64
// CHECK-NEXT: arith.shrsi %[[S]],
func.func @half_up(%x: i64, %m: i32, %s: i32) -> i32 {
  %0 = fixed.requantize %x, %m, %s {rounding = 2 : i32, clamp = array<i64: -3, 252>, largest = 1000} : (i64, i32, i32) -> i32
  return %0 : i32
}

// -----

// Computed while compiling: 2.5, -2.5, 3.5, -3.5, 1.5, -1.5, 15, -15 (shift 0), just below a half, -1, 2.25; and beyond the clamp 7000 and
// -3500. Ties go to the even neighbour, away from zero, and up.
// VALUES-LABEL: func.func @values
// VALUES-DAG: %[[EVEN:.*]] = arith.constant dense<[2, -2, 4, -4, 2, -2, 15, -15, 0, -1, 2, 252, -100]> : vector<13xi32>
// VALUES-DAG: %[[AWAY:.*]] = arith.constant dense<[3, -3, 4, -4, 2, -2, 15, -15, 0, -1, 2, 252, -100]> : vector<13xi32>
// VALUES-DAG: %[[UP:.*]] = arith.constant dense<[3, -2, 4, -3, 2, -1, 15, -15, 0, -1, 2, 252, -100]> : vector<13xi32>
// VALUES: return %[[EVEN]], %[[AWAY]], %[[UP]]
func.func @values() -> (vector<13xi32>, vector<13xi32>, vector<13xi32>) {
  %x = arith.constant dense<[5, -5, 7, -7, 6, -6, 5, -5, 2147483647, -2147483648, 9, 1000, -1000]> : vector<13xi32>
  %m = arith.constant dense<[1, 1, 1, 1, 1, 1, 3, 3, 1073741824, 1073741824, 1073741824, 7, 7]> : vector<13xi32>
  %s = arith.constant dense<[1, 1, 1, 1, 2, 2, 0, 0, 62, 61, 32, 0, 1]> : vector<13xi32>
  %0 = fixed.requantize %x, %m, %s {rounding = 0 : i32, clamp = array<i64: -100, 252>, largest = 10000} : (vector<13xi32>, vector<13xi32>, vector<13xi32>) -> vector<13xi32>
  %1 = fixed.requantize %x, %m, %s {rounding = 1 : i32, clamp = array<i64: -100, 252>, largest = 10000} : (vector<13xi32>, vector<13xi32>, vector<13xi32>) -> vector<13xi32>
  %2 = fixed.requantize %x, %m, %s {rounding = 2 : i32, clamp = array<i64: -100, 252>, largest = 10000} : (vector<13xi32>, vector<13xi32>, vector<13xi32>) -> vector<13xi32>
  return %0, %1, %2 : vector<13xi32>, vector<13xi32>, vector<13xi32>
}

// A result that may leave 32 bits is clamped before its high bits go: 2147483647 * 2 is no -2.
// VALUES-LABEL: func.func @large
// VALUES: arith.constant dense<[252, -3]> : vector<2xi32>
func.func @large() -> vector<2xi32> {
  %x = arith.constant dense<[2147483647, -2147483647]> : vector<2xi32>
  %m = arith.constant dense<2> : vector<2xi32>
  %s = arith.constant dense<0> : vector<2xi32>
  %0 = fixed.requantize %x, %m, %s {rounding = 0 : i32, clamp = array<i64: -3, 252>, largest = 4294967294} : (vector<2xi32>, vector<2xi32>, vector<2xi32>) -> vector<2xi32>
  return %0 : vector<2xi32>
}

// -----

// Eight lanes as four even and four odd ones, each in the low word of 64 bits; a shift has no high word to be left in. Without an
// arithmetic shift of 64 bits, 2^62 makes the product positive; what it has become, 2^(62 - shift), is taken off again, in the lanes
// that hold it.
// CHECK-LABEL: func.func @lanes8(
// CHECK-SAME: %[[X:.*]]: vector<8xi32>, %[[M:.*]]: vector<8xi32>, %[[S:.*]]: vector<8xi32>)
// CHECK-DAG: %[[WORDS:.*]] = vector.bitcast %[[S]] : vector<8xi32> to vector<4xi64>
// CHECK-DAG: %[[LOW:.*]] = arith.constant dense<4294967295> : vector<4xi64>
// CHECK: %[[SE:.*]] = arith.andi %[[WORDS]], %[[LOW]] : vector<4xi64>
// CHECK: arith.constant dense<32> : vector<4xi64>
// CHECK-NEXT: %[[XE:.*]] = vector.bitcast %[[X]] : vector<8xi32> to vector<4xi64>
// CHECK-NEXT: %[[XL:.*]] = arith.shli %[[XE]], %[[BY32:.*]] :
// CHECK-NEXT: %[[XS:.*]] = arith.shrsi %[[XL]], %[[BY32]]
// CHECK: %[[ME:.*]] = vector.bitcast %[[M]] : vector<8xi32> to vector<4xi64>
// CHECK-NEXT: %[[ML:.*]] = arith.shli %[[ME]], %{{.*}} :
// CHECK-NEXT: %[[MS:.*]] = arith.shrsi %[[ML]], %{{.*}} :
// CHECK: %[[P:.*]] = arith.muli %[[XS]], %[[MS]] : vector<4xi64>
// CHECK: %[[OFFSET:.*]] = arith.constant dense<4611686018427387904> : vector<4xi64>
// CHECK-NEXT: %[[B:.*]] = arith.addi %{{.*}}, %[[OFFSET]] : vector<4xi64>
// CHECK-NEXT: %[[POSITIVE:.*]] = arith.addi %[[P]], %[[B]] : vector<4xi64>
// CHECK-NEXT: %[[RE:.*]] = arith.shrui %[[POSITIVE]], %[[SE]] : vector<4xi64>
// CHECK-NEXT: %[[EVEN:.*]] = vector.bitcast %[[RE]] : vector<4xi64> to vector<8xi32>
// CHECK-NEXT: %[[SPREAD:.*]] = vector.shuffle %[[S]], %[[S]] [1, 1, 3, 3, 5, 5, 7, 7]
// CHECK-NEXT: %[[WO:.*]] = vector.bitcast %[[SPREAD]] : vector<8xi32> to vector<4xi64>
// CHECK: %[[XO:.*]] = vector.shuffle %[[X]], %[[X]] [1, 1, 3, 3, 5, 5, 7, 7]
// CHECK: vector.shuffle %[[M]], %[[M]] [1, 1, 3, 3, 5, 5, 7, 7]
// CHECK: %[[ODD:.*]] = vector.bitcast %{{.*}} : vector<4xi64> to vector<8xi32>
// CHECK-NEXT: %[[ALL:.*]] = vector.shuffle %[[EVEN]], %[[ODD]] [0, 8, 2, 10, 4, 12, 6, 14]
// CHECK: %[[LEFT:.*]] = arith.subi %{{.*}}, %[[S]] : vector<8xi32>
// CHECK: %[[INWORD:.*]] = arith.cmpi slt, %[[LEFT]], %{{.*}} : vector<8xi32>
// CHECK: %[[POWER:.*]] = arith.shli
// CHECK: %[[GONE:.*]] = arith.select %[[INWORD]], %[[POWER]], %{{.*}} : vector<8xi1>, vector<8xi32>
// CHECK-NEXT: %[[R:.*]] = arith.subi %[[ALL]], %[[GONE]]
// CHECK: %[[MAX:.*]] = arith.maxsi %[[R]], %{{.*}} : vector<8xi32>
// CHECK: arith.minsi %[[MAX]], %{{.*}} : vector<8xi32>
func.func @lanes8(%x: vector<8xi32>, %m: vector<8xi32>, %s: vector<8xi32>) -> vector<8xi32> {
  %0 = fixed.requantize %x, %m, %s {rounding = 0 : i32, clamp = array<i64: -3, 252>, largest = 1000} : (vector<8xi32>, vector<8xi32>, vector<8xi32>) -> vector<8xi32>
  return %0 : vector<8xi32>
}

// The same value in all lanes is computed while compiling, up to the order of lanes: -2.5 to -2, -3 and -2. Shifted by 1, 2^61 is left
// of the offset: 2^61 - 2, - 3 and - 2, in whose low words it is not seen. Shifted by 31 it is 2^31, and 2^31 - 2 less as much is -2.
// VALUES-LABEL: func.func @splat8
// VALUES-DAG: %[[EVEN:.*]] = arith.constant dense<2305843009213693950> : vector<4xi64>
// VALUES-DAG: %[[AWAY:.*]] = arith.constant dense<2305843009213693949> : vector<4xi64>
// VALUES-DAG: %[[FAR:.*]] = arith.constant dense<2147483646> : vector<4xi64>
// VALUES-DAG: %[[OFFSET:.*]] = arith.constant dense<-2147483648> : vector<8xi32>
// VALUES: vector.bitcast %[[EVEN]]
// VALUES: vector.bitcast %[[EVEN]]
// VALUES-NOT: arith.subi
// VALUES: vector.bitcast %[[AWAY]]
// VALUES: vector.bitcast %[[AWAY]]
// VALUES-NOT: arith.subi
// VALUES: vector.bitcast %[[EVEN]]
// VALUES: vector.bitcast %[[EVEN]]
// VALUES-NOT: arith.subi
// VALUES: vector.bitcast %[[FAR]]
// VALUES: vector.bitcast %[[FAR]]
// VALUES-NEXT: %[[ALL:.*]] = vector.shuffle
// VALUES-NEXT: arith.subi %[[ALL]], %[[OFFSET]] : vector<8xi32>
func.func @splat8() -> (vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>) {
  %x = arith.constant dense<-5> : vector<8xi32>
  %1 = arith.constant dense<1> : vector<8xi32>
  %even = fixed.requantize %x, %1, %1 {rounding = 0 : i32, clamp = array<i64: -30, 252>, largest = 1000} : (vector<8xi32>, vector<8xi32>, vector<8xi32>) -> vector<8xi32>
  %away = fixed.requantize %x, %1, %1 {rounding = 1 : i32, clamp = array<i64: -30, 252>, largest = 1000} : (vector<8xi32>, vector<8xi32>, vector<8xi32>) -> vector<8xi32>
  %up = fixed.requantize %x, %1, %1 {rounding = 2 : i32, clamp = array<i64: -30, 252>, largest = 1000} : (vector<8xi32>, vector<8xi32>, vector<8xi32>) -> vector<8xi32>
  %m = arith.constant dense<1073741824> : vector<8xi32>
  %s = arith.constant dense<31> : vector<8xi32>
  %far = fixed.requantize %x, %m, %s {rounding = 0 : i32, clamp = array<i64: -30, 252>, largest = 1000} : (vector<8xi32>, vector<8xi32>, vector<8xi32>) -> vector<8xi32>
  return %even, %away, %up, %far : vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>
}

// -----

// Vectors of 512 bits come with an arithmetic shift of 64 bits.
// CHECK-LABEL: func.func @lanes16
// CHECK-NOT: 4611686018427387904
// CHECK-COUNT-2: arith.shrsi %{{.*}}, %{{.*}} : vector<8xi64>
// CHECK: vector.shuffle %{{.*}}, %{{.*}} [0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30]
// VALUES-LABEL: func.func @lanes16
// VALUES-LABEL: func.func @splat16
// VALUES: %[[V:.*]] = arith.constant dense<-2> : vector<8xi64>
// VALUES-COUNT-2: vector.bitcast %[[V]] : vector<8xi64> to vector<16xi32>
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "">} {
  func.func @lanes16(%x: vector<16xi32>, %m: vector<16xi32>, %s: vector<16xi32>) -> vector<16xi32> {
    %0 = fixed.requantize %x, %m, %s {rounding = 0 : i32, clamp = array<i64: -3, 252>, largest = 1000} : (vector<16xi32>, vector<16xi32>, vector<16xi32>) -> vector<16xi32>
    return %0 : vector<16xi32>
  }
  func.func @splat16() -> vector<16xi32> {
    %x = arith.constant dense<-5> : vector<16xi32>
    %1 = arith.constant dense<1> : vector<16xi32>
    %0 = fixed.requantize %x, %1, %1 {rounding = 0 : i32, clamp = array<i64: -30, 252>, largest = 1000} : (vector<16xi32>, vector<16xi32>, vector<16xi32>) -> vector<16xi32>
    return %0 : vector<16xi32>
  }
}

// -----

// Values of 64 bits, and results that need their high bits, are taken whole, lane by lane.
// CHECK-LABEL: func.func @wide
// CHECK-NOT: vector.shuffle
// CHECK: arith.muli %{{.*}}, %{{.*}} : vector<8xi64>
// CHECK: arith.trunci %{{.*}} : vector<8xi64> to vector<8xi32>
// CHECK: arith.muli %{{.*}}, %{{.*}} : vector<8xi64>
// CHECK: arith.trunci %{{.*}} : vector<8xi64> to vector<8xi32>
func.func @wide(%w: vector<8xi64>, %x: vector<8xi32>, %m: vector<8xi32>, %s: vector<8xi32>) -> (vector<8xi32>, vector<8xi32>) {
  %0 = fixed.requantize %w, %m, %s {rounding = 0 : i32, clamp = array<i64: -3, 252>, largest = 1000} : (vector<8xi64>, vector<8xi32>, vector<8xi32>) -> vector<8xi32>
  %1 = fixed.requantize %x, %m, %s {rounding = 0 : i32, clamp = array<i64: -3, 252>, largest = 2147483647} : (vector<8xi32>, vector<8xi32>, vector<8xi32>) -> vector<8xi32>
  return %0, %1 : vector<8xi32>, vector<8xi32>
}

// -----

// Half-up by 33 bits and more: what is shifted out of the lower half is less than a half. The high words of even and odd products, half of
// what is left to shift, and a shift of 32 bits.
// CHECK-LABEL: func.func @high_words(
// CHECK-SAME: %[[X:.*]]: vector<8xi32>, %[[M:.*]]: vector<8xi32>, %[[S:.*]]: vector<8xi32>)
// CHECK: %[[EVEN:.*]] = arith.muli {{.*}} : vector<4xi64>
// CHECK: %[[E:.*]] = vector.bitcast %[[EVEN]] : vector<4xi64> to vector<8xi32>
// CHECK: vector.shuffle %[[X]], %[[X]] [1, 1, 3, 3, 5, 5, 7, 7]
// CHECK: %[[ODD:.*]] = arith.muli {{.*}} : vector<4xi64>
// CHECK: %[[O:.*]] = vector.bitcast %[[ODD]] : vector<4xi64> to vector<8xi32>
// CHECK-NEXT: %[[HIGH:.*]] = vector.shuffle %[[E]], %[[O]] [1, 9, 3, 11, 5, 13, 7, 15]
// CHECK-NEXT: %[[BY32:.*]] = arith.constant dense<32> : vector<8xi32>
// CHECK-NEXT: %[[LEFT:.*]] = arith.subi %[[S]], %[[BY32]] : vector<8xi32>
// CHECK: %[[HALF:.*]] = arith.shrui %{{.*}}, %{{.*}} : vector<8xi32>
// CHECK-NEXT: %[[SUM:.*]] = arith.addi %[[HIGH]], %[[HALF]] : vector<8xi32>
// CHECK-NEXT: %[[R:.*]] = arith.shrsi %[[SUM]], %[[LEFT]] : vector<8xi32>
// CHECK-NOT: i64
// CHECK: return
// A shift of 32 would need the lower half.
// CHECK-LABEL: func.func @low_words(
// CHECK: arith.addi {{.*}} : vector<4xi64>
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver3", features = "">} {
  func.func @high_words(%x: vector<8xi32>, %m: vector<8xi32>, %s: vector<8xi32>) -> vector<8xi32> {
    %0 = fixed.requantize %x, %m, %s {rounding = 2 : i32, clamp = array<i64: 0, 255>, largest = 1000, least_shift = 33 : i64} : (vector<8xi32>, vector<8xi32>, vector<8xi32>) -> vector<8xi32>
    return %0 : vector<8xi32>
  }
  func.func @low_words(%x: vector<8xi32>, %m: vector<8xi32>, %s: vector<8xi32>) -> vector<8xi32> {
    %0 = fixed.requantize %x, %m, %s {rounding = 2 : i32, clamp = array<i64: 0, 255>, largest = 1000, least_shift = 32 : i64} : (vector<8xi32>, vector<8xi32>, vector<8xi32>) -> vector<8xi32>
    return %0 : vector<8xi32>
  }
}
