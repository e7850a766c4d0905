// Derived from zimg, which is under the WTFPL, version 2.
#pragma once

#include <memory>

namespace zimg {
namespace colorspace {

struct OperationParams;
struct TransferFunction;
class Operation;

std::unique_ptr<Operation> create_gamma_operation_wasm(const TransferFunction &transfer, const OperationParams &params);
std::unique_ptr<Operation> create_inverse_gamma_operation_wasm(const TransferFunction &transfer, const OperationParams &params);

} // namespace colorspace
} // namespace zimg
