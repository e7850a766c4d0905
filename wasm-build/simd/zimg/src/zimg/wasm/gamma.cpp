// Transfer functions by tables, with the precision of zimg's kernels for AVX2: those for SSE2 have fewer entries. Used
// only if approximate gamma is allowed.
//
// Derived from zimg's colorspace/x86/operation_impl_avx2.cpp, which is under the WTFPL, version 2.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>
#include <emmintrin.h>
#include "common/align.h"
#include "common/ccdep.h"
#include "common/make_unique.h"
#include "colorspace/gamma.h"
#include "colorspace/operation.h"

#include "gamma.h"

namespace zimg {
namespace colorspace {

namespace {

constexpr unsigned LUT_DEPTH = 16;
constexpr int32_t LUT_LIMIT = 1 << LUT_DEPTH;

// The nearest entry of a table from -0.5 to 1.5.
struct LinearIndex {
	static inline FORCE_INLINE v128_t index(v128_t x)
	{
		const v128_t scale = wasm_f32x4_const_splat(0.5f * LUT_LIMIT);
		const v128_t offset = wasm_f32x4_const_splat(0.25f * LUT_LIMIT);

		v128_t index = _mm_cvtps_epi32(wasm_f32x4_add(wasm_f32x4_mul(x, scale), offset));

		index = wasm_i32x4_max(index, wasm_i32x4_const_splat(0));
		return wasm_i32x4_min(index, wasm_i32x4_const_splat(LUT_LIMIT));
	}
};

// The bits of the nearest number in half precision; infinity for all that are greater than the greatest one.
struct HalfIndex {
	static inline FORCE_INLINE v128_t index(v128_t x)
	{
		const v128_t half = wasm_f32x4_const_splat(0.5f);

		v128_t sign = wasm_v128_and(wasm_u32x4_shr(x, 16), wasm_i32x4_const_splat(0x8000));
		v128_t magnitude = wasm_f32x4_abs(x);
		// The smallest normal number is 2^-14. The distance of numbers at 0.5 in single precision is that of those
		// below it in half precision.
		v128_t is_small = wasm_f32x4_lt(magnitude, wasm_f32x4_const_splat(0x1p-14f));
		v128_t small = wasm_i32x4_sub(wasm_f32x4_add(magnitude, half), half);
		// To nearest, and to even if two are.
		v128_t odd = wasm_v128_and(wasm_u32x4_shr(magnitude, 13), wasm_i32x4_const_splat(1));
		v128_t normal = wasm_i32x4_add(magnitude, wasm_i32x4_const_splat(0xFFF - (112 << 23)));

		normal = wasm_u32x4_shr(wasm_i32x4_add(normal, odd), 13);
		normal = wasm_i32x4_min(normal, wasm_i32x4_const_splat(0x7C00));
		return wasm_v128_or(wasm_v128_bitselect(small, normal, is_small), sign);
	}
};

// The addresses of four entries, of which each is a shift and a load away.
template <class Index>
inline FORCE_INLINE v128_t addresses(const float *lut, v128_t x)
{
	v128_t index = wasm_i32x4_shl(Index::index(x), 2);
	return wasm_i32x4_add(index, wasm_i32x4_splat(static_cast<int32_t>(reinterpret_cast<uintptr_t>(lut))));
}

inline FORCE_INLINE float at(uint64_t address)
{
	return *reinterpret_cast<const float *>(static_cast<uintptr_t>(static_cast<uint32_t>(address)));
}

template <class Index>
void lut_filter_line(const float *lut, const float *src, float *dst, unsigned left, unsigned right)
{
	unsigned vec_left = std::min(ceil_n(left, 4), right);
	unsigned vec_right = std::max(floor_n(right, 4), vec_left);

	for (unsigned j = left; j < vec_left; ++j) {
		dst[j] = at(wasm_i64x2_extract_lane(addresses<Index>(lut, wasm_f32x4_splat(src[j])), 0));
	}
	for (unsigned j = vec_left; j < vec_right; j += 4) {
		v128_t address = addresses<Index>(lut, wasm_v128_load(src + j));
		uint64_t low = wasm_i64x2_extract_lane(address, 0);
		uint64_t high = wasm_i64x2_extract_lane(address, 1);

		dst[j + 0] = at(low);
		dst[j + 1] = at(low >> 32);
		dst[j + 2] = at(high);
		dst[j + 3] = at(high >> 32);
	}
	for (unsigned j = vec_right; j < right; ++j) {
		dst[j] = at(wasm_i64x2_extract_lane(addresses<Index>(lut, wasm_f32x4_splat(src[j])), 0));
	}
}

template <class Index>
class LutOperation final : public Operation {
	std::vector<float> m_lut;
public:
	explicit LutOperation(std::vector<float> lut) : m_lut(std::move(lut)) {}

	void process(const float * const *src, float * const *dst, unsigned left, unsigned right) const override
	{
		lut_filter_line<Index>(m_lut.data(), src[0], dst[0], left, right);
		lut_filter_line<Index>(m_lut.data(), src[1], dst[1], left, right);
		lut_filter_line<Index>(m_lut.data(), src[2], dst[2], left, right);
	}
};

float half_to_float(uint32_t half)
{
	float magnitude = wasm_f32x4_extract_lane(wasm_i32x4_splat((half & 0x7FFF) << 13), 0) * 0x1p112f;

	if ((half & 0x7C00) == 0x7C00)
		magnitude = half & 0x03FF ? NAN : INFINITY;
	return half & 0x8000 ? -magnitude : magnitude;
}

} // namespace


std::unique_ptr<Operation> create_gamma_operation_wasm(const TransferFunction &transfer, const OperationParams &params)
{
	if (!params.approximate_gamma)
		return nullptr;

	std::vector<float> lut(UINT16_MAX + 1);
	for (uint32_t i = 0; i <= UINT16_MAX; ++i) {
		lut[i] = transfer.to_gamma(half_to_float(i) * transfer.to_gamma_scale);
	}
	return ztd::make_unique<LutOperation<HalfIndex>>(std::move(lut));
}

std::unique_ptr<Operation> create_inverse_gamma_operation_wasm(const TransferFunction &transfer, const OperationParams &params)
{
	if (!params.approximate_gamma)
		return nullptr;

	std::vector<float> lut(LUT_LIMIT + 1);
	for (int32_t i = 0; i <= LUT_LIMIT; ++i) {
		float x = static_cast<float>(i) / LUT_LIMIT * 2.0f - 0.5f;
		lut[i] = transfer.to_linear(x) * transfer.to_linear_scale;
	}
	return ztd::make_unique<LutOperation<LinearIndex>>(std::move(lut));
}

} // namespace colorspace
} // namespace zimg
