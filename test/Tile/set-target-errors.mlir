// A target is one attribute of the module, of one kind; the dialect refuses all else under its name.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4" --split-input-file --verify-diagnostics

// expected-error@+1 {{expected nothing but a #fixed.target as 'fixed.target' of the module, or a number above 1 as 'fixed.shares' of a function, but found 'fixed.target' = "znver4"}}
module attributes {fixed.target = "znver4"} {
}

// -----

// expected-error@+1 {{expected nothing but a #fixed.target as 'fixed.target' of the module, or a number above 1 as 'fixed.shares' of a function, but found 'fixed.cpu' = "znver4"}}
module attributes {fixed.cpu = "znver4"} {
}

// -----

// expected-error@+1 {{expected nothing but a #fixed.target as 'fixed.target' of the module, or a number above 1 as 'fixed.shares' of a function, but found 'fixed.target' = #fixed.target<triple = "x86_64", cpu = "znver4", features = "">}}
func.func private @function() attributes {fixed.target = #fixed.target<triple = "x86_64", cpu = "znver4", features = "">}

// -----

// expected-error@+1 {{struct is missing required parameter: features}}
module attributes {fixed.target = #fixed.target<triple = "x86_64", cpu = "znver4">} {
}
