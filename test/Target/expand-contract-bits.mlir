// Weights that are 1 or -1, by values of few bits: counted, looked up in a table, or as bits that bytes are multiplied by.
// RUN: quantization-opt %s --expand-contract --canonicalize --cse --split-input-file | FileCheck %s
// RUN: sed "s/features = \"\"/features = \"\", emulated = true/" %s | quantization-opt --expand-contract --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=EMULATED --implicit-check-not=call_intrinsic

// A word of what is not 0, one of what is negative, and a count; a word of weights for 16 channels. Counts of what is -1 add up in bytes;
// twice of them are taken off what is not 0.
// CHECK-LABEL: func.func @counted(
// CHECK-DAG: %[[ONES:.*]] = arith.constant dense<1> : vector<32xi16>
// CHECK-DAG: %[[MINUS_TWO:.*]] = arith.constant dense<-2> : vector<64xi8>
// CHECK: %[[W:.*]] = vector.load %{{.*}}[%c0] : memref<32xi32>, vector<16xi32>
// CHECK: %[[WORD:.*]] = memref.load %{{.*}}[%c0, %c0]
// CHECK: %[[NOT_ZERO:.*]] = vector.broadcast %[[WORD]] : i32 to vector<16xi32>
// CHECK: %[[NEGATIVE:.*]] = vector.broadcast %{{.*}} : i32 to vector<16xi32>
// CHECK: %[[COUNT0:.*]] = memref.load %{{.*}}[%c0, %c2]
// CHECK-NEXT: %[[SIGN:.*]] = arith.xori %[[W]], %[[NEGATIVE]]
// CHECK-NEXT: %[[MINUS:.*]] = arith.andi %[[SIGN]], %[[NOT_ZERO]]
// CHECK-NEXT: %[[BYTES:.*]] = vector.bitcast %[[MINUS]] : vector<16xi32> to vector<64xi8>
// CHECK-NEXT: %[[BITS0:.*]] = math.ctpop %[[BYTES]]
// CHECK-COUNT-3: math.ctpop
// CHECK: vector.load %{{.*}}[%c16] : memref<32xi32>, vector<16xi32>
// CHECK: %[[COUNT1:.*]] = memref.load %{{.*}}[%c0, %c5]
// CHECK: %[[BITS1:.*]] = math.ctpop
// CHECK-NEXT: %[[SUM:.*]] = arith.addi %[[BITS0]], %[[BITS1]] : vector<64xi8>
// CHECK-NEXT: %[[COUNT:.*]] = arith.addi %[[COUNT0]], %[[COUNT1]] : i32
// CHECK-COUNT-3: math.ctpop
// CHECK: %[[PAIRS:.*]] = llvm.call_intrinsic "llvm.x86.avx512.pmaddubs.w.512"(%[[SUM]], %[[MINUS_TWO]])
// CHECK-NEXT: %[[FOURS:.*]] = llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"(%[[PAIRS]], %[[ONES]])
// CHECK: %[[ALL:.*]] = vector.broadcast %[[COUNT]] : i32 to vector<16xi32>
// CHECK-NEXT: %[[Y:.*]] = arith.addi %[[FOURS]], %[[ALL]]
// CHECK: vector.store %[[Y]], %{{.*}}[%c0, %c0]
// EMULATED-LABEL: func.func @counted(
// EMULATED: %[[WIDE:.*]] = arith.extui %{{.*}} : vector<64xi8> to vector<64xi32>
// EMULATED: %[[TWICE:.*]] = arith.addi %[[SUM:.*]], %[[SUM]] : vector<16xi32>
// EMULATED: arith.subi %{{.*}}, %[[TWICE]]
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "">} {
func.func @counted(%x: memref<4x6xi32>, %w: memref<1x1x1x2x16x1xi32>, %y: memref<4x16xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, packing = 3 : i64, lowering = "count512-signed", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<4x6xi32>, memref<1x1x1x2x16x1xi32>, memref<4x16xi32>) -> ()
  return
}
}

// -----

