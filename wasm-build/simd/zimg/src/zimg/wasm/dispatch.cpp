// Chooses zimg's kernels for SSE and SSE2, which ./emmintrin.h compiles to WebAssembly, in place of zimg's own choice for
// the processors of x86. For ZIMG_CPU_NONE it is the code in C.
//
// Derived from zimg, which is under the WTFPL, version 2.
#include <memory>
#include <utility>
#include "common/cpuinfo.h"
#include "common/pixel.h"
#include "common/x86/cpuinfo_x86.h"
#include "colorspace/operation.h"
#include "colorspace/operation_impl.h"
#include "colorspace/x86/operation_impl_x86.h"
#include "depth/x86/depth_convert_x86.h"
#include "depth/x86/dither_x86.h"
#include "depth/x86/f16c_x86.h"
#include "graph/image_filter.h"
#include "resize/x86/resize_impl_x86.h"

#include "gamma.h"

namespace zimg {

// The default of zimg, which is 1 MiB.
unsigned long cpu_cache_size_x86() noexcept { return 0; }

bool cpu_has_fast_f16_x86(CPUClass) noexcept { return false; }

bool cpu_requires_64b_alignment_x86(CPUClass) noexcept { return false; }

namespace colorspace {

std::unique_ptr<Operation> create_matrix_operation_x86(const Matrix3x3 &m, CPUClass cpu)
{
	return cpu == CPUClass::NONE ? nullptr : create_matrix_operation_sse(m);
}

std::unique_ptr<Operation> create_gamma_operation_x86(const TransferFunction &transfer, const OperationParams &params, CPUClass cpu)
{
	return cpu == CPUClass::NONE ? nullptr : create_gamma_operation_wasm(transfer, params);
}

std::unique_ptr<Operation> create_inverse_gamma_operation_x86(const TransferFunction &transfer, const OperationParams &params, CPUClass cpu)
{
	return cpu == CPUClass::NONE ? nullptr : create_inverse_gamma_operation_wasm(transfer, params);
}

} // namespace colorspace


namespace depth {

left_shift_func select_left_shift_func_x86(PixelType pixel_in, PixelType pixel_out, CPUClass cpu)
{
	if (cpu == CPUClass::NONE)
		return nullptr;
	else if (pixel_in == PixelType::BYTE && pixel_out == PixelType::BYTE)
		return left_shift_b2b_sse2;
	else if (pixel_in == PixelType::BYTE && pixel_out == PixelType::WORD)
		return left_shift_b2w_sse2;
	else if (pixel_in == PixelType::WORD && pixel_out == PixelType::BYTE)
		return left_shift_w2b_sse2;
	else if (pixel_in == PixelType::WORD && pixel_out == PixelType::WORD)
		return left_shift_w2w_sse2;
	else
		return nullptr;
}

depth_convert_func select_depth_convert_func_x86(const PixelFormat &format_in, const PixelFormat &format_out, CPUClass cpu)
{
	if (cpu == CPUClass::NONE || pixel_is_integer(format_out.type))
		return nullptr;
	else if (format_in.type == PixelType::BYTE)
		return depth_convert_b2f_sse2;
	else if (format_in.type == PixelType::WORD)
		return depth_convert_w2f_sse2;
	else
		return nullptr;
}

depth_f16c_func select_depth_f16c_func_x86(bool to_half, CPUClass cpu)
{
	if (cpu == CPUClass::NONE)
		return nullptr;
	return to_half ? f16c_float_to_half_sse2 : f16c_half_to_float_sse2;
}

bool needs_depth_f16c_func_x86(const PixelFormat &format_in, const PixelFormat &format_out, CPUClass)
{
	return format_in.type == PixelType::HALF || format_out.type == PixelType::HALF;
}

dither_convert_func select_ordered_dither_func_x86(const PixelFormat &format_in, const PixelFormat &format_out, CPUClass cpu)
{
	PixelType pixel_in = format_in.type == PixelType::HALF ? PixelType::FLOAT : format_in.type;
	PixelType pixel_out = format_out.type;

	if (cpu == CPUClass::NONE)
		return nullptr;
	else if (pixel_in == PixelType::BYTE && pixel_out == PixelType::BYTE)
		return ordered_dither_b2b_sse2;
	else if (pixel_in == PixelType::BYTE && pixel_out == PixelType::WORD)
		return ordered_dither_b2w_sse2;
	else if (pixel_in == PixelType::WORD && pixel_out == PixelType::BYTE)
		return ordered_dither_w2b_sse2;
	else if (pixel_in == PixelType::WORD && pixel_out == PixelType::WORD)
		return ordered_dither_w2w_sse2;
	else if (pixel_in == PixelType::FLOAT && pixel_out == PixelType::BYTE)
		return ordered_dither_f2b_sse2;
	else if (pixel_in == PixelType::FLOAT && pixel_out == PixelType::WORD)
		return ordered_dither_f2w_sse2;
	else
		return nullptr;
}

dither_f16c_func select_dither_f16c_func_x86(CPUClass cpu)
{
	return cpu == CPUClass::NONE ? nullptr : f16c_half_to_float_sse2;
}

bool needs_dither_f16c_func_x86(CPUClass) { return true; }

std::unique_ptr<graph::ImageFilter> create_error_diffusion_x86(unsigned width, unsigned height, const PixelFormat &pixel_in, const PixelFormat &pixel_out, CPUClass cpu)
{
	return cpu == CPUClass::NONE ? nullptr : create_error_diffusion_sse2(width, height, pixel_in, pixel_out, cpu);
}

} // namespace depth


namespace resize {

std::unique_ptr<graph::ImageFilter> create_resize_impl_h_x86(const FilterContext &context, unsigned height, PixelType type, unsigned depth, CPUClass cpu)
{
	if (cpu == CPUClass::NONE)
		return nullptr;
	auto ret = create_resize_impl_h_sse2(context, height, type, depth);
	return ret ? std::move(ret) : create_resize_impl_h_sse(context, height, type, depth);
}

std::unique_ptr<graph::ImageFilter> create_resize_impl_v_x86(const FilterContext &context, unsigned width, PixelType type, unsigned depth, CPUClass cpu)
{
	if (cpu == CPUClass::NONE)
		return nullptr;
	auto ret = create_resize_impl_v_sse2(context, width, type, depth);
	return ret ? std::move(ret) : create_resize_impl_v_sse(context, width, type, depth);
}

} // namespace resize
} // namespace zimg
