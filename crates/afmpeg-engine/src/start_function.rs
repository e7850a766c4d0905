//! The linker's start function, and the part of its work that no job has to repeat.
//!
//! In a module with threads, the start function of the first instance copies the initial data of C's variables to memory
//! and fills `.bss` with zeros. In FFmpeg, this writes to 13 MiB: more pages than a small job otherwise touches, and most
//! of the cost of starting one. A job's memory is fresh, so the zeros are there already, and the data can be mapped
//! ([`MemoryImage`]).

use std::ops::Range;

use wasmer::sys::{
    FunctionMiddleware, MiddlewareReaderState, ModuleMiddleware,
    wasmparser::{BlockType, DataKind, Operator, Parser, Payload, TypeRef},
};
use wasmer_types::{DataIndex, LocalFunctionIndex, MiddlewareError, ModuleInfo};

use crate::memory_image::MemoryImage;

/// The operators of a write: its three operands, then the write.
const WRITE: usize = 4;

/// The most writes that are examined. The linker generates one for each segment of data, which are a handful.
const MAX_WRITES: usize = 64;

/// The operators of a start function that need not run, as the memory of a job has their results from the beginning.
#[derive(Debug, Default)]
pub(crate) struct StartFunction {
    /// Its number among the functions of the module itself, if the module has a start function of the known form.
    function: Option<LocalFunctionIndex>,
    /// The numbers of the first of the four operators of each write that is removed.
    removed: Vec<usize>,
    /// The numbers of the data segments that only the start function uses.
    segments: Vec<u32>,
    image: Option<MemoryImage>,
}

impl StartFunction {
    /// Reads the start function of a module. Without one in the form that the linker generates, nothing is removed.
    pub(crate) fn read(module: &[u8]) -> Self {
        Sections::read(module).and_then(|sections| sections.start_function()).unwrap_or_default()
    }

    /// Returns the initial data that the start function would have copied.
    pub(crate) fn image(&self) -> Option<&MemoryImage> {
        self.image.as_ref()
    }
}

/// The parts of a module that its start function depends on.
#[derive(Default)]
struct Sections<'a> {
    imported_functions: u32,
    memories: Vec<u64>,
    start: Option<u32>,
    bodies: u32,
    operators: Vec<Operator<'a>>,
    /// The data segments; `None` for one that is not passive.
    data: Vec<Option<&'a [u8]>>,
}

impl<'a> Sections<'a> {
    /// Reads as much as is needed. Damage is left to the compiler, whose error is better.
    fn read(module: &'a [u8]) -> Option<Self> {
        let mut sections = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload.ok()? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        match import.ok()?.ty {
                            TypeRef::Func(_) | TypeRef::FuncExact(_) => sections.imported_functions += 1,
                            TypeRef::Memory(memory) => sections.memories.push(memory.initial << 16),
                            _ => {}
                        }
                    }
                }
                Payload::MemorySection(memories) => {
                    for memory in memories {
                        sections.memories.push(memory.ok()?.initial << 16);
                    }
                }
                Payload::StartSection { func, .. } => sections.start = Some(func),
                Payload::CodeSectionEntry(body) => {
                    if sections.local_start() == Some(sections.bodies) {
                        let operators = body.get_operators_reader().ok()?;
                        sections.operators = operators.into_iter().collect::<Result<_, _>>().ok()?;
                    }
                    sections.bodies += 1;
                }
                Payload::DataSection(segments) => {
                    for segment in segments {
                        let segment = segment.ok()?;
                        let is_passive = matches!(segment.kind, DataKind::Passive);
                        sections.data.push(is_passive.then_some(segment.data));
                    }
                }
                _ => {}
            }
        }
        Some(sections)
    }

    fn local_start(&self) -> Option<u32> {
        self.start?.checked_sub(self.imported_functions)
    }

    fn start_function(&self) -> Option<StartFunction> {
        let function = LocalFunctionIndex::from_u32(self.local_start()?);
        // With several memories, the operators' memory index would matter as well.
        let &[memory] = self.memories.as_slice() else { return None };
        // An active segment is copied before the start function runs.
        let data: Vec<&[u8]> = self.data.iter().copied().collect::<Option<_>>()?;
        let Guarded { flag, start: writes_start, writes, dropped } = Guarded::read(&self.operators)?;

        let mut start = StartFunction { function: Some(function), ..StartFunction::default() };
        let (mut kept, mut pieces) = (Vec::new(), Vec::<(Range<u64>, &[u8])>::new());
        let mut used = Vec::new();
        for Write { first, last, place, value } in Write::read_all(writes)? {
            let is_over_kept = kept.iter().any(|other| overlap(&place, other));
            let is_alone = first + WRITE == last + 1;
            let can_move = is_alone && place.end <= memory && !is_over_kept;
            if overlap(&place, &flag) {
                return None;
            }
            let is_removed = match value {
                Value::Byte(byte) => {
                    can_move && byte == 0 && !pieces.iter().any(|(piece, _)| overlap(&place, piece))
                }
                Value::Segment { number, offset } => {
                    // A segment is used once, and moves as a whole.
                    if used.contains(&number) {
                        return None;
                    }
                    used.push(number);
                    let length = usize::try_from(place.end - place.start).ok()?;
                    let part = data.get(number as usize);
                    let part = part.and_then(|data| data.get(offset..offset.checked_add(length)?));
                    let part = part.filter(|_| can_move && dropped.contains(&number));
                    start.segments.extend(part.map(|_| number));
                    pieces.extend(part.map(|part| (place.clone(), part)));
                    part.is_some()
                }
            };
            if is_removed {
                start.removed.push(writes_start + first);
            } else {
                kept.push(place);
            }
        }
        start.image = MemoryImage::new(&pieces);
        (start.image.is_some() || pieces.is_empty()).then_some(start)
    }
}