// A code is the place of a row, of which signs of weights pick bytes; 2 steps are 8 too large. Byte 4 l + q is lane l of vector q.
// CHECK-LABEL: memref.global "private" constant @__sums_of_signs : memref<4096xi8> = dense<"0x{{(04){16}0503050305030503050305030503}}
// CHECK-LABEL: func.func @looked_up(
// CHECK-DAG: %[[HIGH:.*]] = arith.constant dense<16> : vector<8xi32>
// CHECK-DAG: %[[LOW:.*]] = arith.constant dense<65535> : vector<8xi32>
// CHECK-DAG: %[[RAISED:.*]] = arith.constant dense<8> : vector<8xi32>
// CHECK: %[[TABLE:.*]] = memref.get_global @__sums_of_signs
// CHECK: %[[SUM:.*]] = scf.for
// CHECK: %[[W:.*]] = vector.load %{{.*}} : memref<64xi8>, vector<32xi8>
// CHECK: %[[CODE:.*]] = memref.load %{{.*}} : memref<1x2xi16>
// CHECK-NEXT: %[[PLACE:.*]] = arith.index_castui %[[CODE]]
// CHECK-NEXT: %[[ROW:.*]] = vector.load %[[TABLE]][%[[PLACE]]] : memref<4096xi8>, vector<16xi8>
// CHECK-NEXT: %[[TWICE:.*]] = vector.shuffle %[[ROW]], %[[ROW]]
// CHECK-NEXT: llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"(%[[TWICE]], %[[W]])
// CHECK: %[[EVEN:.*]] = arith.andi %{{.*}} : vector<16xi16>
// CHECK: %[[ODD:.*]] = arith.shrui %{{.*}} : vector<16xi16>
// CHECK: %[[E:.*]] = vector.bitcast %[[EVEN]] : vector<16xi16> to vector<8xi32>
// CHECK-NEXT: %[[V0:.*]] = arith.andi %[[E]], %[[LOW]]
// CHECK-NEXT: %[[Y0:.*]] = arith.subi %[[V0]], %[[RAISED]]
// CHECK: %[[O:.*]] = vector.bitcast %[[ODD]]
// CHECK-NEXT: %[[V1:.*]] = arith.andi %[[O]], %[[LOW]]
// CHECK: %[[V2:.*]] = arith.shrui %[[E]], %[[HIGH]]
// CHECK: %[[V3:.*]] = arith.shrui %[[O]], %[[HIGH]]
// CHECK: vector.store %[[Y0]], %{{.*}}[%c0, %c0]
// EMULATED-LABEL: func.func @looked_up(
// EMULATED: vector.gather
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "">} {
func.func @looked_up(%x: memref<1x2xi16>, %w: memref<1x1x1x2x32x1xi8>, %y: memref<1x32xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "lookup256", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x2xi16>, memref<1x1x1x2x32x1xi8>, memref<1x32xi32>) -> ()
  return
}
}

// -----

// Bits of eight vectors of weights, each multiplied where it stands in its half of the byte; the sums of vector 3 are 8 times as large. Twice
// what they sum up, less the sum of all, and the bias.
// CHECK-LABEL: func.func @bits(
// CHECK-SAME: %[[X:.*]]: memref<1x8xi8>, %{{.*}}: memref<1x1x1x1x64x1xi8>, %[[B:.*]]: memref<64xi32>
// CHECK-DAG: %[[BIT0:.*]] = arith.constant dense<1> : vector<32xi8>
// CHECK-DAG: %[[BIT3:.*]] = arith.constant dense<8> : vector<32xi8>
// CHECK-DAG: %[[BY3:.*]] = arith.constant dense<3> : vector<8xi32>
// CHECK: %[[BYTES:.*]] = vector.load %{{.*}} : memref<64xi8>, vector<32xi8>
// CHECK-NEXT: %[[UPPER:.*]] = arith.shrui %[[BYTES]]
// CHECK-NEXT: arith.andi %[[BYTES]], %[[BIT0]]
// CHECK: arith.andi %[[BYTES]], %[[BIT3]]
// CHECK-NEXT: arith.andi %[[UPPER]], %[[BIT0]]
// CHECK-COUNT-8: pmadd.ub.sw
// CHECK: llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"(%{{.*}}, %[[BIT0]])
// CHECK-COUNT-9: pmadd.wd
// CHECK: %[[SUM3:.*]] = arith.shrsi %{{.*}}, %[[BY3]] :
// CHECK-NEXT: %[[TWICE:.*]] = arith.addi %[[SUM3]], %[[SUM3]]
// CHECK-NEXT: %[[LESS:.*]] = arith.subi %[[TWICE]], %{{.*}}
// CHECK-NEXT: %[[BIAS:.*]] = vector.load %[[B]][%c24]
// CHECK-NEXT: arith.addi %[[LESS]], %[[BIAS]]
// EMULATED-LABEL: func.func @bits(
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "">} {
func.func @bits(%x: memref<1x8xi8>, %w: memref<1x1x1x1x64x1xi8>, %b: memref<64xi32>, %y: memref<1x64xi32>) {
  "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, packing = 8 : i64, lowering = "maddub256x8-w1", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x8xi8>, memref<1x1x1x1x64x1xi8>, memref<64xi32>, memref<1x64xi32>) -> ()
  return
}
}

