//===- NN.td - index of the nn dialect ---------------------*- tablegen -*-===//

#ifndef QUANTIZATION_NN_TD
#define QUANTIZATION_NN_TD

include "quantization/Dialect/NN/NNDialect.td"
include "quantization/Dialect/NN/NNAttributes.td"
include "quantization/Dialect/NN/NNInterfaces.td"
include "quantization/Dialect/NN/NNOps.td"

#endif // QUANTIZATION_NN_TD