fn overlap(one: &Range<u64>, other: &Range<u64>) -> bool {
    one.start < other.end && other.start < one.end
}

/// The parts of a start function in the form that the linker generates, as `createInitMemoryFunction` of LLVM's wasm-ld:
/// the first instance changes a flag from 0 to 1, writes to memory, stores 2 and wakes the others, which wait for that.
/// Each then drops the segments.
struct Guarded<'a> {
    /// The addresses of the flag.
    flag: Range<u64>,
    /// The number of the first operator of the writes.
    start: usize,
    writes: &'a [Operator<'a>],
    dropped: Vec<u32>,
}

impl<'a> Guarded<'a> {
    /// The operators before and after the writes.
    const HEAD: usize = 9;
    const TAIL: usize = 15;

    fn read(operators: &'a [Operator<'a>]) -> Option<Self> {
        use Operator::{
            Block, Br, BrTable, DataDrop, Drop, End, I32AtomicRmwCmpxchg, I32AtomicStore, I32Const, I64Const,
            MemoryAtomicNotify, MemoryAtomicWait32,
        };

        let (End, operators) = operators.split_last()? else { return None };
        let drops = operators.iter().rev().map_while(|operator| match operator {
            DataDrop { data_index } => Some(*data_index),
            _ => None,
        });
        let dropped: Vec<u32> = drops.collect();
        let operators = &operators[..operators.len() - dropped.len()];
        let (head, operators) = operators.split_at_checked(Self::HEAD)?;
        let (writes, tail) = operators.split_at_checked(operators.len().checked_sub(Self::TAIL)?)?;
        let flag = match head {
            [
                Block { blockty: BlockType::Empty },
                Block { blockty: BlockType::Empty },
                Block { blockty: BlockType::Empty },
                I32Const { value: flag },
                I32Const { value: 0 },
                I32Const { value: 1 },
                I32AtomicRmwCmpxchg { memarg },
                BrTable { targets },
                End,
            ] if memarg.offset == 0 && targets.default() == 2 => {
                let targets: Vec<u32> = targets.targets().collect::<Result<_, _>>().ok()?;
                (targets == [0, 1]).then_some(*flag)?
            }
            _ => return None,
        };
        let is_known = match tail {
            [
                I32Const { value: stored },
                I32Const { value: 2 },
                I32AtomicStore { memarg: store },
                I32Const { value: notified },
                I32Const { value: -1 },
                MemoryAtomicNotify { memarg: notify },
                Drop,
                Br { relative_depth: 1 },
                End,
                I32Const { value: awaited },
                I32Const { value: 1 },
                I64Const { value: -1 },
                MemoryAtomicWait32 { memarg: wait },
                Drop,
                End,
            ] => {
                [stored, notified, awaited].iter().all(|address| **address == flag)
                    && [store, notify, wait].iter().all(|memarg| memarg.offset == 0)
            }
            _ => false,
        };
        let flag = u64::from(flag.cast_unsigned());
        is_known.then_some(Self { flag: flag..flag + 4, start: Self::HEAD, writes, dropped })
    }
}

/// A write to memory with constant operands.
struct Write {
    /// The numbers of the operator of its first operand, and of its own.
    first: usize,
    last: usize,
    place: Range<u64>,
    value: Value,
}

enum Value {
    /// One byte, repeated.
    Byte(u32),
    /// The bytes of a data segment from an offset on.
    Segment { number: u32, offset: usize },
}