// -----

// A vector of 8 bytes by 32 channels: 4 tables, of which the lower bits of the weights pick for the first four values and the upper for the
// others. The bias has the sum of all values; twice what the weights of -1 take is taken off, 16 times that for the upper bits.
// CHECK-LABEL: func.func @picked(
// CHECK-SAME: %[[X:.*]]: memref<1x16xi32>, %{{.*}}: memref<1x1x1x1x32x1xi8>, %[[B:.*]]: memref<32xi32>
// CHECK-DAG: %[[NIBBLE:.*]] = arith.constant dense<15> : vector<32xi8>
// CHECK-DAG: %[[FOUR:.*]] = arith.constant dense<4> : vector<32xi8>
// CHECK-DAG: %[[EIGHT:.*]] = arith.constant dense<8> : vector<16xi16>
// CHECK-DAG: %[[LOW:.*]] = arith.constant dense<65535> : vector<8xi32>
// CHECK-DAG: %[[BY1:.*]] = arith.constant dense<1> : vector<8xi32>
// CHECK-DAG: %[[BY5:.*]] = arith.constant dense<5> : vector<8xi32>
// CHECK: %[[A0:.*]] = vector.load %[[B]][%c0]
// CHECK: %[[BYTES:.*]] = vector.load %{{.*}} : memref<32xi8>, vector<32xi8>
// CHECK-NEXT: %[[FIRST:.*]] = arith.andi %[[BYTES]], %[[NIBBLE]]
// CHECK-NEXT: %[[SECOND:.*]] = arith.shrui %[[BYTES]], %[[FOUR]]
// CHECK-NEXT: %[[WORDS:.*]] = vector.load %[[X]][%c0, %c0] : memref<1x16xi32>, vector<4xi32>
// CHECK-NEXT: %[[SUMS:.*]] = vector.bitcast %[[WORDS]] : vector<4xi32> to vector<16xi8>
// CHECK-NEXT: %[[TABLE:.*]] = vector.shuffle %[[SUMS]], %[[SUMS]]
// CHECK-NEXT: %[[P0:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"(%[[TABLE]], %[[FIRST]])
// CHECK: %[[P1:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"(%{{.*}}, %[[FIRST]])
// CHECK: %[[P2:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"(%{{.*}}, %[[SECOND]])
// CHECK-NEXT: %[[LOWER:.*]] = arith.addi %[[P0]], %[[P2]] : vector<32xi8>
// CHECK: %[[P3:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"(%{{.*}}, %[[SECOND]])
// CHECK-NEXT: arith.addi %[[P1]], %[[P3]] : vector<32xi8>
// CHECK-NEXT: %[[BOTH:.*]] = vector.bitcast %[[LOWER]] : vector<32xi8> to vector<16xi16>
// CHECK: %[[UP:.*]] = arith.shrui %[[BOTH]], %[[EIGHT]]
// CHECK: %[[V0:.*]] = arith.andi %{{.*}}, %[[LOW]]
// CHECK-NEXT: %[[T0:.*]] = arith.shli %[[V0]], %[[BY1]]
// CHECK-NEXT: %[[L0:.*]] = arith.subi %[[A0]], %[[T0]]
// CHECK: %[[U0:.*]] = arith.shli %{{.*}}, %[[BY5]]
// CHECK-NEXT: %[[Y0:.*]] = arith.subi %[[L0]], %[[U0]]
// CHECK: vector.store %[[Y0]], %{{.*}}[%c0, %c0]
// EMULATED-LABEL: func.func @picked(
// EMULATED: arith.cmpi eq
// EMULATED-NOT: pshuf
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "">} {
func.func @picked(%x: memref<1x16xi32>, %w: memref<1x1x1x1x32x1xi8>, %b: memref<32xi32>, %y: memref<1x32xi32>) {
  "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, channels = 8 : i64, packing = 16 : i64, lowering = "subsets256", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x16xi32>, memref<1x1x1x1x32x1xi8>, memref<32xi32>, memref<1x32xi32>) -> ()
  return
}
}