impl Write {
    /// Returns the writes that the operators consist of, apart from constants that are stored in globals: the linker
    /// stores the address of the thread-local variables. Returns `None` if there are others, or too many.
    fn read_all(operators: &[Operator<'_>]) -> Option<Vec<Self>> {
        // The constants on the stack, each with the number of its operator.
        let mut stack: Vec<(usize, u32)> = Vec::new();
        let mut writes = Vec::new();
        for (last, operator) in operators.iter().enumerate() {
            let segment = match operator {
                Operator::I32Const { value } => {
                    stack.push((last, value.cast_unsigned()));
                    continue;
                }
                Operator::GlobalSet { .. } => {
                    stack.pop()?;
                    continue;
                }
                Operator::MemoryFill { mem: 0 } => None,
                Operator::MemoryInit { mem: 0, data_index } => Some(*data_index),
                _ => return None,
            };
            let ((_, length), (_, from), (first, to)) = (stack.pop()?, stack.pop()?, stack.pop()?);
            let value = match segment {
                Some(number) => Value::Segment { number, offset: from as usize },
                None => Value::Byte(from),
            };
            writes.push(Self { first, last, place: u64::from(to)..u64::from(to) + u64::from(length), value });
        }
        (writes.len() <= MAX_WRITES).then_some(writes)
    }
}

/// Removes the operators and the segments.
impl ModuleMiddleware for StartFunction {
    fn transform_module_info(&self, module: &mut ModuleInfo) -> Result<(), MiddlewareError> {
        for segment in &self.segments {
            module.passive_data.remove(&DataIndex::from_u32(*segment));
        }
        Ok(())
    }

    fn generate_function_middleware<'a>(
        &self,
        function: LocalFunctionIndex,
    ) -> Box<dyn FunctionMiddleware<'a> + 'a> {
        let is_start = self.function == Some(function);
        let removed = if is_start { self.removed.clone() } else { Vec::new() };
        Box::new(Function { removed, number: 0 })
    }
}

#[derive(Debug)]
struct Function {
    removed: Vec<usize>,
    /// The number of operators so far.
    number: usize,
}

impl<'a> FunctionMiddleware<'a> for Function {
    fn feed(
        &mut self,
        operator: Operator<'a>,
        state: &mut MiddlewareReaderState<'a>,
    ) -> Result<(), MiddlewareError> {
        let number = self.number;
        self.number += 1;
        if !self.removed.iter().any(|first| (*first..first + WRITE).contains(&number)) {
            state.push_operator(operator);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasmer::sys::wasmparser::{BinaryReader, MemArg, OperatorsReader};

    use super::*;

    const MEMORY: u64 = 2 << 16;

    fn write_of(operands: [i32; 3], last: Operator<'static>) -> Vec<Operator<'static>> {
        let constants = operands.map(|value| Operator::I32Const { value });
        constants.into_iter().chain([last]).collect()
    }

    fn fill(operands: [i32; 3]) -> Vec<Operator<'static>> {
        write_of(operands, Operator::MemoryFill { mem: 0 })
    }

    fn init(operands: [i32; 3]) -> Vec<Operator<'static>> {
        write_of(operands, Operator::MemoryInit { data_index: 0, mem: 0 })
    }

    const FLAG: i32 = 100_000;

    /// Returns the start function of these writes in the form of the linker, which drops the only segment at the end.
    fn operators(writes: &[Vec<Operator<'static>>]) -> Vec<Operator<'static>> {
        let memarg = MemArg { align: 2, max_align: 2, offset: 0, memory: 0 };
        let block = Operator::Block { blockty: BlockType::Empty };
        let constant = |value: i32| Operator::I32Const { value };
        // Two targets, 0 and 1, and the default 2.
        let table = BinaryReader::new(&[0x0e, 2, 0, 1, 2], 0);
        let Operator::BrTable { targets } = OperatorsReader::new(table).read().unwrap() else { panic!() };
        let head = vec![
            block.clone(),
            block.clone(),
            block,
            constant(FLAG),
            constant(0),
            constant(1),
            Operator::I32AtomicRmwCmpxchg { memarg },
            Operator::BrTable { targets },
            Operator::End,
        ];
        let tail = vec![
            constant(FLAG),
            constant(2),
            Operator::I32AtomicStore { memarg },
            constant(FLAG),
            constant(-1),
            Operator::MemoryAtomicNotify { memarg },
            Operator::Drop,
            Operator::Br { relative_depth: 1 },
            Operator::End,
            constant(FLAG),
            constant(1),
            Operator::I64Const { value: -1 },
            Operator::MemoryAtomicWait32 { memarg },
            Operator::Drop,
            Operator::End,
            Operator::DataDrop { data_index: 0 },
            Operator::End,
        ];
        [head, writes.concat(), tail].concat()
    }

    fn read_with(operators: Vec<Operator<'static>>, data: Option<&'static [u8]>) -> Option<StartFunction> {
        let (memories, data) = (vec![MEMORY], vec![data]);
        Sections { memories, start: Some(0), operators, data, ..Sections::default() }.start_function()
    }

    fn read(operators: Vec<Operator<'static>>) -> Option<StartFunction> {
        read_with(operators, Some(b"initial data"))
    }

    /// Returns the numbers of the removed writes among the operators between the guard and its end.
    fn removed(writes: &[Vec<Operator<'static>>]) -> Vec<usize> {
        let start = read(operators(writes)).unwrap();
        start.removed.iter().map(|number| number - Guarded::HEAD).collect()
    }

    #[test]
    fn zeros_are_left_out_where_memory_is_fresh() {
        let after_data = |operands| removed(&[init([1000, 0, 12]), fill(operands)]);
        assert_eq!(after_data([1012, 0, 2000]), [0, 4]);
        for (operands, reason) in [
            ([1011, 0, 10], "over earlier data"),
            ([2000, 7, 10], "not zeros"),
            ([131_000, 0, 100], "beyond the end, which traps"),
            ([-1, 0, 2], "beyond the address space"),
        ] {
            assert_eq!(after_data(operands), [0], "{reason}");
        }
        let after_fill = [fill([2000, 7, 10]), fill([2005, 0, 1]), fill([2010, 0, 1])];
        assert_eq!(removed(&after_fill), [8], "zeros over bytes that are not zero are kept");
    }

    #[test]
    fn data_moves_to_the_image_if_nothing_else_can_see_the_difference() {
        let moved = read(operators(&[init([1000, 8, 4])])).unwrap();
        assert_eq!(moved.segments, [0]);
        let image = moved.image().unwrap();
        assert_eq!(image.address(), 0);
        assert_eq!(&image.bytes().unwrap()[999..1005], b"\0data\0");

        for (writes, reason) in [
            ([fill([1003, 1, 1]), init([1000, 0, 12])], "over an earlier write that stays"),
            ([fill([0, 0, 1]), init([1000, 1, 12])], "beyond the segment, which traps"),
            ([fill([0, 0, 1]), init([131_068, 0, 12])], "beyond the end, which traps"),
        ] {
            let start = read(operators(&writes)).unwrap();
            assert!(start.image().is_none() && start.segments.is_empty(), "{reason}");
        }
    }

    /// The linker also stores the address of the thread-local variables, which each thread copies again.
    #[test]
    fn write_with_another_operator_in_it_stays() {
        let constant = Operator::I32Const { value: 1000 };
        let global = Operator::GlobalSet { global_index: 1 };
        let with_address =
            [vec![constant.clone(), constant, global], init([0, 0, 12])[1..].to_vec()].concat();
        assert_eq!(removed(&[with_address, fill([1000, 0, 1]), fill([2000, 0, 1])]), [10]);
    }

    #[test]
    fn start_functions_of_another_form_stay_as_they_are() {
        let known = operators(&[init([1000, 0, 12]), fill([2000, 0, 100])]);
        assert!(read(known.clone()).is_some());
        let writes = Guarded::HEAD..known.len() - Guarded::TAIL - 2;
        for at in 0..known.len() {
            let mut other = known.clone();
            let operator = other.remove(at);
            let may_lack = writes.contains(&at) || matches!(operator, Operator::DataDrop { .. });
            assert!(may_lack || read(other).is_none(), "without {operator:?}");
            let mut other = known.clone();
            other.insert(at, Operator::Nop);
            assert!(read(other).is_none(), "a nop at {at}");
        }
        assert!(read_with(known, None).is_none(), "an active segment is copied first");
        assert!(read(operators(&[fill([FLAG - 8, 0, 10])])).is_none(), "over the flag");
        assert!(
            read(operators(&[init([0, 0, 4]), init([8, 0, 4])])).is_none(),
            "a segment that is used again"
        );
        let many = vec![fill([0, 0, 0]); MAX_WRITES + 1];
        assert!(read(operators(&many)).is_none(), "too many writes");
    }

    #[test]
    fn segments_stay_if_they_can_be_used_later() {
        let mut kept = operators(&[init([1000, 0, 12])]);
        kept.retain(|operator| !matches!(operator, Operator::DataDrop { .. }));
        let start = read(kept).unwrap();
        assert!(start.removed.is_empty() && start.image().is_none());
    }
}
